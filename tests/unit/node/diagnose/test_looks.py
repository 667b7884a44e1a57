"""What a node finds out about itself, from what HTCondor and the kernel write."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from roost.contract import Role
from roost.node.diagnose.config import find_unknown, names_set
from roost.node.diagnose.daemons import find_ends, look_at_daemons
from roost.node.diagnose.disks import look_at_disks
from roost.node.diagnose.limits import look_at_limits
from roost.node.diagnose.logs import last_trouble
from roost.node.diagnose.pool import read_ads
from roost.node.diagnose.processes import Process, find_processes
from roost.node.diagnose.road import look_at_road, refusal_in
from roost.node.diagnose.tokens import look_at_token
from roost.node.settings import Address, NodeSettings
from roost.nodefacts import LimitKind, Reach, TokenState
from tests.unit.node.test_credential import NOW, write_token

MASTER_LOG = """\
11/25/26 01:00:00 ** condor_master (CONDOR_MASTER) STARTING UP
11/25/26 01:00:01 The SCHEDD (pid 18) died due to signal 9 (Killed)
2026-11-25T01:22:06.000 ** condor_master (CONDOR_MASTER) STARTING UP
2026-11-25T01:22:08.000 (pid:7) (D_ERROR) The SCHEDD (pid 20) exited with status 4
2026-11-25T01:22:09.000 (pid:7) (D_ALWAYS) The STARTD (pid 21) exited with status 0
2026-11-25T01:22:10.000 (pid:7) (D_ERROR) The SCHEDD (pid 22) exited with status 44
""".splitlines()


def test_ends_count_since_the_last_start() -> None:
    assert find_ends(MASTER_LOG) == {
        "SCHEDD": ["exited with status 4", "exited with status 44"],
        "STARTD": ["exited with status 0"],
    }


def test_an_end_that_was_asked_for_begins_anew() -> None:
    asked = [
        *MASTER_LOG,
        "The SCHEDD (pid 23) exited with status 0",
        "The SCHEDD (pid 24) died due to x",
    ]
    assert find_ends(asked)["SCHEDD"] == ["exited with status 0", "died due to x"]


def test_daemons_by_their_processes() -> None:
    found = look_at_daemons(["MASTER", "SCHEDD", "STARTD"], [Process(9, "condor_schedd", 12.5)])
    schedd, startd = found
    assert (schedd.name, schedd.alive, schedd.age_s) == ("SCHEDD", True, 12.5)
    assert (startd.name, startd.alive, startd.age_s) == ("STARTD", False, None)


def test_the_last_error_is_worth_more_than_the_last_failure() -> None:
    lines = [
        "01:00 (D_ERROR) Can't open spool: Permission denied, token=abc123",
        "01:01 something failed",
        "01:02 Daemon Log is logging: D_ALWAYS D_ERROR",
    ]
    assert (
        last_trouble(lines)
        == "01:00 (D_ERROR) Can't open spool: Permission denied, token=[redacted]"
    )
    assert last_trouble(lines[1:]) == "01:01 something failed"
    assert last_trouble(["all is well", "Sent SIGTERM"]) == ""


CONFIG = """\
# A = 1
start = False
SCHEDD.MAX_JOBS_RUNNING = 3 \\
  B = 4
