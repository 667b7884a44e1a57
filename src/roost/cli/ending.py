"""How a run of ``roost`` ends: the exit code, and what is said on stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import click

from roost.cli.app import App
from roost.cli.output.failure import show_failure, show_interruption
from roost.cli.signals import TerminatedError
from roost.errors import ExitCode, RoostError

EXIT_SIGPIPE = 128 + 13


@contextmanager
def end_of(app: App) -> Iterator[None]:
    """Turn whatever the block raises into one message and an exit code."""
    try:
        try:
            yield
        finally:
            app.progress.close()
            if sys.stdout is not None:  # as with `>&-`
                sys.stdout.flush()
    except BrokenPipeError:
        _leave(EXIT_SIGPIPE)
    except (KeyboardInterrupt, click.Abort) as error:
        with suppress(OSError):  # a terminal may be what ended
            show_interruption(app.if_interrupted, error, verbosity=app.verbosity)
        _leave(error.exit_code if isinstance(error, TerminatedError) else ExitCode.INTERRUPTED)
    except click.exceptions.Exit as ending:
        sys.exit(ending.exit_code)
    except Exception as error:  # noqa: BLE001 -- the last place that can say anything about it
        show_failure(error, verbosity=app.verbosity)
        if _takes_no_more():
            _leave(_exit_code(error))
        sys.exit(_exit_code(error))


def _exit_code(error: Exception) -> int:
    if isinstance(error, RoostError):
        return error.exit_code
    return error.exit_code if isinstance(error, click.ClickException) else ExitCode.FAILED


def _takes_no_more() -> bool:
    """Whether something is left to write that cannot be: Python would try again at its end, and complain."""
    try:
        sys.stdout.flush()
    except OSError:
        return True
    except AttributeError:  # as with `>&-`
        return False
    return False


def _leave(code: int) -> None:
    """Leave without waiting for threads that talk to the engine, or for a pipe that is gone."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, AttributeError):
            stream.flush()
    os._exit(code)
