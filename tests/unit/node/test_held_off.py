"""Daemons that were switched off, by whom something happened to before they were switched on again."""

from __future__ import annotations

import os
import time
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from roost.node import drain, heldoff
from roost.node.health import main as health
from roost.node.heldoff import PATIENCE_S, forget, keep_off, switch_on, switch_on_forgotten

ON = ("condor_on", "-daemon", "startd")


class Master:
    """What condor_master is told; it hears it or not."""

    def __init__(self) -> None:
        self.told: list[tuple[str, ...]] = []
        self.hears = True

    def __call__(self, *argv: str) -> bool:
        self.told.append(argv)
        return self.hears


@pytest.fixture
def master(monkeypatch: pytest.MonkeyPatch) -> Master:
    made = Master()
    monkeypatch.setattr(heldoff, "tell_master", made)
    return made


def left_alone(place: Path, daemon: str = "startd") -> None:
    """It was kept off, and then for too long no more."""
    keep_off(daemon, place)
    (mark,) = place.iterdir()
    os.utime(mark, times=(0, time.time() - PATIENCE_S - 1))


def test_it_comes_on_where_nobody_keeps_it_off_any_more(
    master: Master, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    left_alone(tmp_path)
    switch_on_forgotten(time.time(), tmp_path)
    switch_on_forgotten(time.time() + 2 * PATIENCE_S, tmp_path)
    assert master.told == [ON]
    assert "the startd was left switched off" in capsys.readouterr().out


def test_it_stays_off_while_somebody_keeps_it_off(master: Master, tmp_path: Path) -> None:
    left_alone(tmp_path)
    keep_off("startd", tmp_path)
    switch_on_forgotten(time.time() + PATIENCE_S / 2, tmp_path)
    assert master.told == []


def test_it_is_asked_for_again_where_there_was_no_answer(master: Master, tmp_path: Path) -> None:
    master.hears = False
    left_alone(tmp_path)
    switch_on_forgotten(time.time(), tmp_path)
    switch_on_forgotten(time.time(), tmp_path)
    assert master.told == [ON]
    switch_on_forgotten(time.time() + 2 * PATIENCE_S, tmp_path)
    assert master.told == [ON] * 2


def test_who_switches_it_on_has_done_so(master: Master, tmp_path: Path) -> None:
    keep_off("startd", tmp_path)
    switch_on("startd", tmp_path)
    switch_on_forgotten(time.time() + 2 * PATIENCE_S, tmp_path)
    assert master.told == [ON]


def test_a_node_that_starts_holds_nothing_off(master: Master, tmp_path: Path) -> None:
    left_alone(tmp_path)
    (tmp_path / "settled").touch()
    forget(tmp_path)
    switch_on_forgotten(time.time(), tmp_path)
    assert master.told == []
    assert (tmp_path / "settled").exists()


def test_a_tool_that_fails_is_told_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert heldoff.tell_master("true")
    assert not heldoff.tell_master("sh", "-c", "echo no such daemon >&2; exit 1")
    assert "failed: no such daemon" in capsys.readouterr().out


def test_an_executor_that_drained_and_was_not_stopped_takes_jobs_again(
    master: Master, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marks: list[list[str]] = []
    startd = iter([True, True, False])
    monkeypatch.setattr(drain, "_POLL_S", 0.0)
    monkeypatch.setattr(drain, "_runs", lambda _program: next(startd))
    monkeypatch.setattr(
        drain, "_ask", lambda: marks.append([mark.name for mark in tmp_path.iterdir()])
    )
    monkeypatch.setattr(drain, "keep_off", partial(keep_off, place=tmp_path))
    assert drain.drain([]) == 0
    assert marks == [["held-off.startd"]], "before condor_off, which may be the last that it does"
    switch_on_forgotten(time.time(), tmp_path)
    assert master.told == [], "who asked may be about to stop it"
    switch_on_forgotten(time.time() + PATIENCE_S + 1, tmp_path)
    assert master.told == [ON]


def test_the_health_process_does_not_wait_for_a_daemon_that_is_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    daemons: dict[str, SimpleNamespace] = {}
    watch = SimpleNamespace(daemons=daemons, look=lambda _now: False)

    def switched_on(_now: float) -> None:
        daemons["STARTD"] = SimpleNamespace(started=0.0)

    monkeypatch.setattr(health, "GLANCE_S", 0.0)
    monkeypatch.setattr(health, "switch_on_forgotten", switched_on)
    health._await_daemon(watch, "STARTD")  # type: ignore[arg-type]
    assert daemons
