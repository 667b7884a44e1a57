"""What an engine says itself in the place of a command's output."""

from __future__ import annotations

import io
import struct
from types import SimpleNamespace
from typing import Any

import pytest

from roost.engines.api.commands import _Command
from roost.engines.docker import DockerEngine
from roost.engines.protocol import StreamName
from roost.errors import EngineError

ENDED = "OCI runtime exec failed: exec failed: cannot exec in a stopped state: unknown\r\n"


def command(stream: int, text: str, exit_code: int) -> _Command:
    """One of Docker's, whose output is a frame."""
    data = text.encode()
    frame = struct.pack(">BxxxL", stream, len(data)) + data
    raw = SimpleNamespace(read=io.BytesIO(frame).read, closed=True)
    response: Any = SimpleNamespace(raw=raw, close=lambda: None)
    docker = DockerEngine("unix:///none", environ={}, api_version="1.41")
    return _Command(
        response, "unix:///none", "running sh in lab", docker._engine_words, lambda: exit_code
    )


@pytest.mark.parametrize(
    "text",
    [
        ENDED,
        "cannot exec in a stopped state: unknown\r\n",
        "OCI runtime exec failed: cannot exec a container that has stopped: unknown\r\n",
    ],
)
def test_a_container_that_ended_before_its_command_began(text: str) -> None:
    with pytest.raises(EngineError, match="running sh in lab: its container ended meanwhile"):
        list(command(1, text, 126))


def test_a_command_that_is_not_there() -> None:
    text = 'OCI runtime exec failed: exec: "nope": executable file not found in $PATH\r\n'
    asked = command(1, text, 126)
    assert list(asked) == [(StreamName.STDERR, text.encode())]
    assert asked.exit_code == 127


def test_what_a_command_says_of_containers_is_its_own() -> None:
    said = command(2, ENDED, 0)
    assert list(said) == [(StreamName.STDERR, ENDED.encode())]
    assert said.exit_code == 0
