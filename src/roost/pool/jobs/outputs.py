"""What a run brings back, and whether it could be written: asked before anything is submitted."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Sequence
from pathlib import Path

from roost.condor.macros import find_macros, replace_macros
from roost.errors import UsageError


def find_outputs(cwd: Path, named: Sequence[str], count: int) -> list[str]:
    """The outputs relative to ``cwd``, which they have to be below; macros are left as they are.

    Raises UsageError for an output that could not be written once the job is done.
    """
    places: dict[str, None] = {}
    for name in named:
        place = os.path.relpath(os.path.normpath(cwd / name), cwd)
        if place == "." or place.split("/", 1)[0] == "..":
            raise UsageError(
                f"the output {name} is not below the current directory",
                hint="a job brings its results back below the directory that it was run from",
            )
        macros = find_macros(place)
        if count > 1 and "process" not in macros:
            raise UsageError(
                f"all {count} processes would bring back {name}, one over the other",
                hint=f"put $(Process) into its name, as in '{_numbered(place)}'",
            )
        for process in range(count if macros else 1):
            _check_writable(cwd, replace_macros(place, process=process))
        places[place] = None
    return list(places)


def _check_writable(cwd: Path, place: str) -> None:
    """Raise UsageError unless ``place`` can be made, or replaced."""
    destination = cwd / place
    problem = _directory_problem(cwd, destination.parent)
    if not problem and destination.is_dir():
        problem = _directory_problem(cwd, destination)
    if problem:
        raise UsageError(f"the output {place} cannot be written: {problem}")


def _directory_problem(cwd: Path, directory: Path) -> str | None:
    while not os.path.lexists(directory):
        directory = directory.parent
    if not directory.resolve().is_relative_to(cwd.resolve()):
        return f"{directory} is a link out of {cwd}"
    if not directory.is_dir():
        return f"{directory} is not a directory"
    if not os.access(directory, os.W_OK | os.X_OK):
        return f"{directory} may not be written"
    return None


def _numbered(place: str) -> str:
    stem, extension = posixpath.splitext(place)
    return f"{stem}.$(Process){extension}"
