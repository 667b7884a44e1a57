"""Steps that are taken again, whatever the machine refuses."""

from __future__ import annotations

import errno
import os
from functools import partial

import pytest

from roost.node.health.attempts import Attempts


def fail(number: int) -> None:
    raise OSError(number, os.strerror(number), "/some/file")


def test_what_is_refused_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    attempts = Attempts()
    for number in (errno.ENOSPC, errno.ENOSPC, errno.EAGAIN):
        attempts.take("memory of jobs", partial(fail, number))
    first, second = capsys.readouterr().out.splitlines()
    assert "memory of jobs: [Errno 28] No space left on device: '/some/file'" in first
    assert "memory of jobs: [Errno 11] Resource temporarily unavailable" in second


def test_it_is_said_again_when_it_was_well_in_between(capsys: pytest.CaptureFixture[str]) -> None:
    attempts = Attempts()
    for step in (lambda: fail(errno.ENOSPC), lambda: None, lambda: fail(errno.ENOSPC)):
        attempts.take("health", step)
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_what_is_no_refusal_of_the_machine_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        Attempts().take("health", lambda: 1 // 0)
