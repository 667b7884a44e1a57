"""What a run takes along: files of the host, and their places where the job starts."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from roost.condor.macros import find_macros, replace_macros
from roost.errors import UsageError
from roost.pool.jobs.words import in_short


@dataclass(frozen=True)
class Input:
    """A file or directory of the host, and its place in the job's directory.

    ``process`` is whose it is; None: it is for all.
    """

    source: Path
    place: str
    process: int | None = None


def find_here(cwd: Path | None) -> Path:
    """The directory that names are relative to: this one, or that of the process. Raises UsageError where
    that one was removed."""
    try:
        return Path(os.path.normpath((cwd or Path()).absolute()))
    except FileNotFoundError as error:
        raise UsageError(
            "the current directory was removed", hint="go to another one: cd ~"
        ) from error


def find_inputs(cwd: Path, named: Sequence[str], count: int) -> list[Input]:
    """Everything to take along. Below ``cwd`` a file keeps its path; from elsewhere it comes under
    its base name. With ``$(Process)`` in a name there is one for each process.

    Raises UsageError that names all that are missing, or two that would meet in one place.
    """
    found: dict[tuple[int | None, str], Input] = {}
    missing: list[str] = []
    for name in dict.fromkeys(named):
        for one in _expand(cwd, name, count):
            if not _is_there(one.source):
                missing.append(_shown(cwd, one.source))
            _keep(found, one)
    if missing:
        raise UsageError(f"there is no {in_short(missing)}", hint=f"inputs are relative to {cwd}")
    return list(found.values())


def find_command(cwd: Path, argv: Sequence[str]) -> tuple[list[str], list[str]]:
    """The command as the job sees it, and the local file to take along for it, if it is one.

    As in a shell, a command with a '/' is a file, and any other is looked for in the PATH: the
    executor's. A file below ``cwd`` is taken along; any other absolute path is the executor's own.
    """
    if not argv or not argv[0]:
        raise UsageError("there is no command to run", hint="roost run -- COMMAND ARGUMENT…")
    command = argv[0]
    if "/" not in command:
        return list(argv), []
    path = Path(os.path.normpath(cwd / command))
    ours = path.is_relative_to(cwd) and cwd != Path("/") and path.is_file()
    if Path(command).is_absolute() and not ours:
        return list(argv), []
    if not path.is_file():
        raise UsageError(
            f"there is no file {command}",
            hint="name a file that is here, or a program of the executors without its directory",
        )
    return [f"./{_place(cwd, path)}", *argv[1:]], [command]


def _expand(cwd: Path, name: str, count: int) -> Iterator[Input]:
    if not name:
        raise UsageError(
            "an input has no name", hint="`-i .` takes all of the current directory along"
        )
    macros = find_macros(name)
    if "cluster" in macros:
        raise UsageError(f"the input {name} cannot depend on $(Cluster), which is not known yet")
    for process in range(count if macros else 1):
        source = Path(os.path.normpath(cwd / replace_macros(name, process=process)))
        whose = process if macros else None
        if source == cwd:
            yield from (Input(path, path.name, whose) for path in _children(source))
        else:
            yield Input(source, _place(cwd, source), whose)


def _children(directory: Path) -> list[Path]:
    try:
        return sorted(directory.iterdir())
    except OSError as error:
        raise UsageError(f"{directory} cannot be read: {error.strerror}") from error


def _keep(found: dict[tuple[int | None, str], Input], one: Input) -> None:
    for other in (found.get((one.process, one.place)), found.get((None, one.place))):
        if other and other.source != one.source:
            raise UsageError(
                f"the inputs {other.source} and {one.source} would both be {one.place} for the job",
                hint="rename one of them, or put both below the current directory",
            )
    found.setdefault((one.process, one.place), one)


def _place(cwd: Path, path: Path) -> str:
    return path.relative_to(cwd).as_posix() if path.is_relative_to(cwd) else path.name


def _is_there(path: Path) -> bool:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise UsageError(f"the input {path} cannot be read: {error.strerror}") from error
    return True


def _shown(cwd: Path, path: Path) -> str:
    """The path as short as it can be told."""
    return str(path.relative_to(cwd) if path.is_relative_to(cwd) else path)
