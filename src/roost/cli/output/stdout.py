"""Results on stdout: JSON, tables and lines."""

from __future__ import annotations

import json
from typing import Any

import click

from roost.cli.output.safety import safe_styled


def print_json(data: Any) -> None:
    """One JSON document, indented for people."""
    click.echo(json.dumps(data, indent=2))


def print_json_line(data: Any) -> None:
    """One JSON document on one line, for streams of them."""
    click.echo(json.dumps(data))


def say(text: str) -> None:
    """A word beside the result: on stderr, where it disturbs no pipe."""
    click.echo(safe_styled(text), err=True)


def count(number: int, noun: str) -> str:
    """``1 job``, ``2 jobs``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
