"""``roost-node observe``, with programs in the place of HTCondor's tools."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from roost.node.glance import observe
from roost.node.projection import PROJECTION

AD = '{"MyType": "Negotiator", "Machine": "master.lab.pool", "CondorVersion": "$CondorVersion: 23.9.6 $"}'


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of programs, the only one."""
    monkeypatch.setenv("PATH", str(tmp_path))
    put(tmp_path / "condor_config_val", "echo 20; echo 2")
    return tmp_path


def put(program: Path, script: str) -> None:
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def observed(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    assert observe([]) == 0
    told: dict[str, object] = json.loads(capsys.readouterr().out)
    return told


def test_all_ads_are_asked_for_in_one_question(
    tools: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(tools / "condor_status", f"echo \"$@\" > {tools}/asked; echo '[{AD}]'")
    told = observed(capsys)
    assert told["ready"] == ["master:master"]
    assert told["versions"] == {"master": "23.9.6"}
    assert (tools / "asked").read_text().split() == [
        *("-any", "-json", "-attributes"),
        ",".join(PROJECTION),
    ]


@pytest.mark.parametrize("script", ["exit 1", "echo '[' && exit 1", "true"])
def test_where_no_collector_answers_nothing_is_known(
    tools: Path, capsys: pytest.CaptureFixture[str], script: str
) -> None:
    put(tools / "condor_status", script)
    told = observed(capsys)
    assert told["ready"] == []
    assert told["health"] == {}


def test_a_setting_that_is_no_number_does_not_hide_the_pool(
    tools: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(tools / "condor_status", f"echo '[{AD}]'")
    put(tools / "condor_config_val", "echo often; exit 0")
    assert observed(capsys)["ready"] == ["master:master"]
