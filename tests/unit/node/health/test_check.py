"""The image's HEALTHCHECK."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from roost import contract
from roost.contract import HealthState
from roost.node.health import check as module
from roost.node.health.check import check
from roost.node.health.server import STALE_S


def test_it_agrees_with_the_rest() -> None:
    assert module.HEALTH_FILE == contract.HEALTH_FILE
    assert module.STALE_S == STALE_S


@pytest.mark.parametrize("state", list(HealthState))
def test_only_unhealthy_fails(tmp_path: Path, state: HealthState) -> None:
    path = tmp_path / "health.json"
    path.write_text(json.dumps({"state": state, "reasons": ["a", "b"], "checked": 100.0}))
    code, said = check(str(path), 101.0)
    assert code == (1 if state is HealthState.UNHEALTHY else 0)
    assert said == f"{state} a; b"


def test_a_file_that_is_old_or_broken_fails(tmp_path: Path) -> None:
    path = tmp_path / "health.json"
    assert check(str(path), 0.0)[0] == 1
    path.write_text("{}")
    assert check(str(path), 0.0)[0] == 1
    path.write_text(json.dumps({"state": "healthy", "reasons": [], "checked": 100.0}))
    assert check(str(path), 100.0 + STALE_S + 1) == (
        1,
        "unhealthy: nothing has looked at this node for 61 s",
    )


def test_it_runs_alone() -> None:
    ran = subprocess.run(
        [sys.executable, "-I", "-S", module.__file__], capture_output=True, text=True, check=False
    )
    assert ran.returncode in (0, 1)
    assert ran.stderr == ""
    assert len(ran.stdout.splitlines()) == 1
