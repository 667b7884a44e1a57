"""Files that are replaced whole, and the one lock over the master's keys and records."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from roost import contract
from roost.node.say import NodeError


def replace_file(path: Path, text: str, *, mode: int = 0o600) -> None:
    """Write a file so that every reader, also one after a crash, sees all of the old or of the new."""
    new = path.with_name(f".{path.name}.writing")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), mode)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.rename(path)


def read_record(path: Path) -> Any:
    """A JSON object in a file of ours; an empty one where there is no file yet.

    Raises :class:`NodeError` for a damaged one: what it says must not be forgotten in silence.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(record, dict):
            raise ValueError("it holds no object")
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise NodeError(
            f"{path} cannot be read ({error}): restore it from a backup; without it, revoked nodes"
            " would be let in again"
        ) from None
    return record


@contextmanager
def locked(keys_dir: Path = Path(contract.KEYS_DIR)) -> Iterator[None]:
    """One at a time changes keys and records; the lock goes with the process that has it."""
    descriptor = os.open(keys_dir, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
