"""Values of options, checked while they are parsed: callbacks for ``click.option``."""

from __future__ import annotations

import click

from roost.errors import RoostError


def memory_mb(_context: click.Context, parameter: click.Parameter, value: str | None) -> int | None:
    """An amount of memory in HTCondor's notation (``2048``, ``2GB``), in MiB."""
    from roost.spec import parse_memory_mb

    if value is None:
        return None
    try:
        return parse_memory_mb(int(value) if value.isdecimal() else value)
    except RoostError as error:
        raise click.BadParameter(str(error), param=parameter) from error


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
