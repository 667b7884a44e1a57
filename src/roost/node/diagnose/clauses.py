"""A job's requirements, taken apart: which of them hold, one by one. Pure text."""

from __future__ import annotations

import re
from collections.abc import Iterator

_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|&&|\|\||[()\[\]{}?:]|.', re.DOTALL)
_OPEN, _CLOSE = "([{", ")]}"
_REFERENCE = re.compile(
    r"""(?:"(?:\\.|[^"\\])*")|(?:\b(?:(TARGET|MY)\s*\.\s*)?([A-Za-z_]\w*)\b(?!\s*\())""",
    re.IGNORECASE,
)
_WORDS = frozenset({"true", "false", "undefined", "error", "is", "isnt", "my", "target", "parent"})


def split_clauses(expression: str) -> list[str]:
    """The parts of ``a && (b && c)`` that all have to hold: ``a``, ``b``, ``c``."""
    expression = _without_parentheses(expression.strip())
    parts = _split(expression)
    if len(parts) == 1:
        return [expression] if expression else []
    return [clause for part in parts for clause in split_clauses(part)]


def references(expression: str) -> Iterator[tuple[str, str]]:
    """The attributes in an expression, once each: ``MY``, ``TARGET`` or nothing, and the name."""
    seen = set()
    for match in _REFERENCE.finditer(expression):
        name = match[2]
        if name and name.lower() not in _WORDS and name.lower() not in seen:
            seen.add(name.lower())
            yield (match[1] or "").upper(), name


def _split(expression: str) -> list[str]:
    """By ``&&`` outside parentheses; whole where something there binds less than that does."""
    parts, depth = [""], 0
    for piece in _TOKEN.findall(expression):
        depth += (piece in _OPEN) - (piece in _CLOSE)
        if depth == 0 and piece in ("||", "?"):
            return [expression]
        if depth == 0 and piece == "&&":
            parts.append("")
        else:
            parts[-1] += piece
    return parts


def _without_parentheses(expression: str) -> str:
    """``a`` of ``((a))``; ``(a) || (b)`` as it is."""
    while expression.startswith("(") and _end_of_first(expression) == len(expression):
        expression = expression[1:-1].strip()
    return expression


def _end_of_first(expression: str) -> int:
    """Where the parenthesis that the expression starts with is closed; 0 where it is not."""
    depth = position = 0
    for piece in _TOKEN.findall(expression):
        position += len(piece)
        depth += (piece == "(") - (piece == ")")
        if depth == 0:
            return position
    return 0
