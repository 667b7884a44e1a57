"""Every cause: it is seen where it is, nowhere else, and the documentation tells of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from roost.pool.doctor import Cause, Severity
from roost.pool.doctor.causes import ABOUT
from roost.pool.doctor.diagnose import conclude
from roost.pool.doctor.finding import worst_first
from roost.pool.doctor.reference import render_reference
from tests.unit.doctor.pools import healthy
from tests.unit.doctor.scenarios import SCENARIOS

BEFORE_ALL_FACTS = {Cause.ENGINE_UNREACHABLE, Cause.NO_POOL}


def test_a_healthy_pool() -> None:
    diagnosis = conclude(healthy())
    assert diagnosis.findings == ()
    assert diagnosis.healthy
    assert diagnosis.nodes == ("master", "submit", "execute-1", "execute-2")
    assert diagnosis.jobs == {"idle": 0, "running": 1, "held": 0}


def test_no_cause_is_without_a_scenario_or_words() -> None:
    assert set(SCENARIOS) | BEFORE_ALL_FACTS == set(Cause)
    assert set(ABOUT) == set(Cause)


@pytest.mark.parametrize("cause", SCENARIOS)
def test_a_cause_alone(cause: Cause) -> None:
    change, about = SCENARIOS[cause]
    (finding,) = conclude(change(healthy())).findings
    assert finding.cause is cause
    assert about is None or about in (*finding.nodes, *finding.jobs)
    assert finding.seen
    assert finding.mend
    assert "None" not in finding.seen + finding.mend


@pytest.mark.parametrize("cause", SCENARIOS)
def test_only_errors_make_a_pool_unhealthy(cause: Cause) -> None:
    diagnosis = conclude(SCENARIOS[cause][0](healthy()))
    assert diagnosis.healthy is (cause.about.severity is not Severity.ERROR)


def test_the_worst_comes_first_and_the_deeper_before_it() -> None:
    facts = healthy()
    for cause in (Cause.JOB_HELD, Cause.FOREIGN_AD, Cause.ENGINE_DISK_LOW, Cause.CLOCK_SKEW):
        facts = SCENARIOS[cause][0](facts)
    diagnosis = conclude(facts)
    assert [finding.cause for finding in diagnosis.findings] == [
        Cause.CLOCK_SKEW,
        Cause.JOB_HELD,
        Cause.ENGINE_DISK_LOW,
        Cause.FOREIGN_AD,
    ]
    assert worst_first(reversed(diagnosis.findings)) == diagnosis.findings


def test_json() -> None:
    data = conclude(SCENARIOS[Cause.JOB_HELD][0](healthy())).to_json()
    assert not data["healthy"]
    (finding,) = data["findings"]
    assert finding["cause"] == "job-held"
    assert finding["severity"] == "error"
    assert finding["jobs"] == ["3.0"]
    assert "no such file (bringing its inputs to the executor failed, code 13)" in finding["seen"]


def test_commands_name_the_pool_unless_it_is_the_default() -> None:
    facts = SCENARIOS[Cause.JOB_HELD][0](healthy())
    (finding,) = conclude(facts).findings
    assert "`roost --pool lab exec submit -- condor_release 3.0`" in finding.mend
    (finding,) = conclude(replace(facts, pool="roost")).findings[-1:]
    assert "`roost exec submit -- condor_release 3.0`" in finding.mend


def test_the_page_tells_of_every_cause() -> None:
    page = render_reference()
    for cause in Cause:
        assert page.count(f"### `{cause.value}`\n") == 1
        assert cause.about.mend in page
