"""The pool that a directory's pool file names, read without loading the whole schema."""

from __future__ import annotations

from pathlib import Path

from roost.errors import UsageError


def name_in(path: Path) -> str | None:
    """The ``name`` in the pool file; None without a file or a name in it.

    Raises :class:`roost.errors.UsageError` when the file cannot be read: guessing would let a
    command such as ``down`` work on another pool than the one that is meant.
    """
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unclear(path, error.strerror or str(error)) from error
    import tomllib

    try:
        name = tomllib.loads(text.decode("utf-8-sig")).get("name")
    except ValueError as error:
        raise _unclear(path, str(error)) from error
    if name is None or isinstance(name, str):
        return name
    raise _unclear(path, f"its name is {name!r}, not a text")


def _unclear(path: Path, why: str) -> UsageError:
    return UsageError(
        f"which pool is meant is not clear: {path} cannot be read: {why}",
        hint="mend the file, or name the pool with --pool",
    )
