"""The output of a build, put together from its messages."""

from __future__ import annotations

import pytest

from roost.engines.api.builds import output_lines
from roost.errors import EngineError


def test_pieces_become_lines() -> None:
    messages = [{"stream": "Step 1/2 : FROM x"}, {"stream": "\n"}, {"stream": "a\nb\r\n\nc"}]

    assert list(output_lines(messages)) == ["Step 1/2 : FROM x", "a", "b", "c"]


def test_colours_are_left_out() -> None:
    assert list(output_lines([{"stream": "\x1b[91mred\n\x1b[0m"}])) == ["red"]


def test_other_messages_are_no_output() -> None:
    assert list(output_lines([{"aux": {"ID": "1"}}, {"status": "x"}, {"stream": None}])) == []


def test_an_error_ends_it_after_what_was_said() -> None:
    lines = output_lines([{"stream": "last words"}, {"error": "exit status 3\n"}])

    assert next(lines) == "last words"
    with pytest.raises(EngineError, match=r"the build failed: exit status 3$"):
        next(lines)
