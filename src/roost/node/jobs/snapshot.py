"""What came into a directory since it was looked at: by size and time, where it came."""

from __future__ import annotations

import json
import stat
from contextlib import suppress
from pathlib import Path

from roost.node.jobs.archive import walk

Snapshot = dict[str, list[int]]
"""Size and mtime (ns) of each file by its path; nothing for a directory."""


def take(directory: Path) -> Snapshot:
    """Everything below a directory, links not followed; without what vanishes meanwhile."""
    found: Snapshot = {}
    for path in walk(directory):
        with suppress(FileNotFoundError):
            facts = (directory / path).lstat()
            is_directory = stat.S_ISDIR(facts.st_mode)
            found[path] = [] if is_directory else [facts.st_size, facts.st_mtime_ns]
    return found


def save(file: Path, snapshot: Snapshot) -> None:
    """Keep it; it is there whole or not at all."""
    temporary = file.with_name(f".{file.name}")
    temporary.write_text(json.dumps(snapshot), encoding="ascii")
    temporary.replace(file)


def load(file: Path) -> Snapshot:
    """What :func:`save` kept; nothing if it kept nothing."""
    try:
        kept: Snapshot = json.loads(file.read_text(encoding="ascii"))
    except FileNotFoundError:
        return {}
    return kept


def changes(now: Snapshot, before: Snapshot) -> list[str]:
    """Paths of what is new or different, each directory before what is in it."""
    return sorted(path for path, facts in now.items() if before.get(path) != facts)
