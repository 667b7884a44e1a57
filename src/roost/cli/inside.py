"""Commands inside a node on the caller's own standard input and output."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence

from roost.cli.stdin import can_ask, has_input
from roost.engines.protocol import StreamName
from roost.errors import EngineError
from roost.pool import Pool
from roost.pool.nodes import get_node


def run_inside(pool: Pool, node: str, argv: Sequence[str], *, user: str) -> int:
    """Run a command in a node on our stdin, stdout and stderr, and return its exit code.

    Where there may be something to read, the engine's own client program carries it; it alone can
    do so. Without an input, or without that program, the engine is asked directly.
    """
    container = get_node(pool.engine, pool.name, node).name
    tty = can_ask() and sys.stdout.isatty()
    client = pool.engine.interactive_argv(container, argv, user=user, tty=tty)
    if has_input():
        if shutil.which(client[0]):
            return subprocess.run(client, check=False).returncode
        if tty or not can_ask():
            raise EngineError(
                f"the program `{client[0]}` is not there, which passes standard input on",
                hint=f"install {client[0]}'s client, or give no input: < /dev/null",
            )
    return _stream(pool, container, argv, user)


def _stream(pool: Pool, container: str, argv: Sequence[str], user: str) -> int:
    command = pool.engine.exec_stream(container, argv, user=user)
    try:
        for name, data in command:
            out = sys.stdout.buffer if name is StreamName.STDOUT else sys.stderr.buffer
            out.write(data)
            out.flush()
        return command.exit_code
    finally:
        command.close()
