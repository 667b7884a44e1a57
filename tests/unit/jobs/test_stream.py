from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roost.engines.protocol import StreamName
from roost.errors import RoostError
from roost.logline import Level
from roost.node.say import say
from roost.pool.jobs.stream import FrameStream
from tests.unit.jobs.conftest import json_lines

FRAMES: list[dict[str, Any]] = [
    {"kind": "submitted", "cluster": 1},
    {"kind": "output", "data": "eA=="},
    {"x": "ü\n"},
]


class Command:
    """A command whose output comes in given pieces."""

    def __init__(self, pieces: Sequence[tuple[StreamName, bytes]], exit_code: int = 0) -> None:
        self._pieces = pieces
        self.exit_code = exit_code
        self.closed = False

    def __iter__(self) -> Iterator[tuple[StreamName, bytes]]:
        yield from self._pieces

    def close(self) -> None:
        self.closed = True


def in_pieces(data: bytes, cuts: list[int]) -> list[tuple[StreamName, bytes]]:
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [(StreamName.STDOUT, data[begin:end]) for begin, end in pairwise(edges)]


@given(st.lists(st.integers(0, 10**4)), st.binary())
def test_frames_and_archive_arrive_however_they_are_cut(cuts: list[int], archive: bytes) -> None:
    data = json_lines(*FRAMES, {"kind": "files"}) + archive
    stream = FrameStream(Command(in_pieces(data, cuts)), "it")
    assert list(stream) == FRAMES
    assert stream.has_archive
    assert stream.archive.read(-1) == archive
    stream.finish()


@given(st.lists(st.integers(0, 10**4)))
def test_frames_without_an_archive(cuts: list[int]) -> None:
    stream = FrameStream(Command(in_pieces(json_lines(*FRAMES), cuts)), "it")
    assert list(stream) == FRAMES
    assert not stream.has_archive
    with pytest.raises(RoostError, match="it failed: no files came"):
        _ = stream.archive


def test_a_command_that_fails_says_why_in_a_line_of_log(
    capsys: pytest.CaptureFixture[str],
) -> None:
    say("its jobs are still there", level=Level.ERROR, output=sys.stderr)
    line = capsys.readouterr().err.encode()
    stream = FrameStream(Command([(StreamName.STDERR, line)], exit_code=1), "waiting")
    assert list(stream) == []
    with pytest.raises(RoostError, match=r"^waiting failed: its jobs are still there$"):
        stream.finish()


def test_a_command_that_fails_says_why() -> None:
    command = Command([(StreamName.STDERR, b"no "), (StreamName.STDERR, b"disk\n")], exit_code=1)
    stream = FrameStream(command, "fetching")
    assert list(stream) == []
    with pytest.raises(RoostError, match=r"^fetching failed: no disk$"):
        stream.finish()
    stream.close()
    assert command.closed
