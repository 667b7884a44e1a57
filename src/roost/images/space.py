"""Room for a build, asked before it starts."""

from __future__ import annotations

import shutil
import tempfile

from roost.engines.protocol import Engine
from roost.errors import ImageBuildError

FIRST_BUILD_BYTES = 1_500_000_000
"""What all images of a suite take where the engine keeps them, and their build in between."""
DERIVED_BUILD_BYTES = 500_000_000
BOOTSTRAP_BYTES = 600_000_000
"""A root file system and its archive at the same time, in the temporary directory."""


def ensure_engine_space(engine: Engine, needed: int) -> None:
    """Raise :class:`ImageBuildError` where the engine has fewer than ``needed`` bytes free."""
    info = engine.info()
    if info.free_bytes is not None and info.free_bytes < needed:
        where = f"{info.root_dir}, where {info.name} keeps its images,"
        raise _no_room(where, info.free_bytes, needed, "make room there: remove unused images")


def ensure_temporary_space(needed: int = BOOTSTRAP_BYTES) -> None:
    """The same for the directory of temporary files."""
    directory = tempfile.gettempdir()
    free = shutil.disk_usage(directory).free
    if free < needed:
        hint = "make room there, or set TMPDIR to a directory on a larger disk"
        raise _no_room(directory, free, needed, hint)


def _no_room(where: str, free: int, needed: int, hint: str) -> ImageBuildError:
    mb = 1_000_000
    return ImageBuildError(
        f"{where} has {free // mb} MB free, and the build needs {needed // mb} MB", hint=hint
    )
