"""``roost-node``: the command inside a container. Without arguments it boots the node."""

from __future__ import annotations

import sys
from collections.abc import Callable

from roost.node.say import NodeError, say


def main(argv: list[str] | None = None) -> int:
    """Run one command; the exit code is 0 when it did its work."""
    name, *arguments = (sys.argv[1:] if argv is None else argv) or ["boot"]
    command = _COMMANDS.get(name)
    if command is None:
        say(f"unknown command {name!r}: one of {', '.join(_COMMANDS)}", level="ERROR")
        return 2
    try:
        return command(arguments)
    except NodeError as error:
        say(str(error), level="ERROR")
        return 1
    except KeyboardInterrupt:
        return 130


def _boot(_arguments: list[str]) -> int:
    from roost.node.boot import boot

    return boot()


def _guard(_arguments: list[str]) -> int:
    from roost.node.supervision import guard

    guard()
    return 0


def _issue(arguments: list[str]) -> int:
    from roost.node.issue import issue

    return issue(arguments)


def _watch(arguments: list[str]) -> int:
    from roost.node.readiness import watch

    return watch(arguments)


_COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "boot": _boot,
    "guard": _guard,
    "issue": _issue,
    "watch": _watch,
}

if __name__ == "__main__":
    sys.exit(main())
