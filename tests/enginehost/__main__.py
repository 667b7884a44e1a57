"""``python -m tests.enginehost run -- CMD``: CMD with engines around it, and CMD's exit code."""

from __future__ import annotations

import signal
import subprocess
import sys
from types import FrameType

from tests.enginehost import HostError, running

USAGE = "usage: python -m tests.enginehost run -- CMD [ARGUMENT...]"


def main(arguments: list[str]) -> int:
    if len(arguments) < 3 or arguments[:2] != ["run", "--"]:
        print(USAGE, file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with running() as environment:
            return _run(arguments[2:], environment)
    except HostError as error:
        print(f"enginehost: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def _run(argv: list[str], environment: dict[str, str]) -> int:
    try:
        command = subprocess.Popen(argv, env=environment)
    except OSError as error:
        print(f"enginehost: {argv[0]}: {error.strerror}", file=sys.stderr)
        return 127
    try:
        code = command.wait()
    except KeyboardInterrupt:
        # A terminal told the command as well; whoever told us alone meant both.
        command.terminate()
        code = command.wait()
    return code if code >= 0 else 128 - code


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
