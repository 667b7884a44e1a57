from __future__ import annotations

import pytest

from roost.commandline import DEFAULT_POOL, command_line


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
