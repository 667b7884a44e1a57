"""Flags over a specification."""

from __future__ import annotations

import pytest

from roost.errors import ExitCode, UsageError
from roost.spec import PoolFileError, PoolSpec, Suite, overlay

SPEC = PoolSpec(name="lab", executors=4, apt=("gcc",))


def test_what_is_given_wins_and_the_rest_stays() -> None:
    changed = overlay(SPEC, executors=7, suite="forky", cpus=2, memory_mb=512)
    assert changed == PoolSpec(
        name="lab", suite=Suite.FORKY, executors=7, cpus=2, memory_mb=512, apt=("gcc",)
    )


def test_nothing_given_changes_nothing() -> None:
    assert overlay(SPEC) == SPEC


def test_one_bad_setting_is_said_plainly() -> None:
    with pytest.raises(UsageError) as caught:
        overlay(SPEC, executors=0)
    assert str(caught.value) == "executors: 0 executors are too few (give a number from 1 to 1000)"
    assert caught.value.exit_code is ExitCode.USAGE


def test_all_bad_settings_are_said_at_once() -> None:
    with pytest.raises(PoolFileError) as caught:
        overlay(SPEC, name="Lab", executors=-1, suite="sid", cpus=1, memory_mb=1)
    assert [problem.key for problem in caught.value.problems] == [
        *("name", "suite", "executors", "memory_mb")
    ]
