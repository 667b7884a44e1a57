"""The demo, whole: real input through a real pool, checked against this host."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from roost import Pool
from tests.e2e.conftest import RoostCli


@pytest.mark.one_engine
def test_the_standard_library_through_the_pool(roost_cli: RoostCli, pool: Pool) -> None:
    done = roost_cli("demo", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    comparison = told["comparison"]
    assert comparison["agree"]
    assert comparison["pool"] == comparison["host"]
    assert comparison["pool"]["files"] > 500
    assert {part["executor"] for part in told["parts"]} == {f"execute-{n}" for n in (1, 2, 3)}
    assert sum(part["files"] for part in told["parts"]) == told["files"]
    assert pool.status().ready


def test_sources_of_ones_own(roost_cli: RoostCli, tmp_path: Path) -> None:
    sources = tmp_path / "sources"
    sources.mkdir()
    (sources / "good.py").write_text("def f(x):\n    return 1 if x else 2\n")
    (sources / "odd name.py").write_text("class C: pass\n")
    (sources / "broken.py").write_text("def\n")
    done = roost_cli("demo", "--input", "sources")
    assert done.returncode == 0, done.stderr
    assert f"3 Python files, 0.0 MB, from {sources}\n".encode() in done.stdout
    assert b"1 file parsed by neither: broken.py" in done.stdout
    assert b"Pool and host agree" in done.stdout
    assert b"stays up" in done.stderr


def test_input_that_is_none(roost_cli: RoostCli, tmp_path: Path) -> None:
    done = roost_cli("demo", "--input", "nosuch")
    assert done.returncode == 1
    assert b"there is no directory" in done.stderr
