"""pydantic's errors in the words of a pool file: the key, what was seen, what to write instead."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel, ValidationError

from roost.spec.limits import BadValueError
from roost.spec.lines import Lines, find_line
from roost.spec.problems import Problem
from roost.spec.schema import PoolFile

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


def explain(error: ValidationError, lines: Lines) -> list[Problem]:
    """One problem for each of pydantic's errors, in the order of the file."""
    problems = [_explain_one(detail, lines) for detail in error.errors(include_url=False)]
    return sorted(problems, key=lambda problem: (problem.line or 0, problem.key))


def key_path(location: Sequence[int | str]) -> str:
    """``("volumes", 0, "target")`` as ``volumes[0].target``."""
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}"
    return path.removeprefix(".")


def _explain_one(detail: ErrorDetails, lines: Lines) -> Problem:
    key = key_path(detail["loc"])
    message, mend = _EXPLANATIONS.get(detail["type"], _other)(detail)
    return Problem(key, message, mend, find_line(lines, key))


def _unknown_key(detail: ErrorDetails) -> tuple[str, str]:
    *table, key = detail["loc"]
    known = known_keys(table)
    close = difflib.get_close_matches(str(key), known, n=1)
    if close:
        return "there is no such key", f"did you mean '{close[0]}'?"
    place = f"[{key_path(table)}]" if table else "a pool file"
    return "there is no such key", f"{place} knows {_enumerate(known)}"


def _missing(detail: ErrorDetails) -> tuple[str, str]:
    key = detail["loc"][-1]
    return "is missing", "write 'version = 1'" if key == "version" else f"add '{key} = …'"


def _bad_value(detail: ErrorDetails) -> tuple[str, str | None]:
    error = detail["ctx"]["error"]
    if isinstance(error, BadValueError):
        return error.message, error.hint
    return str(error), None


def _not_a_choice(detail: ErrorDetails) -> tuple[str, str]:
    seen, expected = detail["input"], detail["ctx"]["expected"]
    if detail["loc"] == ("version",):
        return f"{_seen(seen)} is no version that this Roost knows", f"write version = {expected}"
    return f"{_seen(seen)} is not possible here", f"write {expected}"


def _wrong_type(wanted: str) -> Callable[[ErrorDetails], tuple[str, str]]:
    def explanation(detail: ErrorDetails) -> tuple[str, str]:
        return f"is {_seen(detail['input'])}", f"write {wanted}"

    return explanation


def _empty(_detail: ErrorDetails) -> tuple[str, str]:
    return "is empty", "name at least one, or leave the key out"


def _other(detail: ErrorDetails) -> tuple[str, None]:
    return detail["msg"], None


_EXPLANATIONS: Mapping[str, Callable[[ErrorDetails], tuple[str, str | None]]] = {
    "extra_forbidden": _unknown_key,
    "missing": _missing,
    "value_error": _bad_value,
    "literal_error": _not_a_choice,
    "int_type": _wrong_type("a whole number"),
    "string_type": _wrong_type("a text in quotes"),
    "bool_type": _wrong_type("true or false"),
    "list_type": _wrong_type("a list in [ ]"),
    "model_type": _wrong_type("a table"),
    "too_short": _empty,
}


def known_keys(table: Sequence[int | str]) -> list[str]:
    """The keys that the schema knows in the table at that place."""
    model: type[BaseModel] = PoolFile
    for part in table:
        if isinstance(part, str):
            model = table_type(model.model_fields[part].annotation) or model
    return list(model.model_fields)


def table_type(annotation: Any) -> type[BaseModel] | None:
    """The table that a field holds, or that the items of its list are; None for a plain value."""
    for candidate in (annotation, *get_args(annotation)):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None


def _seen(value: object) -> str:
    """A value of TOML in words, cut short."""
    match value:
        case dict():
            return "a table"
        case list():
            return "a list"
        case bool():
            return str(value).lower()
        case int() | float():
            return _short(f"the number {value}")
        case str():
            return _short(f"the text {value!r}")
        case _:
            return f"the date or time {value}"


def _short(text: str) -> str:
    return text if len(text) <= 70 else f"{text[:69]}…"


def _enumerate(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)
