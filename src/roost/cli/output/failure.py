"""Errors as one block on stderr: what failed, what was seen, and the mend."""

from __future__ import annotations

import errno
import sys
import traceback
from collections.abc import Iterator

import click

from roost.cli.output.safety import safe_styled
from roost.errors import ImageBuildError, RoostError, WaitTimeoutError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def show_failure(error: Exception, *, verbosity: int = 0) -> None:
    """Tell an error; with ``verbosity`` its traceback first."""
    if verbosity:
        _show_traceback(error)
    click.echo(safe_styled("\n".join(_block(error))), err=True)


def show_interruption(state: str, error: BaseException, *, verbosity: int = 0) -> None:
    """Tell in one line what state an interrupted command left, if there is something to tell."""
    if verbosity:
        _show_traceback(error)
    if not state:
        return
    after_the_echo = "\n" if sys.stderr.isatty() else ""  # of ^C
    click.echo(f"{after_the_echo}Interrupted: {state}.", err=True)


def _show_traceback(error: BaseException) -> None:
    click.echo("".join(traceback.format_exception(error)), err=True, nl=False)


def _block(error: Exception) -> Iterator[str]:
    message, hint = _words(error)
    yield f"{click.style('Error:', fg='red', bold=True)} {message}"
    yield from _evidence(error, message)
    if hint:
        yield f"{click.style('Hint:', bold=True)} {hint}"


def _words(error: Exception) -> tuple[str, str | None]:
    """The message and the hint."""
    if isinstance(error, RoostError):
        return error.message, error.hint
    if isinstance(error, click.UsageError):
        where = error.ctx.command_path if error.ctx else "roost"
        return error.format_message(), f"`{where} --help` shows what it takes"
    if isinstance(error, click.ClickException):
        return error.format_message(), None
    if isinstance(error, OSError) and error.errno in _FULL:
        return f"nothing more can be written: {error.strerror}", "make room where the output goes"
    return (
        f"this should not have happened: {type(error).__name__}: {error}",
        "it is a bug in Roost: please report it with what the same command prints with -v",
    )


def _evidence(error: Exception, message: str) -> Iterator[str]:
    """What was last seen, where the message does not have it already."""
    seen = ""
    if isinstance(error, ImageBuildError):
        seen = error.log_tail
    elif isinstance(error, WaitTimeoutError):
        seen = error.last_seen
    if seen and seen not in message:
        yield from (f"  | {line}" for line in seen.rstrip().splitlines())
