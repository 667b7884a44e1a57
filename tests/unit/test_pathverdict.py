"""What is made of a way between two nodes: whether it serves, what is said, and the mend."""

from __future__ import annotations

from dataclasses import replace

import pytest

from roost.nodefacts import Reach, from_json
from roost.pathfacts import Answer, NetworkFacts, Path, Way
from roost.pathverdict import (
    HEADERS,
    clock,
    find_problem,
    find_problems,
    is_passable,
    render_facts,
    round_trips,
    row,
)

GOOD = Path(
    source="execute-1",
    target="submit",
    contact="192.0.2.7:9618",
    reach=Reach.CONNECTED,
    address="192.0.2.7:9618",
    from_address="10.0.0.3",
    on_link=False,
    round_trips_ms=(0.2, 0.3, 0.7),
    mtu=1400,
    answer=Answer.REFUSED,
    answer_detail="AUTHENTICATE:1003:Failed to authenticate with any method",
    answer_ms=31.0,
    clock_s=1.0,
    heard_s=4.0,
)
THROUGH = replace(
    GOOD, way=Way.BROKER, reach=None, address="", on_link=None, round_trips_ms=(), mtu=None
)
MASTER = replace(GOOD, target="master", to_master=True, answer=Answer.GRANTED, answer_detail="")
LOST = Answer.NONE


@pytest.mark.parametrize("path", [GOOD, THROUGH, MASTER])
def test_ways_that_serve(path: Path) -> None:
    assert find_problem(path) is None


@pytest.mark.parametrize(
    ("path", "seen", "mend"),
    [
        (
            replace(MASTER, contact="head:9618", reach=Reach.UNRESOLVED, detail="unknown"),
            "the name in head:9618 does not resolve: unknown",
            "correct MASTER",
        ),
        (
            replace(GOOD, reach=Reach.NO_ROUTE, detail="unreachable"),
            "there is no way to 192.0.2.7:9618: unreachable",
            "publish its port and tell it ADDRESS",
        ),
        (
            replace(GOOD, reach=Reach.REFUSED, detail="refused"),
            "192.0.2.7:9618 refuses connections",
            "`-p 9618:9618`",
        ),
        (
            replace(GOOD, reach=Reach.SILENT, detail="no answer"),
            "nothing comes back from 192.0.2.7:9618",
            "let TCP from 10.0.0.3 through to port 9618 of submit",
        ),
        (
            replace(GOOD, answer=Answer.SMALL_ONLY, answer_detail="no answer"),
            "small messages pass, big ones do not (no answer); packets of 1400 bytes are sent",
            "set the MTU",
        ),
        (replace(GOOD, answer=LOST), "takes connections, and no HTCondor answers", "log of submit"),
        (
            replace(MASTER, answer=Answer.REFUSED, answer_detail="READ failed!"),
            "the master refuses execute-1: READ failed!",
            "a token for its role",
        ),
        (
            replace(THROUGH, answer=LOST),
            "submit was asked through the master to connect, and did not",
            "see the way from submit to execute-1",
        ),
        (
            replace(THROUGH, answer=LOST, both_brokered=True),
            "execute-1 and submit are both reached through the master only",
            "tell it ADDRESS; or use HTCondor 25.12",
        ),
        (
            replace(GOOD, clock_s=-75.0),
            "the clock of submit is 75 s behind that of execute-1",
            "NTP",
        ),
    ],
)
def test_what_fails_is_told_with_its_mend(path: Path, seen: str, mend: str) -> None:
    problem = find_problem(path)
    assert problem is not None
    assert problem.failure
    assert seen in problem.seen
    assert mend in problem.mend


def test_a_way_that_jobs_do_not_need_is_no_failure() -> None:
    problem = find_problem(replace(GOOD, reach=Reach.SILENT, needed=False))
    assert problem is not None
    assert not problem.failure
    assert "jobs run without this way" in problem.mend


def test_a_node_that_was_not_heard_of_for_long_may_be_gone() -> None:
    problem = find_problem(replace(GOOD, reach=Reach.SILENT, heard_s=90.0))
    assert problem is not None
    assert problem.seen.endswith("the master heard of submit 90 s ago")


def test_failures_come_first() -> None:
    spare = replace(GOOD, reach=Reach.SILENT, needed=False)
    broken = replace(GOOD, target="master", reach=Reach.SILENT)
    assert [one.target for one in find_problems([spare, GOOD, broken])] == ["master", "submit"]


def test_a_line_of_the_table() -> None:
    assert dict(zip(HEADERS, row(GOOD), strict=True)) == {
        "FROM": "execute-1",
        "TO": "submit",
        "AT": "192.0.2.7:9618",
        "WAY": "direct",
        "RESOLVED": "",
        "ROUTE": "gateway",
        "TCP": "connected",
        "RTT ms (min/avg/max)": "0.20/0.40/0.70",
        "MTU": "1400",
        "CLOCK": "same",
        "HTCONDOR": "answers",
    }
    assert row(THROUGH)[3:9] == ("CCB", "", "", "", "", "")
    assert row(replace(MASTER, named=True))[4] == "192.0.2.7"
    assert row(replace(MASTER, named=True, reach=Reach.UNRESOLVED))[4:7] == ("no", "gateway", "")


def test_figures() -> None:
    assert round_trips(replace(GOOD, round_trips_ms=())) == ""
    assert clock(replace(GOOD, clock_s=None)) == ""
    assert clock(replace(GOOD, clock_s=37.0)) == "+37 s"


def test_all_that_a_node_found() -> None:
    silent = replace(MASTER, reach=Reach.SILENT, detail="no answer")
    facts = NetworkFacts("execute-1", "execute", "roost", (GOOD, silent), error="it is silent")
    shown = render_facts(facts).splitlines()
    assert shown[0].split()[:3] == ["FROM", "TO", "AT"]
    assert shown[3:5] == [
        "execute-1 -> master: error",
        "    seen: nothing comes back from 192.0.2.7:9618: no answer",
    ]
    assert "the master did not tell of other nodes: it is silent" in shown
    assert not is_passable(facts)
    assert is_passable(replace(facts, paths=(GOOD,), error=""))
    assert not is_passable(replace(facts, paths=(GOOD,), error="", unmeasured=("submit",)))


def test_nothing_that_a_terminal_acts_upon() -> None:
    path = replace(GOOD, reach=Reach.SILENT, detail="\x1b[2Jgone\r")
    shown = render_facts(NetworkFacts("execute-1", "execute", "roost", (path,)))
    assert "?[2Jgone?" in shown
    assert "\x1b" not in shown


def test_facts_travel_as_json() -> None:
    data = {"source": "a", "target": "b", "contact": "c:1", "way": "CCB", "clock_s": 2}
    assert from_json(Path, data) == Path("a", "b", "c:1", way=Way.BROKER, clock_s=2.0)