TEXT @=end
C = 5
@end
use SECURITY : Host_Based
"""


def test_names_that_are_set() -> None:
    assert list(names_set(CONFIG)) == ["START", "SCHEDD.MAX_JOBS_RUNNING", "TEXT", "USE SECURITY"]


def test_names_that_are_nearly_known() -> None:
    known = frozenset({"MAX_JOBS_RUNNING", "SLOT_TYPE_1", "START"})
    own = ["MAX_JOBS_RUNING", "SCHEDD.MAX_JOBS_RUNNING", "SLOT_TYPE_2", "MY_MACRO", "START"]
    assert list(find_unknown(own, known)) == [("MAX_JOBS_RUNING", "MAX_JOBS_RUNNING")]


def test_a_refusal_is_told_without_what_succeeded() -> None:
    said = (
        "READ command using (AES, AES, and IDTOKENS) succeeded as x\n"
        "ADVERTISE_STARTD failed!\n"
        'SECMAN:2010:Received "DENIED" from server for user x using method IDTOKENS.\n'
    )
    assert refusal_in(said) == (
        'ADVERTISE_STARTD failed!; SECMAN:2010:Received "DENIED" from server for user x'
        " using method IDTOKENS."
    )


def test_a_token_that_can_be_read(tmp_path: Path) -> None:
    scope = "condor:/READ condor:/ADVERTISE_STARTD other"
    token = look_at_token(write_token(tmp_path / "token", scope=scope))
    assert token.state is TokenState.READABLE
    assert token.allows == ("READ", "ADVERTISE_STARTD")
    assert (token.issuer, token.expires) == ("lab.pool", NOW + 60)


def test_tokens_that_cannot(tmp_path: Path) -> None:
    assert look_at_token(tmp_path / "none").state is TokenState.MISSING
    assert look_at_token(write_token(tmp_path / "open", mode=0o644)).state is TokenState.UNREADABLE
    for number, text in enumerate(("", "a.b.c", "nonsense", "W10.W10.x")):
        path = tmp_path / str(number)
        path.write_text(text)
        path.chmod(0o600)
        assert look_at_token(path).state is TokenState.UNREADABLE


def test_a_token_without_bounds(tmp_path: Path) -> None:
    token = look_at_token(write_token(tmp_path / "token", exp=None))
    assert (token.allows, token.expires) == (None, None)


def settings(host: str, port: int = 9618, role: Role = Role.EXECUTE) -> NodeSettings:
    return NodeSettings(role, "execute-1", "lab", Address(host, port))


def test_roads_that_end_early() -> None:
    assert look_at_road(settings("x", role=Role.MASTER)) is None
    unknown = look_at_road(settings("nowhere.invalid"))
    assert unknown
    assert unknown.reach is Reach.UNRESOLVED
    closed = look_at_road(settings("127.0.0.1", 1))
    assert closed
    assert (closed.reach, closed.detail) == (Reach.REFUSED, "Connection refused (127.0.0.1)")


def test_this_process_is_among_the_processes() -> None:
    (own,) = (one for one in find_processes() if one.pid == os.getpid())
    assert own.age_s > 0
    assert own.program.startswith(("python", "pytest"))


def test_the_limits_of_this_host() -> None:
    limits = look_at_limits([Process(os.getpid(), "condor_test", 1.0)])
    kinds = [limit.kind for limit in limits]
    assert LimitKind.INOTIFY in kinds
    assert all(0 <= limit.used <= limit.most for limit in limits)


def test_each_disk_once(tmp_path: Path) -> None:
    disks = look_at_disks([str(tmp_path), str(tmp_path), "/no/such/place"])
    assert [disk.device for disk in disks].count(tmp_path.stat().st_dev) == 1
    assert all(disk.total_bytes >= disk.free_bytes for disk in disks)


@pytest.mark.parametrize(("start", "starts"), [(False, False), (True, True), ("a && b", None)])
def test_ads(start: object, starts: bool | None) -> None:
    (ad,) = read_ads(
        [
            {
                "MyType": "Machine", "Name": "slot1@x", "Machine": "x", "LastHeardFrom": 90,
                "CondorVersion": "$CondorVersion: 23.9.6 2026 $", "Start": start,
                "MyAddress": "<172.20.0.2:9618?addrs=172.20.0.2-9618>", "SlotType": "Dynamic",
            }
        ],
        now=100,
    )  # fmt: skip
    assert (ad.version, ad.address, ad.heard_s) == ("23.9.6", "<172.20.0.2:9618", 10.0)
    assert ad.dynamic
    assert ad.starts is starts
