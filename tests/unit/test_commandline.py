from __future__ import annotations

from collections.abc import Iterator

import pytest

from roost.commandline import DEFAULT_POOL, SAID, command_line


@pytest.fixture(autouse=True)
def nothing_is_said() -> Iterator[None]:
    SAID.nothing()
    yield
    SAID.nothing()


@pytest.mark.parametrize(
    ("command", "line"),
    [
        ("up", "roost up --pool lab"),
        ("rm 12", "roost rm 12 --pool lab"),
        ("token revoke --undo execute-1", "roost token revoke --undo execute-1 --pool lab"),
        ("exec submit -- condor_q", "roost --pool lab exec submit -- condor_q"),
        ("exec submit condor_q", "roost --pool lab exec submit condor_q"),
        ("run -- hostname", "roost --pool lab run -- hostname"),
    ],
)
def test_the_pool_is_named_unless_it_is_the_default(command: str, line: str) -> None:
    assert command_line(command, "lab") == line
    assert command_line(command, DEFAULT_POOL) == f"roost {command}"


def test_what_the_command_line_said_is_said_again() -> None:
    SAID.engine = "podman"
    assert command_line("rm 12") == "roost rm 12 --engine podman"
    assert command_line("rm 12", DEFAULT_POOL) == "roost rm 12 --engine podman"
    assert (
        command_line("exec submit true", "lab")
        == "roost --pool lab --engine podman exec submit true"
    )
    SAID.pool = DEFAULT_POOL
    assert command_line("down", DEFAULT_POOL) == "roost down --pool roost --engine podman"
    assert command_line("build") == "roost build --engine podman"
