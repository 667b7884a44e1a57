"""A machine that is no node of any pool: HTCondor's tools and bindings, and accounts of people."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from roost import Pool, contract
from roost.engines.protocol import ContainerSpec, File
from roost.images.model import BaseKind
from roost.images.recipe import plan_recipe
from roost.plan.names import network_name
from roost.waiting import wait_for
from tests.e2e.conftest import SUITE

_RIGHTS = ("CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID")
"""What useradd needs."""


@dataclass
class Outside:
    """A container of Debian with HTCondor's packages and nothing of Roost, on the pool's network, since its
    address is what is published. Beside it ``pool``, whose submit node it knows as ``schedd``."""

    pool: Pool
    schedd: str

    @property
    def name(self) -> str:
        return f"{self.pool.name}x-outside"

    def start(self) -> None:
        engine = self.pool.engine
        tags = [plan_recipe(SUITE, kind).htcondor.tag for kind in BaseKind]
        image = next(tag for tag in tags if engine.find_image(tag))
        engine.ensure_container(
            ContainerSpec(
                name=self.name,
                image=image,
                hostname="outside",
                network=network_name(self.pool.name),
                labels={contract.LABEL_POOL: f"{self.pool.name}x"},
                capabilities=_RIGHTS,
                command=("sleep", "3600"),
            )
        )
        engine.start(self.name)

    def stop(self) -> None:
        self.pool.engine.remove_container(self.name)

    @property
    def address(self) -> str:
        container = self.pool.engine.find_container(self.name)
        assert container and container.address
        return container.address

    def add(self, person: str, config: str, *tokens: str) -> None:
        """An account whose HTCondor is told ``config`` and has the tokens."""
        self.root(f"useradd -m {person} && id -u {person}")
        uid = int(self.root(f"id -u {person}"))
        home = PurePosixPath(person)
        files = [
            File(str(home / ".condor"), None, 0o700, uid, uid),
            File(str(home / ".condor/tokens.d"), None, 0o700, uid, uid),
            File(str(home / ".condor/user_config"), config.encode(), 0o600, uid, uid),
        ]
        files += [
            File(str(home / f".condor/tokens.d/{n}"), f"{token}\n".encode(), 0o600, uid, uid)
            for n, token in enumerate(tokens)
        ]
        self.pool.engine.put_files(self.name, "/home", files)

    def root(self, script: str) -> str:
        done = self.pool.engine.exec(self.name, ["sh", "-c", script])
        assert done.exit_code == 0, (script, done.stdout, done.stderr)
        return done.stdout.decode()

    def say(self, person: str, script: str, **settings: str) -> str:
        """Run a script as that person, in the person's home; all that it said."""
        home = f"/home/{person}"
        done = self.pool.engine.exec(
            self.name,
            ["sh", "-c", f"exec 2>&1; {script}"],
            user=person,
            workdir=home,
            environment={"HOME": home} | {f"_CONDOR_{key}": it for key, it in settings.items()},
        )
        return done.stdout.decode(errors="replace")

    def python(self, person: str, lines: str) -> str:
        """A script of the bindings; ``schedd`` is the submit node's."""
        program = f"import htcondor2, sys, time\nschedd = htcondor2.Schedd()\n{lines}"
        self.say(person, f"cat > script.py <<'END'\n{program}\nEND")
        return self.say(person, "python3 script.py")

    def submit(self, person: str, *lines: str, then: str = "") -> str:
        """``condor_submit -spool`` of these lines; the cluster, or all that was said where there is none."""
        body = "\n".join([*lines, "queue"])
        said = self.say(
            person,
            f"cat > job.sub <<'END'\n{body}\nEND\ncondor_submit -spool -terse job.sub {then}",
        )
        found = [line for line in said.splitlines() if line[:1].isdecimal()]
        return found[0].split(".")[0] if found else said

    def completed(self, person: str, cluster: str) -> None:
        wait_for(
            f"job {cluster} of {person} has ended",
            lambda: self.say(person, f"condor_q {cluster} -af JobStatus").split() == ["4"] or None,
            timeout_s=90,
            last_seen=lambda: self.say(person, f"condor_q {cluster} -af JobStatus HoldReason"),
        )

    def log_since(self, node: str, name: str) -> Callable[[], str]:
        """What a daemon logs from now on."""
        path = f"{contract.LOG_DIR}/{name}"
        size = int(self.on(node, f"stat -c %s {path}"))
        return lambda: self.on(node, f"tail -c +{size + 1} {path}")

    def on(self, node: str, script: str, user: str = "root") -> str:
        """Run a script in a node of the pool."""
        done = self.pool.exec(node, ["sh", "-c", script], user=user)
        assert done.exit_code == 0, (script, done.stdout, done.stderr)
        return done.stdout.decode()

    def settle(self) -> None:
        """What a daemon let in would be there by now."""
        time.sleep(0.5)
