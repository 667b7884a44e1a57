"""The page in a support archive that says what is what. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from roost.pool.support.items import Item
from roost.redaction import REDACTED
from roost.version import __version__

NAME = "README.md"


def render_readme(
    pool: str,
    engine: str,
    made: str,
    since: str | None,
    items: Sequence[Item],
    missing: Mapping[str, str],
) -> list[str]:
    """Its lines. ``missing`` says why, by the paths of items that are absent or not whole."""
    return [
        f"# Pool {pool}, {made}",
        "",
        f"Written by `roost export logs`, Roost {__version__}, on {engine}."
        + (f" Logs since {since}." if since else ""),
        "",
        "## What is what",
        "",
        *_table(items),
        "",
        "In `logs/`, a line has the time of its arrival at the engine, then time (UTC), node, daemon,"
        " level, slot, job, position in the daemon's file, and message; docs/logs.md of Roost explains"
        " it. A line whose position was there before is a repeat.",
        "",
        "## What is missing",
        "",
        *([f"- `{path}`: {why}" for path, why in missing.items()] or ["Nothing: all answered."]),
        "",
        "## What was taken out",
        "",
        f"Where a secret stood, `{REDACTED}` stands, and `#...` after a claim id: tokens, private keys,"
        " secret parts of claim ids, HTCondor's private attributes, whatever is called a password, a"
        " secret, a token or a key in an environment, an argument or an address, and the environments of"
        " jobs, whole, since users keep secrets of their own there. Names of users, hosts, files and"
        " programs, arguments of jobs and addresses are in here.",
    ]


def _table(items: Sequence[Item]) -> list[str]:
    """Neighbours that mean the same share a line."""
    lines = ["| file | what it is |", "|---|---|"]
    for meaning, group in groupby(sorted(items, key=_kind), key=lambda item: item.meaning):
        paths = ", ".join(f"`{item.path}`" for item in group)
        lines.append(f"| {paths} | {meaning} |")
    return lines


def _kind(item: Item) -> tuple[bool, str, str]:
    return ("/" in item.path, item.path.partition("/")[0], item.meaning)
