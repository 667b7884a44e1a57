"""What ``condor_ping`` says, and what that tells of the way."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping, Sequence

import pytest

from roost.node.network import exchange
from roost.node.network.exchange import LONG_BYTES, Exchange, read_refusal, talk
from roost.pathfacts import Answer

REFUSED = """
READ failed!
AUTHENTICATE:1003:Failed to authenticate with any method
AUTHENTICATE:1004:Failed to authenticate using IDTOKENS
"""
DENIED = """
READ failed!
SECMAN:2010:Received "DENIED" from server for user submit@roost.pool using method IDTOKENS.
"""
UNCALLED = (
    "ERROR: failed to make connection to <10.9.3.2:9618?CCBID=10.9.1.2:9618%3faddrs%3d10.9.1.2-9618#1"
    "&addrs=10.9.3.2-9618&noUDP&sock=startd_18_eccb>"
)
SILENT = "READ failed!\nSECMAN:2007:Read failure during security negotiation.\n"

Tool = Callable[..., subprocess.CompletedProcess[str]]


def test_a_refusal_is_an_answer() -> None:
    for said in (REFUSED, DENIED):
        answer = read_refusal(said, 12.0)
        assert (answer.answer, answer.took_ms) == (Answer.REFUSED, 12.0)
    assert "IDTOKENS" in read_refusal(REFUSED).detail


def test_a_connection_that_says_nothing_is_none() -> None:
    for said in (SILENT, UNCALLED, ""):
        assert read_refusal(said, 12.0).answer is Answer.NONE
    assert read_refusal(UNCALLED).detail == "ERROR: failed to make connection to <10.9.3.2:9618>"


def tool(carries_bytes: int, asked: list[Mapping[str, str]]) -> Tool:
    """HTCondor at the end of a way that carries messages up to a length."""

    def run(
        argv: Sequence[str], timeout_s: float, *, environment: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        asked.append(environment)
        if max(map(len, environment.values()), default=1) > carries_bytes:
            raise subprocess.TimeoutExpired(argv, timeout_s)
        return subprocess.CompletedProcess(argv, 0, "", "")

    return run


@pytest.mark.parametrize(
    ("carries_bytes", "answer", "asked_times"),
    [(10**6, Answer.GRANTED, 1), (1000, Answer.SMALL_ONLY, 3), (0, Answer.NONE, 2)],
)
def test_what_passes(
    carries_bytes: int, answer: Answer, asked_times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Mapping[str, str]] = []
    monkeypatch.setattr(exchange, "run_tool", tool(carries_bytes, asked))
    said: Exchange = talk(("-pool", "192.0.2.1:9618"), ("READ",), {"_CONDOR_X": "y"})
    assert said.answer is answer
    assert len(asked) == asked_times
    assert all(one["_CONDOR_X"] == "y" for one in asked)
    assert len(asked[0]["_CONDOR_TRUST_DOMAIN"]) == LONG_BYTES
    assert (said.took_ms is None) == (answer is Answer.NONE)
