"""Files of a build as they come to stand in the image. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

from roost.engines.protocol import File

TOP = "root"
"""The directory of a build context that a Dockerfile copies to ``/``."""

BUILD_DIR = "usr/share/roost/build"
"""Below ``/``: what the steps of a build need. It stays, since a layer that removes what an earlier one
holds tells when."""


def as_tree(files: Iterable[File]) -> tuple[File, ...]:
    """The files below :data:`TOP`, with every directory on the way to them.

    Directories that are in the context are given its time; those that an engine makes, or puts a file
    into, would have today's, and no two builds the same layer.
    """
    placed = [File(f"{TOP}/{one.path}", one.data, one.mode, one.uid, one.gid) for one in files]
    parents = {
        str(parent) for one in placed for parent in PurePosixPath(one.path).parents if parent.parts
    }
    return (*(File(path, None, 0o755) for path in sorted(parents)), *placed)
