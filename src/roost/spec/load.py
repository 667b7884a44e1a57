"""Reading a pool file: text, TOML, schema, and what only the file system can tell."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from roost.errors import NotFoundError
from roost.spec.convert import to_spec
from roost.spec.explain import explain
from roost.spec.lines import find_line, read_lines
from roost.spec.model import PoolSpec
from roost.spec.problems import PoolFileError, Problem
from roost.spec.schema import PoolFile

_TOML_PLACE = re.compile(r"(?P<what>.*) \(at line (?P<line>\d+), column (?P<column>\d+)\)", re.S)


def load(path: Path) -> PoolSpec:
    """Read and check a pool file.

    Raises :class:`roost.errors.NotFoundError` when there is none, and :class:`PoolFileError` with
    every problem found. Problems of values come before problems of the files that they name.
    """
    text = read_text(path)
    document = parse_toml(text, path)
    try:
        pool_file = PoolFile.model_validate(document)
    except ValidationError as error:
        lines = read_lines(text)
        raise PoolFileError(str(path), explain(error, lines)) from error
    spec, problems = to_spec(pool_file, path.parent.absolute())
    if problems:
        lines = read_lines(text)
        raise PoolFileError(
            str(path),
            [Problem(p.key, p.message, p.mend, find_line(lines, p.key)) for p in problems],
        )
    return spec


def read_text(path: Path) -> str:
    """The file's text. A byte order mark is no part of it."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise NotFoundError(
            f"there is no pool file {path}", hint="name one with -f, or run without -f"
        ) from None
    except UnicodeDecodeError as error:
        problem = Problem("", f"not UTF-8 text: byte {error.start} is wrong", "save it as UTF-8")
        raise PoolFileError(str(path), [problem]) from error
    except OSError as error:
        raise PoolFileError(
            str(path), [Problem("", f"cannot be read: {error.strerror}")]
        ) from error


def parse_toml(text: str, path: Path) -> dict[str, Any]:
    """The document, or the one syntax error that TOML's parser stops at."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        match = _TOML_PLACE.fullmatch(str(error))
        what = match["what"] if match else str(error)
        place = f"column {match['column']}: " if match else ""
        line = int(match["line"]) if match else None
        problem = Problem("", f"{place}not TOML: {what}", _quote(text, line), line)
        raise PoolFileError(str(path), [problem]) from error
    except (ValueError, RecursionError) as error:  # a number or a nesting beyond all measure
        raise PoolFileError(str(path), [Problem("", f"not TOML: {error}")]) from error


def _quote(text: str, line: int | None) -> str | None:
    if line is None:
        return "something that was opened is not closed"
    lines = text.splitlines()
    return f"the line reads: {lines[line - 1].strip()[:80]}" if line <= len(lines) else None
