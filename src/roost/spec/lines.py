"""Where in a TOML text each key stands, which ``tomllib`` does not tell.

The text is read in statements: a table's header, or a key with its value. A statement is the
shortest run of lines that is TOML by itself. The real parser decides that, so strings and lists
over many lines need no rules of their own.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

Lines = Mapping[str, int]
"""Line number, counted from 1, by the path of a key: ``executors.count``, ``volumes[0].target``."""


def read_lines(text: str) -> Lines:
    """The line of each key and each table of a valid TOML text."""
    found: dict[str, int] = {}
    tables: Counter[str] = Counter()
    prefix = ""
    for line, statement, document in _statements(text):
        if statement.lstrip().startswith("["):
            prefix = _header_path(document, tables, new_item=statement.lstrip().startswith("[["))
            found.setdefault(prefix, line)
        else:
            for path in _paths(document, prefix):
                found.setdefault(path, line)
    return found


def find_line(lines: Lines, key: str) -> int | None:
    """The line of a key or, where it has none, of the nearest table or list that holds it."""
    while key:
        if key in lines:
            return lines[key]
        key = key[: max(key.rfind("."), key.rfind("["), 0)]
    return None


def _statements(text: str) -> Iterator[tuple[int, str, dict[str, Any]]]:
    first, pending = 1, ""
    for number, line in enumerate(text.splitlines(keepends=True), start=1):
        if not pending:
            first = number
        pending += line
        try:
            document = tomllib.loads(pending)
        except tomllib.TOMLDecodeError:
            continue
        if document:
            yield first, pending, document
        pending = ""


def _header_path(document: dict[str, Any], tables: Counter[str], *, new_item: bool) -> str:
    """``[a.b]`` parses to nested tables; after ``[[a]]`` it means the last item's ``b``."""
    path, table = "", document
    while table:
        ((key, value),) = table.items()
        path = f"{path}.{key}" if path else key
        is_list = isinstance(value, list)
        table = value[0] if is_list else value
        if is_list and new_item:
            tables[path] += 1
        if tables[path]:
            path = f"{path}[{tables[path] - 1}]"
    return path


def _paths(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            inner_path = f"{path}.{key}" if path else key
            yield inner_path
            yield from _paths(inner, inner_path)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield f"{path}[{number}]"
            yield from _paths(inner, f"{path}[{number}]")
