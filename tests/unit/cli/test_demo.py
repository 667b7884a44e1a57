"""``roost demo`` around the demo: the pool before it, the exit code after it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from roost import contract
from roost.demo import Comparison, DemoResult, Part, Totals
from roost.engines.fake import FakeEngine
from tests.unit.cli.conftest import Roost

TOTALS = Totals(files=1, lines=10, functions=2, classes=0, most_complex=None)
AGREED = Comparison(("3.13.5",), ("3.11.2",), TOTALS, TOTALS, (), (), (), (), ())


@pytest.fixture(autouse=True)
def demo(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Stands for ``run_demo``: keeps what it was given, and returns ``comparison``."""
    given: dict[str, Any] = {"comparison": AGREED}

    def run_demo(pool: Any, directory: Path | None, *, report: Any) -> DemoResult:
        given.update(pool=pool.name, directory=directory)
        part = Part(0, "execute-1", 100.0, 101.0, files=1, size=200)
        return DemoResult(Path("/src"), 1, 200, (part,), given["comparison"], 2.0, 1.0, 2)

    monkeypatch.setattr("roost.demo.run_demo", run_demo)
    return given


def executors(engine: FakeEngine) -> int:
    labels = {contract.LABEL_POOL: "roost", contract.LABEL_ROLE: "execute"}
    return len(engine.list_containers(labels))


def test_it_brings_a_pool_up_and_leaves_it_up(roost: Roost, engine: FakeEngine) -> None:
    result = roost("demo", "-n", "3")
    assert result.exit_code == 0, result.stderr
    assert "Pool and host agree" in result.stdout
    assert "Pool roost stays up" in result.stderr
    assert executors(engine) == 3


@pytest.mark.parametrize(("cpus", "wanted"), [(1, 2), (4, 4), (64, 8)])
def test_without_a_pool_it_makes_one_that_fits_the_host(
    roost: Roost, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, cpus: int, wanted: int
) -> None:
    monkeypatch.setattr("roost.cli.commands.demo.os.cpu_count", lambda: cpus)
    roost("demo")
    assert executors(engine) == wanted


def test_a_pool_that_is_ready_stays_as_it_is(roost: Roost, engine: FakeEngine) -> None:
    roost("up", "-n", "5", "--cpus", "2")
    before = engine.list_containers({contract.LABEL_POOL: "roost"})
    assert roost("demo").exit_code == 0
    assert engine.list_containers({contract.LABEL_POOL: "roost"}) == before


def test_a_pool_that_is_not_ready_is_mended(roost: Roost, engine: FakeEngine) -> None:
    roost("up", "-n", "3")
    engine.crash("roost-execute-2", 1)
    roost("demo")
    assert executors(engine) == 3
    assert '"ready": true' in roost("status", "--json").stdout


def test_the_pool_file_here_counts(roost: Roost, here: Path, engine: FakeEngine) -> None:
    (here / "roost.toml").write_text("version = 1\n[executors]\ncount = 1\n")
    roost("demo")
    assert executors(engine) == 1


def test_sources_of_ones_own(roost: Roost, here: Path, demo: dict[str, Any]) -> None:
    (here / "mine").mkdir()
    told = json.loads(roost("demo", "--input", "mine", "--json").stdout)
    assert demo["directory"] == Path("mine")
    assert told["pool"] == "roost"
    assert told["seconds"] == {"pool": 2.0, "host": 1.0}


def test_figures_that_differ_are_a_failure(roost: Roost, demo: dict[str, Any]) -> None:
    demo["comparison"] = replace(AGREED, different=("a.py", "b.py", "c.py", "d.py"))
    result = roost("demo")
    assert result.exit_code == 1
    assert "Pool and host do not agree." in result.stdout
    assert "a.py, b.py, c.py and 1 more" in result.stdout


def test_no_executors_are_no_wish_for_some(roost: Roost, engine: FakeEngine) -> None:
    roost("up", "-n", "3")
    refused = roost("demo", "-n", "0")
    assert refused.exit_code == 2
    assert "0 executors are too few" in refused.stderr
    assert executors(engine) == 3
