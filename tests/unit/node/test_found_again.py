"""When the schedd starts anew for the sake of jobs that were cut off and found again."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

import pytest

from roost.node import foundagain, heldoff
from roost.node.foundagain import CALM_S, SHORTEST_S, FoundAgain

BROKEN = (
    "2026-11-28T18:46:10.282 (pid:{pid}) (D_ALWAYS) ({job}) ({pid}): Can no longer talk to condor_starter"
    " <10.0.0.2:46007>\n"
)
FORCED = (
    "2026-11-28T18:46:10.282 (pid:{pid}) (D_ALWAYS) ({job}) ({pid}): Failed to receive an update from the"
    " starter when expected, forcing disconnect\n"
)
FOUND = (
    "2026-11-28T18:46:15.567 (pid:{pid}) (D_ALWAYS) ({job}) ({pid}): Reconnect SUCCESS: connection"
    " re-established\n"
)
HELD = "2026-11-28T18:46:10.282 (pid:{pid}) (D_ALWAYS) ({job}) ({pid}): Job going into Hold state: "
SILENT = BROKEN.replace(
    "Can no longer talk to condor_starter", "Failed to contact startd, forcing disconnect from"
)


class Node:
    """A submit node: its shadows' log, the shadows that are alive, and how often its schedd started anew."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.alive = {48, 49}
        self.restarts = 0
        self.found_again = FoundAgain(log, lambda: self.alive, self._restart)

    def _restart(self) -> None:
        self.restarts += 1
        self.alive = set()

    def write(self, line: str, pid: int = 48, job: str = "1.1") -> None:
        with self.log.open("a") as file:
            file.write(line.format(pid=pid, job=job))


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(tmp_path / "ShadowLog")


@pytest.mark.parametrize("broken", [BROKEN, FORCED, SILENT])
def test_once_a_shadow_has_found_its_job_again(
    node: Node, broken: str, capsys: pytest.CaptureFixture[str]
) -> None:
    node.write(broken)
    node.found_again.step(0.0)
    assert node.restarts == 0, "there may be nothing left to save"
    node.write(FOUND)
    node.found_again.step(1.0)
    assert node.restarts == 1
    assert "the connection to job 1.1 broke" in capsys.readouterr().out
    node.found_again.step(SHORTEST_S + 1)
    assert node.restarts == 1


def test_not_for_a_shadow_that_took_a_running_job_over(node: Node) -> None:
    node.write(BROKEN, pid=48)
    node.write(FOUND, pid=49)
    node.found_again.step(0.0)
    assert node.restarts == 0


def test_not_for_what_users_write(node: Node) -> None:
    for line in (BROKEN, FORCED, FOUND):
        node.write(HELD.format(pid=49, job="1.2") + line.partition("(D_ALWAYS) ")[2])
        node.write(" " + line)
    node.write(HELD + "forcing disconnect\n")
    node.write(FOUND, pid=49, job="1.2")
    node.found_again.step(0.0)
    assert node.restarts == 0
    node.write(FOUND)
    node.found_again.step(SHORTEST_S)
    assert node.restarts == 0, "it was not broken"


def test_not_for_the_next_job_of_the_same_shadow(node: Node) -> None:
    node.write(BROKEN)
    node.write(FOUND, job="1.2")
    node.found_again.step(0.0)
    assert node.restarts == 0


def test_not_for_a_shadow_that_has_ended(node: Node) -> None:
    node.write(BROKEN)
    node.write(FOUND)
    node.alive = set()
    node.found_again.step(0.0)
    assert node.restarts == 0


def test_not_again_at_once_and_ever_more_seldom(node: Node) -> None:
    def break_and_find(pid: int) -> None:
        node.alive = {pid}
        for line in (BROKEN, FOUND):
            node.write(line, pid=pid)

    break_and_find(48)
    node.found_again.step(0.0)
    break_and_find(50)
    node.found_again.step(1.0)
    assert node.restarts == 1
    node.found_again.step(SHORTEST_S)
    assert node.restarts == 2, "it was not forgotten meanwhile"
    break_and_find(52)
    node.found_again.step(2 * SHORTEST_S)
    assert node.restarts == 2
    node.found_again.step(3 * SHORTEST_S)
    assert node.restarts == 3
    now = 3 * SHORTEST_S + CALM_S + 1
    for pid in (54, 56):
        break_and_find(pid)
        node.found_again.step(now)
        now += SHORTEST_S
    assert node.restarts == 5, "after an hour of calm it is as at first"


@pytest.mark.parametrize("heard", [True, False])
def test_the_schedd_is_not_left_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, heard: bool
) -> None:
    told: list[tuple[str, int]] = []

    def tell_master(*argv: str) -> bool:
        told.append((argv[0], len(list(tmp_path.iterdir()))))
        return heard

    monkeypatch.setattr(heldoff, "tell_master", tell_master)
    monkeypatch.setattr(foundagain, "tell_master", tell_master)
    monkeypatch.setattr(foundagain, "pids_of", lambda _program: set())
    for name in ("keep_off", "switch_on"):
        monkeypatch.setattr(foundagain, name, partial(getattr(heldoff, name), place=tmp_path))
    foundagain._restart_schedd()
    assert told == [("condor_off", 1), ("condor_on", 1)], "also where this process ends in between"
    heldoff.switch_on_forgotten(time.time() + heldoff.PATIENCE_S + 1, tmp_path)
    assert told[2:] == ([] if heard else [("condor_on", 1)])
