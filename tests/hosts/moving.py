"""A pool on one host whose nodes stop, or end, and start again, each time at another address."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from roost.waiting import wait_for
from tests.hosts.host import Host
from tests.hosts.jobs import PATIENCE_S
from tests.hosts.pages import CODE

NETWORK = "moving"
SUBNET = "10.77.0"
ROLES = {"master": "master", "submit": "submit", "execute-1": "execute", "execute-2": "execute"}
"""The nodes, by the names of their containers. The master has that name for the others."""
_KINDS = {"Negotiator": "master", "Scheduler": "submit", "Machine": "execute", "Slot": "execute"}
_ATTRIBUTES = "MyType,Machine,MyAddress,SlotType,State"


class Run(NamedTuple):
    """One that ended by itself."""

    job: str
    began: str
    exit_code: str


class MovingPool:
    """Its addresses are drawn by ``chance``, also those that another node had before."""

    def __init__(self, host: Host, chance: random.Random) -> None:
        self.host = host
        self.chance = chance
        self._free = [f"{SUBNET}.{number}" for number in range(10, 20)]
        self.address: dict[str, str] = {}

    def make(self) -> None:
        """Start every node, and let in those that ask."""
        self.host.docker("network", "create", "--subnet", f"{SUBNET}.0/24", NETWORK)
        for node, role in ROLES.items():
            self.address[node] = self._free.pop()
            where = ["--network", NETWORK, "--ip", self.address[node], "--hostname", node]
            means = [] if role == "master" else ["-e", "MASTER=master"]
            cpus = ["-e", "ROOST_CPUS=2"] if role == "execute" else []
            argv = ["--name", node, *where, *means, *cpus, f"roost-{role}"]
            self.host.docker("run", "--detach", *argv)
        wait_for("the pool is there", self._let_in, timeout_s=PATIENCE_S, last_seen=self.state)

    def _let_in(self) -> bool | None:
        asked = self.inside("master", "roost-node", "approve", check=False)
        for code in CODE.findall(asked):
            self.inside("master", "roost-node", "approve", code, check=False)
        return self.is_whole()

    def inside(self, node: str, *command: str, check: bool = True) -> str:
        """What a command in a node prints."""
        return self.host.docker("exec", node, *command, check=check)

    def submit(self, lines: str) -> None:
        """Put jobs into the queue."""
        argv = ["docker", "exec", "-iu", "roost", "-w", "/tmp", "submit", "condor_submit"]
        done = self.host.run(*argv, input=lines)
        assert done.returncode == 0, done.stderr

    def stop(self, nodes: Sequence[str]) -> None:
        """As an operator does."""
        with ThreadPoolExecutor() as threads:
            list(threads.map(lambda node: self.host.docker("stop", node), nodes))

    def crash(self, nodes: Sequence[str]) -> None:
        """End them without a word."""
        self.host.docker("kill", *nodes)

    def start(self, nodes: Sequence[str]) -> None:
        """Start nodes that do not run, one after the other, each with an address that it did not have."""
        for node in nodes:
            self._free.append(self.address[node])
        for node in nodes:
            address = self.chance.choice([one for one in self._free if one != self.address[node]])
            self._free.remove(address)
            self.address[node] = address
            self.host.docker("network", "disconnect", "--force", NETWORK, node)
            self.host.docker("network", "connect", "--ip", address, NETWORK, node)
            self.host.docker("start", node)

    def ads(self) -> list[dict[str, Any]]:
        """What the collector holds; nothing where it does not answer."""
        argv = ["condor_status", "-any", "-json", "-attributes", _ATTRIBUTES]
        told = self.inside("master", *argv, check=False)
        try:
            found: list[dict[str, Any]] = json.loads(told)
        except ValueError:
            return []
        return [ad for ad in found if ad["MyType"] in _KINDS]

    def is_whole(self) -> bool | None:
        """Every node is known, at its address and at no other, and every slot that is claimed has a job."""
        ads = self.ads()
        known = {(_KINDS[ad["MyType"]], ad["Machine"].partition(".")[0], _host(ad)) for ad in ads}
        wanted = {(role, node, self.address[node]) for node, role in ROLES.items()}
        claimed = sum(ad.get("SlotType") == "Dynamic" and ad["State"] == "Claimed" for ad in ads)
        return (known == wanted and claimed <= len(self.jobs("JobStatus == 2"))) or None

    def jobs(self, constraint: str = "true") -> list[str]:
        """The ids of the jobs in the queue."""
        argv = ["condor_q", "-allusers", "-constraint", constraint, "-af:j", "JobStatus"]
        return [line.split()[0] for line in self.inside("submit", *argv, check=False).splitlines()]

    def runs(self) -> set[Run]:
        """How jobs ended. The history may have the same end twice, where the schedd was killed after the
        first time and before the job had left its queue for good (``DestroyProc`` in qmgmt.cpp)."""
        argv = ["condor_history", "-af:j", "JobCurrentStartDate", "ExitCode"]
        told = self.inside("submit", *argv, check=False).splitlines()
        return {Run(*line.split()) for line in told}

    def state(self) -> str:
        """For whom a test fails."""
        queue = self.inside("submit", "condor_q", "-allusers", "-nobatch", check=False)
        return f"{self.address}\n{self.ads()}\n{queue}"


def _host(ad: Mapping[str, Any]) -> str:
    return str(ad["MyAddress"]).strip("<>").partition("?")[0].rpartition(":")[0]
