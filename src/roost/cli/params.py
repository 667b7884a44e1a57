"""Values of options, checked while they are parsed: types and callbacks for ``click.option``."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from roost.errors import RoostError

_AGO = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,3})?)([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LONGEST_WAIT_S = 366 * 86400


class PathName(click.Path):
    """The path of a file or directory. An empty one, as of a script's variable that is not set, would be
    the current directory."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{"path_type": Path, **settings})

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """As click does, but for the empty one."""
        if value == "":
            self.fail("the name is empty", param, ctx)
        return super().convert(value, param, ctx)


def memory_mb(_context: click.Context, parameter: click.Parameter, value: str | None) -> int | None:
    """An amount of memory in HTCondor's notation (``2048``, ``2GB``), in MiB."""
    from roost.spec import parse_memory_mb

    if value is None:
        return None
    try:
        return parse_memory_mb(int(value) if value.isdecimal() else value)
    except RoostError as error:
        raise click.BadParameter(str(error), param=parameter) from error


def host_address(_context: click.Context, parameter: click.Parameter, value: str) -> str:
    """An IP address of this host; nothing stays nothing."""
    from roost.spec import check_host_address

    try:
        return check_host_address(value)
    except RoostError as error:
        raise click.BadParameter(str(error), param=parameter) from error


def duration_s(
    _context: click.Context, parameter: click.Parameter, value: str | None
) -> float | None:
    """A duration (``90s``, ``10m``, ``2h``, ``1d``, or a number of seconds), in seconds."""
    return None if value is None else _seconds(value, parameter)


def waiting_s(least: float) -> Callable[[click.Context, click.Parameter, str | None], float | None]:
    """How long to wait, in seconds: a number of them, or a duration (``5m``), from ``least`` to a year."""

    def callback(
        _context: click.Context, parameter: click.Parameter, value: str | None
    ) -> float | None:
        if value is None:
            return None
        seconds = _seconds(value, parameter)
        if not least <= seconds <= _LONGEST_WAIT_S:
            raise click.BadParameter(
                f"{value!r} is not a time from {least:g}s to 366d", param=parameter
            )
        return seconds

    return callback


def _seconds(value: str, parameter: click.Parameter) -> float:
    text = value.strip()
    match = _AGO.fullmatch(text) or _AGO.fullmatch(f"{text}s")
    if not match:
        raise click.BadParameter(
            f"{value!r} is no time such as 300 (seconds), 90s, 10m, 2h or 1d", param=parameter
        )
    return float(match[1]) * _SECONDS[match[2]]


def moment(_context: click.Context, parameter: click.Parameter, value: str | None) -> float | None:
    """A time, in seconds of the epoch: so long ago (``10m``), or by the clock of this host."""
    if value is None:
        return None
    if match := _AGO.fullmatch(value.strip()):
        return time.time() - float(match[1]) * _SECONDS[match[2]]
    try:
        return datetime.fromisoformat(value).timestamp()
    except (ValueError, OverflowError) as error:
        raise click.BadParameter(
            f"{value!r} is neither a duration such as 10m nor a time such as 2026-05-01T12:00",
            param=parameter,
        ) from error


def settings(
    _context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> dict[str, str]:
    """Every ``KEY=VALUE``; a value may hold further ``=``, and the last of a key counts."""
    found = {}
    for text in values:
        key, equals, value = text.partition("=")
        if not key or not equals:
            raise click.BadParameter(f"{text!r} is not KEY=VALUE", param=parameter)
        found[key] = value
    return found
