"""The mirror of the host's file system in a submission: a path means there what it means here."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from roost import contract
from roost.engines.protocol import File
from roost.errors import UsageError
from roost.pool.jobs.upload import owned, upload

_MOST_NAMES = 20_000


class Mirror:
    """Paths and files of one submission's mirror."""

    def __init__(self, submission: str) -> None:
        self._root = f"{submission}/{contract.SUBMISSION_ROOT}"

    def on_host(self, path: str) -> Path | None:
        """The host's path of one on the submit node; None for what is not in the mirror."""
        root = Path(contract.JOBS_DIR) / self._root
        return Path("/") / Path(path).relative_to(root) if Path(path).is_relative_to(root) else None

    def directories(self, paths: Iterable[Path]) -> Iterator[File]:
        """Directories of the host with all above them, and nothing that is in them."""
        places = {str(place) for path in paths for place in (path, *path.parents)}
        for place in sorted(places):
            yield owned(f"{self._root}{place}".rstrip("/"), None, 0o755)

    def contents(self, paths: Iterable[Path]) -> Iterator[File]:
        """Files of the host, and directories with all that is in them."""
        yield from upload(((path, str(path).lstrip("/")) for path in paths), self._root)

    def names(self, directory: Path, *, but: Path) -> list[File]:
        """Everything below a directory as empty files, except one. Raises UsageError for a
        directory that holds too much."""
        found: list[File] = []
        for place, _, files in os.walk(directory):
            found.append(owned(f"{self._root}{place}", None, 0o755))
            paths = (Path(place) / name for name in files)
            found += [owned(f"{self._root}{path}", b"") for path in paths if path != but]
            if len(found) > _MOST_NAMES:
                raise UsageError(
                    f"{directory} holds more than {_MOST_NAMES} files to match names with",
                    hint="submit from a directory that holds only what the jobs need",
                )
        return found
