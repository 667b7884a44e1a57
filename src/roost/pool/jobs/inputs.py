"""What a run takes along and what it brings back: paths on the host and below ``work``."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from roost.condor.quoting import find_macros, replace_macros
from roost.errors import UsageError


@dataclass(frozen=True)
class Input:
    """A file or directory of the host, and its place below the working directory of the job."""

    source: Path
    place: str


def find_inputs(cwd: Path, named: Sequence[str], count: int) -> tuple[list[str], list[Input]]:
    """The inputs as a submit file names them, and everything there is to upload for them.

    Below ``cwd`` a file keeps its path; from elsewhere it comes under its base name. With
    ``$(Process)`` in a name there is one file for each process. Raises UsageError that names all
    that are missing, or that would meet in one place.
    """
    places = [_place(cwd, name) for name in named]
    found: dict[str, Path] = {}
    missing: list[str] = []
    for name, place in zip(named, places, strict=True):
        check_name(place, "input")
        for process in range(count if find_macros(name) else 1):
            expanded = _expand(name, process)
            source = Path(os.path.normpath(cwd / expanded))
            if not source.exists():
                missing.append(expanded)
                continue
            other = found.setdefault(_expand(place, process), source)
            if other != source:
                raise UsageError(
                    f"the inputs {other} and {source} would both be {place} for the job",
                    hint="rename one, or copy both below the current directory",
                )
    if missing:
        raise UsageError(f"there is no {in_short(missing)}", hint=f"inputs are relative to {cwd}")
    return places, [Input(source, place) for place, source in found.items()]


def find_command(cwd: Path, argv: Sequence[str]) -> tuple[list[str], str | None]:
    """The command as the job sees it, and the local file to take along for it, if it is one.

    As in a shell, a command with a '/' is a file and any other is looked for in the PATH, the
    executor's. Below ``cwd`` a file is taken along; any other absolute path is the executor's own.
    """
    if not argv or not argv[0]:
        raise UsageError("there is no command to run", hint="roost run -- COMMAND ARGUMENT…")
    command = argv[0]
    if "/" not in command:
        return list(argv), None
    path = Path(os.path.normpath(cwd / command))
    inside = path.is_relative_to(cwd) and cwd != Path("/")
    if os.path.isabs(command) and not (inside and path.is_file()):
        return list(argv), None
    if not path.is_file():
        raise UsageError(
            f"the command {command} is no file below {cwd}",
            hint="name a file that is here, or a program of the executors without its directory",
        )
    place = _place(cwd, command)
    return [f"./{place}", *argv[1:]], command


def find_outputs(cwd: Path, named: Sequence[str], count: int) -> list[str]:
    """The outputs as a submit file names them: relative to ``cwd``, and below it.

    Raises UsageError for a destination that could not be written once the job is done.
    """
    places = []
    for name in named:
        place = os.path.relpath(os.path.normpath(cwd / name), cwd)
        if place == "." or place.startswith(".."):
            raise UsageError(
                f"the output {name} is not below the current directory",
                hint="a job brings its results back below the directory that it was run from",
            )
        check_name(place, "output")
        if count > 1 and "process" not in find_macros(place):
            raise UsageError(
                f"all {count} processes would bring back {name}, one over the other",
                hint=f"put $(Process) into its name, as in '{_numbered(name)}'",
            )
        for process in range(count if find_macros(place) else 1):
            check_writable(cwd, _expand(place, process))
        places.append(place)
    return places


def check_writable(cwd: Path, place: str) -> None:
    """Raise UsageError unless ``place`` below ``cwd`` can be written, or replaced."""
    destination = cwd / place
    parent = destination.parent
    while not parent.exists():
        parent = parent.parent
    if not parent.resolve().is_relative_to(cwd.resolve()):
        raise UsageError(f"the output {place} would leave {cwd}: {parent} is a link out of it")
    if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
        why = "is not a directory" if not parent.is_dir() else "may not be written"
        raise UsageError(f"the output {place} cannot be written: {parent} {why}")
    if destination.is_dir() and not os.access(destination, os.W_OK | os.X_OK):
        raise UsageError(f"the output {place} cannot be written: {destination} may not be written")


def check_name(place: str, what: str) -> None:
    """Raise UsageError for a name that HTCondor's lists of files cannot hold."""
    remainder = replace_macros(place, process=0, cluster=0)
    wrong = [text for text in (",", '"', "$(", "$$", "\0", "\n", "\r", "\t") if text in remainder]
    if wrong or place.strip() != place:
        seen = f"contains {wrong[0]!r}" if wrong else "begins or ends with a space"
        raise UsageError(
            f"HTCondor cannot transfer the {what} {place!r}: its name {seen}",
            hint="rename it; of macros, $(Process) and $(Cluster) can be used",
        )


def in_short(names: Iterable[str], most: int = 10) -> str:
    """Names in a row, and how many more there are."""
    names = list(names)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def expand_all(places: Iterable[str], *, count: int, cluster: int) -> Iterator[str]:
    """Every path that the places stand for, over all processes."""
    for place in places:
        for process in range(count if find_macros(place) else 1):
            yield replace_macros(place, process=process, cluster=cluster)


def _place(cwd: Path, name: str) -> str:
    path = Path(os.path.normpath(cwd / name))
    return path.relative_to(cwd).as_posix() if path.is_relative_to(cwd) else path.name


def _expand(text: str, process: int) -> str:
    return replace_macros(text, process=process, cluster=0)


def _numbered(name: str) -> str:
    stem, extension = posixpath.splitext(name)
    return f"{stem}.$(Process){extension}"
