"""A submit node takes no more jobs than its container's memory holds."""

from __future__ import annotations

import re

import pytest

from roost.contract import Role
from roost.node.htcondor_config import render_config
from roost.node.settings import Address, NodeSettings


def knobs(memory_mb: int | None) -> dict[str, int]:
    settings = NodeSettings(Role.SUBMIT, "submit", "lab", Address("m"), memory_mb=memory_mb)
    found = re.findall(r"^(MAX_JOBS_\w+) = (\d+)$", render_config(settings), re.MULTILINE)
    return {name: int(number) for name, number in found}


@pytest.mark.parametrize("memory_mb", [1024, 4096, 16384, 262144])
def test_shadows_and_queue_fit_together(memory_mb: int) -> None:
    running, queued = knobs(memory_mb)["MAX_JOBS_RUNNING"], knobs(memory_mb)["MAX_JOBS_SUBMITTED"]
    assert running >= 96
    assert queued > 10 * running
    assert running * 4 + queued * 16 / 1024 <= memory_mb - 512


def test_without_a_limit_htcondors_own_defaults_stay() -> None:
    assert knobs(None) == {}
