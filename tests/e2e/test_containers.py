"""What the containers of a pool may do, as they run, and what the documentation says of that."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from roost import Pool, contract

DOCS = Path(__file__).parents[2] / "docs" / "capabilities.md"
CAPABILITIES = {0: "CHOWN", 1: "DAC_OVERRIDE", 5: "KILL", 6: "SETGID", 7: "SETUID"}
"""Numbers of linux/capability.h; any other one is told by its number, and no documentation says it."""
NODES = {"master": "master", "submit": "submit", "execute": "execute-1"}
SECCOMP_FILTER = "2"

_STATUS = r"""for d in /proc/[0-9]*; do
  [ -r $d/status ] && echo "@ ${d#/proc/}" && cat $d/status
done"""


def documented(role: str) -> set[str]:
    """The capabilities that the page names for a role."""
    rows = re.findall(rf"^\| {role} \| `([A-Z_]+)` \| (.+) \|$", DOCS.read_text(), re.MULTILINE)
    assert all(reason.endswith(".") for _, reason in rows)
    return {name for name, _ in rows}


def names(mask: str) -> set[str]:
    return {CAPABILITIES.get(bit, str(bit)) for bit in range(64) if int(mask, 16) >> bit & 1}


def processes(text: str) -> Iterator[dict[str, str]]:
    """``/proc/PID/status`` of each process, by its keys."""
    for block in text.split("@ ")[1:]:
        lines = [line.split(":\t", 1) for line in block.splitlines() if ":\t" in line]
        if lines:  # it may end between the look at it and the next
            yield dict(lines)


@pytest.mark.parametrize("role", list(NODES))
def test_every_process_has_the_capabilities_of_the_documentation(pool: Pool, role: str) -> None:
    wanted = documented(role)
    found = list(processes(pool.exec(NODES[role], ["sh", "-c", _STATUS]).stdout.decode()))

    first = next(one for one in found if one["Pid"] == "1")
    assert names(first["CapEff"]) == names(first["CapPrm"]) == names(first["CapBnd"]) == wanted
    daemons = [one for one in found if one["Name"].startswith("condor_")]
    assert len(daemons) >= 3, [one["Name"] for one in found]
    for one in found:
        assert names(one["CapBnd"]) == wanted, one["Name"]
        assert names(one["CapPrm"]) <= wanted, one["Name"]
        assert names(one["CapInh"]) == names(one["CapAmb"]) == set(), one["Name"]
        assert one["NoNewPrivs"] == "1", one["Name"]
        assert one["Seccomp"] == SECCOMP_FILTER, one["Name"]


def test_a_job_has_no_capability_and_cannot_get_one(pool: Pool) -> None:
    ran = pool.run(["cat", "/proc/self/status"])
    (job,) = processes("@ " + ran.stdout)
    assert int(job["Uid"].split()[0]) >= contract.SLOT_ACCOUNT_FIRST_UID
    for kind in ("CapEff", "CapPrm", "CapInh", "CapAmb"):
        assert names(job[kind]) == set(), kind
    assert (job["NoNewPrivs"], job["Seccomp"]) == ("1", SECCOMP_FILTER)


@pytest.mark.parametrize("node", NODES.values())
def test_only_the_named_places_can_be_written(pool: Pool, node: str) -> None:
    """By root, as the kernel's list of mounts has it and as writing has it."""
    mounts = pool.exec(node, ["cat", "/proc/mounts"]).stdout.decode().splitlines()
    writable = {mount.split()[1] for mount in mounts if mount.split()[3].split(",")[0] == "rw"}
    kernel = {place for place in writable if place.startswith(("/proc", "/sys", "/dev"))}
    engines = {"/etc/hosts", "/etc/hostname", "/etc/resolv.conf"}
    own = {contract.STATE_DIR, "/run", *contract.TEMPORARY_DIRS}
    assert own <= writable <= own | kernel | engines
    for place in ("/", "/etc", "/etc/condor/config.d", "/usr/lib/roost", "/root", "/var/log"):
        tried = pool.exec(node, ["touch", f"{place}/probe"])
        assert (tried.exit_code != 0) and b"Read-only file system" in tried.stderr, place
    modes = pool.exec(node, ["stat", "-c", "%a", *contract.TEMPORARY_DIRS]).stdout.split()
    assert modes == [b"1777"] * len(contract.TEMPORARY_DIRS)
    for place in own:
        assert (
            pool.exec(node, ["sh", "-c", f"touch {place}/probe && rm {place}/probe"]).exit_code == 0
        )


@pytest.mark.parametrize("node", NODES.values())
def test_nothing_of_the_host_is_inside(pool: Pool, node: str) -> None:
    known = pool.engine.inspect(f"{pool.name}-{node}")
    host = known["HostConfig"]
    assert host["ReadonlyRootfs"] is True
    assert host["Privileged"] is False
    modes = ("PidMode", "IpcMode", "UTSMode", "UsernsMode", "NetworkMode")
    assert not [mode for mode in modes if host.get(mode) == "host"]
    assert "unconfined" not in str(host["SecurityOpt"])
    assert not host.get("Devices")
    assert {mount["Type"] for mount in known["Mounts"]} == {"volume"}
    if pool.engine.capabilities.resource_limits:
        assert host["Memory"] > 0
        assert host["PidsLimit"] > 0
    sockets = pool.exec(node, ["find", "/", "-xdev", "-type", "s"])
    more = pool.exec(node, ["find", "/run", "/tmp", contract.STATE_DIR, "-type", "s"])
    assert not [
        s for s in (sockets.stdout + more.stdout).split() if b"docker" in s or b"podman" in s
    ]
    tables = pool.exec(node, ["cat", "/proc/self/mountinfo"]).stdout
    assert b".sock" not in tables
