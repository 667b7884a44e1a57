"""``up``, ``status``, ``ls`` and ``down`` on an engine in memory."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from roost import contract
from roost.engines.fake import FakeEngine
from roost.engines.protocol import ContainerSpec, ExecResult, File
from roost.pool.nodes import read_file
from tests.unit.cli.conftest import Roost
from tests.unit.cli.fakepool import FakePool

CHANGING = ("ensure_", "remove_", "start", "stop", "put_", "build_", "pull_", "tag_", "import_")


def containers(engine: FakeEngine, pool: str = "roost") -> list[str]:
    return [one.name for one in engine.list_containers({contract.LABEL_POOL: pool})]


def changes(engine: FakeEngine) -> list[str]:
    return [call.method for call in engine.calls if call.method.startswith(CHANGING)]


def test_up_makes_a_pool_and_says_so(roost: Roost, engine: FakeEngine) -> None:
    result = roost("up", "-n", "3")
    assert result.exit_code == 0, result.stderr
    assert result.stdout == "Pool roost is ready with 3 executors on fake (5 created).\n"
    assert "Try: roost run -- hostname" in result.stderr
    assert len(containers(engine)) == 5


def test_up_again_changes_nothing(roost: Roost, engine: FakeEngine) -> None:
    roost("up")
    engine.calls.clear()
    result = roost("up")
    assert "(nothing to change)" in result.stdout
    assert changes(engine) == []


def test_up_json_is_all_of_stdout(roost: Roost) -> None:
    told = json.loads(roost("up", "-n", "1", "--json").stdout)
    assert told == {
        "pool": "roost",
        "engine": "fake",
        "created": ["master", "submit", "execute-1"],
        "recreated": [],
        "started": [],
        "removed": [],
        "kept": [],
    }


def test_up_reads_the_pool_file_here(roost: Roost, here: Path, engine: FakeEngine) -> None:
    (here / "roost.toml").write_text('version = 1\nname = "lab"\n[executors]\ncount = 4\n')
    assert "Pool lab is ready with 4 executors" in roost("up").stdout
    assert "Pool lab on fake: ready" in roost("status").stdout
    assert roost("down", "--yes").stdout == "Pool lab is gone.\n"


def test_up_warns_of_what_the_pool_file_overrides(roost: Roost, here: Path) -> None:
    text = 'version = 1\n[htcondor]\nconfig = "DAEMON_LIST = MASTER"\n'
    (here / "roost.toml").write_text(text)
    assert "warning: " in roost("up").stderr


@pytest.mark.parametrize("built", [False, True], ids=["without images", "with images"])
def test_dry_run_changes_nothing(roost: Roost, engine: FakeEngine, built: bool) -> None:
    if built:
        roost("build")
    engine.calls.clear()
    result = roost("up", "-n", "2", "--dry-run")
    assert result.exit_code == 0
    assert changes(engine) == []
    assert ("Images would be built" in result.stdout) is not built
    assert [line.split()[:2] for line in result.stdout.splitlines()[-4:]] == [
        ["master", "create"],
        ["submit", "create"],
        ["execute-1", "create"],
        ["execute-2", "create"],
    ]


def test_dry_run_of_a_pool_that_is_there(roost: Roost) -> None:
    roost("up", "-n", "2")
    told = json.loads(roost("up", "-n", "1", "--dry-run", "--json").stdout)
    assert told["images"]["built"]
    assert told["changes"]["remove"] == ["execute-2"]
    assert told["changes"]["keep"] == ["master", "submit", "execute-1"]
    assert [node["name"] for node in told["plan"]["nodes"]] == ["master", "submit", "execute-1"]
    assert "Nothing would change." in roost("up", "-n", "2", "--dry-run").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-n", "0"], "0 executors are too few"),
        (["-n", "-1"], "-1 executors are too few"),
        (["-n", "100000"], "100000 executors are too many"),
        (["-n", "many"], "'many' is not a valid integer"),
        (["--cpus", "0"], "0 CPUs for each executor are too few"),
        (["--memory", "lots"], "'lots' is not an amount of memory"),
        (["--memory", "1MB"], "too few"),
        (["--suite", "woody"], "'woody' is not a suite"),
        (["--timeout", "0"], "'0' is not a time from 1s to 366d"),
        (["--pool", "Not A Name"], "'Not A Name' is not a pool name"),
        (["-f", "nosuch.toml"], "there is no pool file nosuch.toml"),
    ],
)
def test_bad_input_is_refused_and_changes_nothing(
    roost: Roost, engine: FakeEngine, arguments: list[str], message: str
) -> None:
    result = roost("up", *arguments)
    assert result.exit_code == (1 if "nosuch" in message else 2)
    assert message in result.stderr
    assert "Hint: " in result.stderr
    assert engine.calls == []


def test_a_foreign_container_is_left_alone(roost: Roost, engine: FakeEngine) -> None:
    engine.pull_image("debian:trixie-slim")
    engine.ensure_network("other", {})
    engine.ensure_container(ContainerSpec("roost-submit", "debian:trixie-slim", "x", "other"))
    result = roost("up")
    assert result.exit_code == 1
    assert "a container roost-submit exists that is not of pool roost" in result.stderr
    assert containers(engine) == []


def test_status_names_the_pools_that_are_there(roost: Roost) -> None:
    roost("up", "--pool", "atlas")
    result = roost("status")
    assert result.exit_code == 1
    assert "there is no pool 'roost'" in result.stderr
    assert "atlas" in result.stderr


def test_status_json_keeps_its_keys(roost: Roost, pool: FakePool) -> None:
    roost("up", "-n", "1")
    pool.jobs["running"] = 7
    told = json.loads(roost("status", "--json").stdout)
    assert {"pool", "engine", "ready", "nodes", "slots", "jobs"} <= set(told)
    assert told["ready"] is True
    assert told["jobs"]["running"] == 7
    assert [node["name"] for node in told["nodes"]] == ["master", "submit", "execute-1"]


def test_status_tells_what_is_wrong_with_a_node(roost: Roost, pool: FakePool) -> None:
    roost("up", "-n", "1")
    assert [node["health"] for node in json.loads(roost("status", "--json").stdout)["nodes"]] == [
        "healthy", "healthy", "healthy",
    ]  # fmt: skip
    pool.health["submit"] = {"state": "degraded", "reasons": ["the SCHEDD is down", "no disk"]}
    said = roost("status").stdout
    assert "Pool roost on fake: ready" in said, "health is no condition of readiness"
    assert "\n\nsubmit is degraded: the SCHEDD is down; no disk\n\nSlots:" in said
    node = json.loads(roost("status", "--json").stdout)["nodes"][1]
    assert (node["health"], node["reason"]) == ("degraded", "the SCHEDD is down; no disk")


def test_status_tells_what_bounds_jobs(roost: Roost, pool: FakePool) -> None:
    roost("up", "-n", "2")
    policy = {"memory": "policy", "cpus": "container", "private_tmp": False}
    pool.limits = {"execute-1": policy, "execute-2": policy}
    words = "Limits of jobs: memory by policy, CPUs by container, /tmp shared"
    assert f"\n\n{words}\nSlots:" in roost("status").stdout
    nodes = json.loads(roost("status", "--json").stdout)["nodes"]
    assert [node["limits"] for node in nodes] == [None, None, policy, policy]
    pool.limits["execute-2"] = {"memory": "cgroup-v2", "cpus": "cgroup-v2", "private_tmp": True}
    said = roost("status").stdout
    assert f"{words} (execute-1)\n" in said
    assert "memory by cgroup-v2, CPUs by cgroup-v2, /tmp private (execute-2)\n" in said


def test_status_of_a_master_that_says_nothing(roost: Roost, pool: FakePool) -> None:
    roost("up", "-n", "1")
    pool.answers["observe"] = lambda _container, _argv: ExecResult(1, b"", b"no collector")
    result = roost("status")
    assert result.exit_code == 0
    assert "not ready" in result.stdout
    assert "starting" in result.stdout


def test_an_interval_is_of_a_watch(roost: Roost) -> None:
    roost("up")
    refused = roost("status", "--interval", "1")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "--interval is the time between two looks of --watch" in refused.stderr


def test_watch_shows_every_change(
    roost: Roost, pool: FakePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    roost("up", "-n", "1")
    running = iter([0, 1])

    def sleep(_seconds: float) -> None:
        try:
            pool.jobs["running"] = next(running)
        except StopIteration:
            raise KeyboardInterrupt from None

    monkeypatch.setattr("roost.cli.commands.status.time", SimpleNamespace(sleep=sleep))
    result = roost("status", "--watch", "--json")
    assert (result.exit_code, result.stderr) == (130, "")
    seen = [json.loads(line)["jobs"]["running"] for line in result.stdout.splitlines()]
    assert seen == [0, 1]


def test_ls(roost: Roost) -> None:
    assert "There is no pool on fake" in roost("ls").stderr
    roost("up", "--pool", "atlas", "-n", "1")
    roost("up", "--pool", "cms", "-n", "2")
    roost("down", "--pool", "atlas", "--keep-data")
    assert [line.split() for line in roost("ls").stdout.splitlines()[1:]] == [
        ["atlas", "0/0", "0", "3"],
        ["cms", "4/4", "2", "4"],
    ]
    told = json.loads(roost("ls", "--json").stdout)
    assert [one["pool"] for one in told] == ["atlas", "cms"]


def test_down_off_a_terminal_wants_consent(
    roost: Roost, engine: FakeEngine, pool: FakePool
) -> None:
    roost("up")
    pool.jobs |= {"idle": 1, "held": 2}
    result = roost("down")
    assert result.exit_code == 2
    assert "1 idle job, 2 held jobs in the queue" in result.stderr
    assert "--keep-data" in result.stderr
    assert len(containers(engine)) == 4


def test_down_leaves_nothing(roost: Roost, engine: FakeEngine) -> None:
    roost("up")
    assert roost("down", "--yes").stdout == "Pool roost is gone.\n"
    assert containers(engine) == []
    assert engine.list_volumes({}) == []
    assert engine.list_networks({}) == []


def test_down_keeps_data(roost: Roost, engine: FakeEngine) -> None:
    roost("up", "-n", "1")
    result = roost("down", "--keep-data")
    assert result.stdout == "Pool roost is down; its data stays, in 3 volumes.\n"
    assert len(engine.list_volumes({contract.LABEL_POOL: "roost"})) == 3
    assert roost("down").exit_code == 2
    assert json.loads(roost("down", "--yes", "--json").stdout)["volumes"] == [
        "roost-execute-1",
        "roost-master",
        "roost-submit",
    ]


def test_down_of_nothing_is_no_error(roost: Roost) -> None:
    result = roost("down", "--pool", "nosuch")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "There is no pool nosuch" in result.stderr


def test_build_tells_the_images(roost: Roost) -> None:
    told = json.loads(roost("build", "--json").stdout)
    assert told["htcondor"] == "23.9.6"
    assert told["images"]["submit"]["reference"] == "roost-submit:23.9.6-trixie"
    assert "roost-execute:23.9.6-trixie" in roost("build").stdout


def test_scale_changes_the_number_of_executors_alone(roost: Roost, engine: FakeEngine) -> None:
    roost("up", "-n", "2", "--cpus", "3")
    result = roost("scale", "4")
    assert result.stdout == "Pool roost is ready with 4 executors on fake (2 created).\n"
    result = roost("scale", "1")
    assert result.stdout == "Pool roost is ready with 1 executor on fake (3 removed).\n"
    assert "execute-1" in str(containers(engine))


@pytest.mark.parametrize("number", ["0", "-1", "100000"])
def test_scale_refuses_an_absurd_number(roost: Roost, engine: FakeEngine, number: str) -> None:
    roost("up")
    engine.calls.clear()
    result = roost("scale", "--", number)
    assert result.exit_code == 2
    assert number in result.stderr
    assert changes(engine) == []


def test_scale_names_the_pools_there_are(roost: Roost) -> None:
    roost("up", "--pool", "lab")
    result = roost("scale", "3")
    assert result.exit_code == 1
    assert "there is no pool 'roost'" in result.stderr
    assert "lab" in result.stderr


def test_up_without_a_word_keeps_what_was_said(roost: Roost, engine: FakeEngine) -> None:
    roost("up", "-n", "3", "--cpus", "2", "--memory", "1GB")
    assert "3 executors on fake (nothing to change)" in roost("up").stdout
    assert "(1 recreated)" not in roost("up", "--cpus", "2").stdout
    result = roost("up", "--cpus", "4")
    assert "3 executors on fake (3 recreated)" in result.stdout


def test_what_an_interrupted_scale_said_is_forgotten(roost: Roost, engine: FakeEngine) -> None:
    roost("up", "-n", "3")
    said = read_file(engine, "roost-master", contract.POOL_RECORD)
    assert said
    smaller = said.replace(b'"executors": 3', b'"executors": 2')
    assert smaller != said
    engine.put_files("roost-master", contract.STATE_DIR, [File("pool.json", smaller, mode=0o600)])
    assert "3 executors on fake (nothing to change)" in roost("scale", "3").stdout
    assert "3 executors on fake (nothing to change)" in roost("up").stdout


def test_the_pool_file_wins_over_what_the_pool_was_made_as(roost: Roost, here: Path) -> None:
    roost("up", "-n", "3")
    (here / "roost.toml").write_text("version = 1\n[executors]\ncount = 1\n")
    assert "with 1 executor on fake (2 removed)" in roost("up").stdout


def test_a_pool_that_does_not_tell_what_it_is_cannot_be_scaled(
    roost: Roost, engine: FakeEngine
) -> None:
    roost("up", "-n", "1")
    engine.put_files(
        "roost-master", contract.STATE_DIR, [File("pool.json", b'{"version": 99}', mode=0o600)]
    )
    result = roost("scale", "3")
    assert result.exit_code == 1
    assert "roost up --pool roost -n 3" in result.stderr


def test_the_pool_is_the_one_that_the_given_file_names(
    roost: Roost, here: Path, engine: FakeEngine
) -> None:
    (here / "roost.toml").write_text('version = 1\nname = "here"\n')
    (here / "other.toml").write_text('version = 1\nname = "other"\n')
    assert "Pool other is ready" in roost("up", "-f", "other.toml").stdout
    assert "Pool mine is ready" in roost("up", "-f", "other.toml", "--pool", "mine").stdout
    assert containers(engine, "here") == containers(engine, "roost") == []
