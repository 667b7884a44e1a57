"""What a hint names acts on the pool that the command was about, on an engine in memory."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Sequence

import pytest

from roost.commandline import command_line
from roost.engines.fake import FakeEngine
from roost.engines.protocol import Container, ExecResult
from tests.unit.cli.conftest import Roost
from tests.unit.cli.fakepool import Answer, FakePool
from tests.unit.jobs.conftest import json_lines, tar_bytes

Lab = Callable[..., str]
HELD = {"ClusterId": 12, "ProcId": 0, "JobStatus": 5, "HoldReason": "disk full", "Cmd": "x"}


def saying(value: object) -> Answer:
    def answer(_container: Container, _argv: Sequence[str]) -> ExecResult:
        return ExecResult(0, json.dumps(value).encode() + b"\n", b"")

    return answer


@pytest.fixture
def lab(roost: Roost) -> Lab:
    """What ``roost --pool lab`` says on stderr, where that pool is up."""

    def run(*arguments: str) -> str:
        return roost("--pool", "lab", *arguments).stderr

    assert roost("up", "--pool", "lab", "-n", "1").exit_code == 0
    return run


@pytest.mark.parametrize(
    "command",
    [
        "up --dry-run",
        "rm 12",
        "fetch 12 --to results",
        "logs execute-1",
        "shell submit",
        "exec submit -- condor_q",
        "exec submit condor_rm user-alice",
        "run -- hostname",
        "token revoke --undo execute-1",
    ],
)
def test_a_command_line_means_its_pool(roost: Roost, command: str) -> None:
    _roost, *arguments = shlex.split(command_line(command, "lab"))
    done = roost(*arguments)
    assert "pool lab" in done.stdout.lower() or "no pool 'lab'" in done.stderr


def test_a_job_on_hold(lab: Lab, pool: FakePool) -> None:
    pool.answers["job-wait"] = saying({"ended": [HELD]})
    told = lab("wait", "12")
    assert "job 12.0 was put on hold: disk full" in told
    assert "or remove it: roost rm 12 --pool lab\n" in told


def test_results_of_a_directory_that_is_not_here(lab: Lab, pool: FakePool) -> None:
    offer = {"submission": "s", "offer": "0f", "cwd": "/gone", "host": "elsewhere"}
    pool.answers["job-fetch"] = lambda *_: ExecResult(
        0, json_lines(offer, {"kind": "files"}) + tar_bytes({}), b""
    )
    assert "roost fetch 12 --to DIRECTORY --pool lab\n" in lab("fetch", "12")


def test_a_submit_node_that_is_stopped(lab: Lab, engine: FakeEngine) -> None:
    engine.stop("lab-submit")
    told = lab("jobs")
    assert "node submit of pool lab is not running" in told
    assert "start it with `roost up --pool lab`\n" in told


def test_a_node_that_is_not_there(lab: Lab) -> None:
    told = lab("exec", "execute-9", "--", "true")
    assert "pool lab has no node 'execute-9'" in told
    assert told.endswith("Hint: it has execute-1, master, submit\n")
    assert "Hint: `roost token rotate --pool lab` changes the key\n" in lab(
        "token", "revoke", "master"
    )


def test_a_pool_that_is_not_there(roost: Roost) -> None:
    told = roost("status", "--pool", "lab").stderr
    assert told.endswith("there is none yet; make one with `roost up --pool lab`\n")


def test_a_pool_that_does_not_get_ready(lab: Lab, pool: FakePool) -> None:
    pool.answers["watch"] = saying({"ready": [], "missing": ["execute-1"]})
    assert "Hint: see why: roost logs execute-1 --pool lab\n" in lab("up")


def test_a_node_that_is_shut_out(lab: Lab, pool: FakePool) -> None:
    told = lab("token", "revoke", "execute-1")
    assert "see `roost logs execute-1 --pool lab`.\n" in told
    assert "with `roost token revoke --undo execute-1 --pool lab`, or" in lab("up")
    pool.tokens.stubborn.add("execute-1")
    assert (
        "Hint: `roost up --pool lab` makes it anew; see why: roost logs execute-1 --pool lab\n"
        in lab("token", "revoke", "--undo", "execute-1")
    )


def test_users(lab: Lab) -> None:
    makes_one = "`roost token create --user NAME --pool lab`"
    assert f"it has none; {makes_one} makes one\n" in lab("token", "revoke", "--user", "eve")
    assert f"{makes_one} lets a user in again" in lab("token", "revoke", "--undo", "--user", "eve")
    lab("token", "create", "--user", "eve", "--address", "head.example.org")
    told = lab("token", "revoke", "--user", "eve")
    assert "`roost --pool lab exec submit condor_rm user-eve`" in told


def test_the_default_pool_where_another_one_is_at_hand(
    roost: Roost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROOST_POOL", "lab")
    told = roost("--pool", "roost", "status").stderr
    assert told.endswith("make one with `roost up --pool roost`\n")
    assert roost("status").stderr.endswith("make one with `roost up --pool lab`\n")


def test_an_engine_that_was_named_is_named_again(
    roost: Roost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("roost.engines.detect.shutil.which", lambda *_, **__: None)
    monkeypatch.setenv("CONTAINER_HOST", "")
    told = roost("status", "--engine", "podman", engine=None).stderr
    assert "run `roost setup --engine podman`, which installs" in told
    monkeypatch.setenv("ROOST_ENGINE", "podman")
    assert "run `roost setup`, which installs" in roost("status", engine=None).stderr
