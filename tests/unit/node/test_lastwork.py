"""What an executor does when it is asked to stop."""

from __future__ import annotations

from roost.node.lastwork import LastWork
from roost.waiting import wait_for


def test_without_a_grace_it_stops_at_once() -> None:
    work = LastWork(0, ("false",))
    assert not work.begin()
    assert not work.is_done()


def test_the_stop_waits_until_the_jobs_have_ended() -> None:
    work = LastWork(600, ("true",))
    assert not work.is_done()
    assert work.begin()
    wait_for("it is done", lambda: work.is_done() or None, timeout_s=20)
    assert not work.is_done(), "that is told once"


def test_it_does_not_wait_for_longer_than_it_may() -> None:
    work = LastWork(0.01, ("sleep", "600"))
    assert work.begin()
    wait_for("it is done", lambda: work.is_done() or None, timeout_s=20)


def test_a_second_request_ends_the_wait() -> None:
    work = LastWork(600, ("sleep", "5"))
    assert work.begin()
    assert not work.begin()
    assert not work.is_done()
