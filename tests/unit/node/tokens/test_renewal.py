"""When a node renews its token, and what its health says of it."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest

from roost.contract import HealthState
from roost.node.tokens.claims import Claims, read_claims
from roost.node.tokens.renewal import Renewal, judge_token, pause_s, renewal_due

DAY = 86_400.0
NOW = 1_800_000_000.0
MONTH = Claims("key-1", "execute-1@lab.pool", "lab.pool", NOW, NOW + 30 * DAY)


def write_token(path: Path, issued: float, life_s: float) -> None:
    claims = {"iss": "lab.pool", "sub": "execute-1@lab.pool", "iat": issued, "exp": issued + life_s}
    parts = [b'{"kid": "key-1"}', json.dumps(claims).encode(), b"signature"]
    path.write_bytes(b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts))


def test_claims(tmp_path: Path) -> None:
    write_token(tmp_path / "token", NOW, 30 * DAY)
    assert read_claims((tmp_path / "token").read_text()) == MONTH


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c", "W10.W10.W10"])
def test_what_is_no_token_has_no_claims(text: str) -> None:
    with pytest.raises(ValueError):
        read_claims(text)


def test_due_after_two_thirds_of_its_life_and_not_for_all_at_once() -> None:
    due = [renewal_due(MONTH, f"execute-{n}") for n in range(1000)]
    days = [((moment or 0) - NOW) / DAY for moment in due]
    assert max(days) <= 20.0
    assert min(days) >= 18.4
    assert len({round(day, 2) for day in days}) > 100
    assert renewal_due(Claims("", "", "", None, NOW), "execute-1") is None


def test_it_is_tried_again_at_a_pace_that_suits_its_life() -> None:
    assert pause_s(MONTH) == 600.0
    assert pause_s(Claims("", "", "", NOW, NOW + 60)) == 5.0


@pytest.mark.parametrize(
    ("days_left", "state", "said"),
    [
        (10.5, None, ""),
        (8.9, HealthState.DEGRADED, "expires in 9 days and could not be renewed yet: no master"),
        (0.1, HealthState.DEGRADED, "expires in 2 h and could not be renewed yet: no master"),
        (-1.1, HealthState.UNHEALTHY, "expired 26 h ago: no master"),
    ],
)
def test_health_tells_in_time(days_left: float, state: HealthState | None, said: str) -> None:
    found = list(judge_token(MONTH, NOW + (30 - days_left) * DAY, "no master"))
    assert [finding.state for finding in found] == ([state] if state else [])
    assert all(said in finding.reason for finding in found)


class Renewals:
    """What ``roost-node renew`` does each time it is started."""

    def __init__(self, path: Path, *outcomes: str) -> None:
        self.path, self.outcomes, self.started = path, list(outcomes), 0

    def __call__(self) -> subprocess.Popen[str]:
        self.started += 1
        said = self.outcomes.pop(0)
        return subprocess.Popen(
            [sys.executable, "-c", f"print({said!r})"], text=True, stdout=subprocess.PIPE
        )


def settle(renewal: Renewal, now: float) -> None:
    renewal.step(now)
    if renewal._running:
        renewal._running.wait()
        renewal.step(now)


def test_a_token_is_renewed_once(tmp_path: Path) -> None:
    path = tmp_path / "token"
    write_token(path, NOW, 30 * DAY)
    renewals = Renewals(path, '{"expires": 1}')
    renewal = Renewal("execute-1", path, renewals)
    for day in range(18):
        settle(renewal, NOW + day * DAY)
    assert renewals.started == 0
    renewal.step(NOW + 20 * DAY)
    assert renewals.started == 1
    assert renewal._running is not None
    renewal._running.wait()
    write_token(path, NOW + 20 * DAY, 30 * DAY)
    for day in range(20, 38):
        settle(renewal, NOW + day * DAY)
    assert renewals.started == 1
    assert list(renewal.findings(NOW + 37 * DAY)) == []


def test_a_failure_is_told_and_tried_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "token"
    write_token(path, NOW, 30 * DAY)
    renewals = Renewals(path, '{"problem": "no master in reach"}', "dead", "{}")
    renewal = Renewal("execute-1", path, renewals)
    late = NOW + 21.5 * DAY
    settle(renewal, late)
    said = capsys.readouterr().out
    assert "the token was not renewed: no master in reach" in said
    (finding,) = renewal.findings(late)
    assert "no master in reach" in finding.reason
    for second in range(0, 600, 15):
        settle(renewal, late + second)
    assert renewals.started == 1
    settle(renewal, late + 615)
    assert renewals.started == 2
    assert "dead" in next(iter(renewal.findings(late + 615))).reason
    settle(renewal, late + 1300)
    assert renewals.started == 3
    write_token(path, late + 1300, 30 * DAY)
    settle(renewal, late + 1330)
    assert list(renewal.findings(late + 1330)) == []


def test_a_token_that_is_being_replaced_is_no_finding(tmp_path: Path) -> None:
    path = tmp_path / "token"
    renewal = Renewal("execute-1", path, Renewals(path))
    settle(renewal, NOW)
    assert list(renewal.findings(NOW)) == []
