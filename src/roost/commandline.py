"""Command lines of ``roost`` that errors and hints name: pasted, they act on the pool that is meant."""

from __future__ import annotations

DEFAULT_POOL = "roost"

_PASS_THE_REST_ON = ("exec", "run")
"""What stands after their first argument is another program's command line, ``--pool`` too."""


def command_line(command: str, pool: str) -> str:
    """``roost`` with a command, such as ``rm 12``, for a pool; the default pool is not named. Pure."""
    if pool == DEFAULT_POOL:
        return f"roost {command}"
    if command.partition(" ")[0] in _PASS_THE_REST_ON:
        return f"roost --pool {pool} {command}"
    return f"roost {command} --pool {pool}"
