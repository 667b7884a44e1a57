"""A log line comes back from its text as it went in, whatever a daemon wrote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roost.logline import Level, LogFormat, LogRecord, Position, escape, unescape

_RECORD = LogRecord(
    "2026-05-01T12:00:00.123Z",
    "execute-1",
    "STARTER",
    Level.INFO,
    "Job 12.3 set to execute immediately",
    slot="slot1_1",
    job="12.3",
    position=Position("5f0c2a91", 18432),
)


def test_the_text_is_seven_words_and_the_message() -> None:
    assert _RECORD.render() == (
        "2026-05-01T12:00:00.123Z execute-1 STARTER INFO slot1_1 12.3 5f0c2a91:18432 "
        "Job 12.3 set to execute immediately"
    )


@given(st.text(), st.sampled_from(LogFormat))
def test_a_line_comes_back_as_it_was(message: str, form: LogFormat) -> None:
    record = LogRecord("2026-05-01T12:00:00.123Z", "master", "COLLECTOR", Level.DEBUG, message)
    line = record.render(form)
    assert len(line.splitlines()) == 1
    assert LogRecord.parse(line) == record


@given(st.text())
def test_escaping_can_be_undone(message: str) -> None:
    assert unescape(escape(message)) == message


def test_a_further_piece_of_an_event_is_marked() -> None:
    piece = Position("5f0c2a91", 22000, continues=True)
    assert str(piece) == "5f0c2a91+22000"
    assert Position.parse("5f0c2a91+22000") == piece


@pytest.mark.parametrize(
    "line",
    [
        "",
        "exec /usr/local/bin/roost-node: no such file",
        "{}",
        "{not JSON",
        '{"time":1}',
        "2026-05-01T12:00:00.123Z master COLLECTOR LOUD - - - what",
        "2026-05-01 12:00:00 master COLLECTOR INFO - - - what",
    ],
)
def test_what_is_no_line_of_ours_is_none(line: str) -> None:
    assert LogRecord.parse(line) is None
