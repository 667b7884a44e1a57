"""The options that many commands share; each may stand before, within or after the words of a command."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from roost.cli.app import App
from roost.cli.completions import complete_pool
from roost.commandline import SAID

ENGINES = ("docker", "podman")

_Callback = Callable[[click.Context, click.Parameter, Any], Any]


def _keep(name: str, *, said_as: str | None = None) -> _Callback:
    """Put a given value where every command finds it, and (``said_as``) every hint."""

    def callback(context: click.Context, _parameter: click.Parameter, value: Any) -> Any:
        if value or value == "":  # a script's variable that is not set must not mean another pool
            app = context.ensure_object(App)
            setattr(app, name, value)
            if said_as:
                setattr(SAID, said_as, value)
        return value

    return callback


def pool_option() -> click.Option:
    """``--pool NAME``."""
    return click.Option(
        ["--pool"],
        metavar="NAME",
        expose_value=False,
        callback=_keep("pool_name", said_as="pool"),
        shell_complete=complete_pool,
        help="The pool (default: ROOST_POOL, the name in ./roost.toml, or `roost`).",
    )


def engine_option() -> click.Option:
    """``--engine docker|podman``."""
    return click.Option(
        ["--engine"],
        type=click.Choice(ENGINES),
        expose_value=False,
        callback=_keep("engine", said_as="engine"),
        help="The container engine (default: ROOST_ENGINE, or the one that is found).",
    )


def json_option() -> click.Option:
    """``--json``."""
    return click.Option(
        ["--json"],
        is_flag=True,
        expose_value=False,
        callback=_keep("json"),
        help="Print JSON on stdout, and nothing else there.",
    )


def verbose_option() -> click.Option:
    """``-v``."""
    return click.Option(
        ["-v", "--verbose", "verbosity"],
        count=True,
        expose_value=False,
        callback=_keep("verbosity"),
        help="Tell every step, and show a traceback with an error.",
    )


def shared_options(
    *, json: bool = True, pool: bool = True, engine: bool = True
) -> list[click.Option]:
    """Those that a command takes: ``-v``, and which of the others are said."""
    made = [json_option()] if json else []
    made += [pool_option()] if pool else []
    made += [engine_option()] if engine else []
    return [*made, verbose_option()]
