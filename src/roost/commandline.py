"""Command lines of ``roost`` that errors and hints name: pasted, they act on what is meant."""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT_POOL = "roost"

_PASS_THE_REST_ON = ("exec", "run")
"""What stands after their first argument is another program's command line, ``--pool`` too."""


@dataclass
class Said:
    """What the command line in progress says of itself, and one that is pasted has to say again. What it
    takes from the environment or from ./roost.toml, the next one takes from there as well."""

    pool: str | None = None
    engine: str | None = None

    def nothing(self) -> None:
        """The command line has ended."""
        self.pool = self.engine = None


SAID = Said()
"""One for the process, since it is one command line. Nothing is said where Roost is used from Python."""


def command_line(command: str, pool: str | None = None) -> str:
    """``roost`` with a command, such as ``rm 12``, for a pool or (None) none in particular.

    The default pool is not named, unless the command line in progress named it.
    """
    options = f" --pool {pool}" if pool and (pool != DEFAULT_POOL or SAID.pool) else ""
    options += f" --engine {SAID.engine}" if SAID.engine else ""
    if command.partition(" ")[0] in _PASS_THE_REST_ON:
        return f"roost{options} {command}"
    return f"roost {command}{options}"
