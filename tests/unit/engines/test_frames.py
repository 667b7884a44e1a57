"""Output as engines send it: frames, and log lines in pieces."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roost.engines.api.frames import Frame, buffered, log_lines, read_frames, with_full_stamp
from roost.engines.protocol import StreamName

OUT, ERR = StreamName.STDOUT, StreamName.STDERR
STAMP = b"2024-05-06T07:08:09.000000000Z "


def encoded(frames: list[Frame]) -> bytes:
    return b"".join(
        bytes([1 if stream is OUT else 2, 0, 0, 0]) + len(data).to_bytes(4, "big") + data
        for stream, data in frames
    )


FRAMES = st.lists(st.tuples(st.sampled_from([OUT, ERR]), st.binary(min_size=1, max_size=300)))


@given(FRAMES)
def test_frames_come_out_as_they_went_in(frames: list[Frame]) -> None:
    assert list(read_frames(io.BytesIO(encoded(frames)).read)) == frames


def test_an_empty_frame_is_no_output() -> None:
    assert list(read_frames(io.BytesIO(encoded([(OUT, b""), (OUT, b"x")])).read)) == [(OUT, b"x")]


@pytest.mark.parametrize(("length", "expected"), [(4, []), (8, []), (10, [(OUT, b"ab")])])
def test_a_stream_that_breaks_off_ends(length: int, expected: list[Frame]) -> None:
    assert list(read_frames(io.BytesIO(encoded([(OUT, b"abcd")])[:length]).read)) == expected


def test_each_line_keeps_its_time() -> None:
    frames = [(OUT, STAMP + b"one\n"), (ERR, STAMP + b"two\n" + STAMP + b"three\n")]

    assert list(log_lines(frames)) == [STAMP + b"one", STAMP + b"two", STAMP + b"three"]


def test_pieces_of_a_line_are_joined_apart_for_each_stream() -> None:
    frames = [
        (OUT, STAMP + b"be"),
        (ERR, STAMP + b"oth"),
        (OUT, STAMP + b"gun\n"),
        (ERR, STAMP + b"er\n"),
    ]

    assert list(log_lines(frames)) == [STAMP + b"begun", STAMP + b"other"]


def test_a_last_line_without_an_end_is_a_line() -> None:
    assert list(log_lines([(OUT, STAMP + b"prompt> ")])) == [STAMP + b"prompt> "]


def test_an_empty_line_is_a_line() -> None:
    assert list(log_lines([(OUT, STAMP + b"\n")])) == [STAMP]


def test_a_carriage_return_does_not_end_a_line() -> None:
    assert list(log_lines([(OUT, STAMP + b"10%\r20%\r\n")])) == [STAMP + b"10%\r20%"]


@pytest.mark.parametrize(
    ("stamp", "full"),
    [
        (b"2024-05-06T07:08:09Z", b"2024-05-06T07:08:09.000000000Z"),
        (b"2024-05-06T07:08:09.5Z", b"2024-05-06T07:08:09.500000000Z"),
        (b"2024-05-06T07:08:09.123456789Z", b"2024-05-06T07:08:09.123456789Z"),
        (b"2024-05-06T07:08:09.25+00:00", b"2024-05-06T07:08:09.250000000Z"),
        (b"2024-05-06T07:08:09.25+02:00", b"2024-05-06T05:08:09.250000000Z"),
        (b"2024-01-01T00:30:00-05:30", b"2024-01-01T06:00:00.000000000Z"),
    ],
)
def test_times_become_utc_with_nine_digits(stamp: bytes, full: bytes) -> None:
    assert with_full_stamp(stamp + b" text Z 1") == full + b" text Z 1"


def test_a_line_without_a_time_is_left_as_it_is() -> None:
    assert with_full_stamp(b"no time at all") == b"no time at all"


def test_a_buffer_gives_the_same_bytes() -> None:
    data = io.BytesIO(bytes(range(256)) * 5000)
    read = buffered(data.read)
    pieces = [read(count) for count in (1, 7, 0, 300_000, 600_000, 10**7, 5)]
    assert [len(piece) for piece in pieces] == [1, 7, 0, 300_000, 600_000, 379_992, 0]
    assert b"".join(pieces) == data.getvalue()
