"""The files of the node program, found in the installed package."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from roost.engines.protocol import File
from roost.images.tree import BUILD_DIR

_TOP = (
    *("__init__", "contract", "invitation", "jobreach", "logline", "nodefacts"),
    *("pathfacts", "pathverdict", "promise", "redaction", "version"),
)
"""What host and containers have in common."""


@cache
def node_files() -> tuple[File, ...]:
    """The part of the package that a container runs, as ``roost/…``, sorted by path."""
    package = resources.files("roost")
    top = [package / f"{name}.py" for name in _TOP]
    files = [_file(f"roost/{entry.name}", entry) for entry in top]
    files += _sources("roost/node", package / "node")
    return tuple(sorted(files, key=lambda file: file.path))


def _sources(path: str, directory: Traversable) -> Iterator[File]:
    """The Python files of a package and of the packages in it."""
    for entry in directory.iterdir():
        if entry.name.endswith(".py"):
            yield _file(f"{path}/{entry.name}", entry)
        elif entry.is_dir() and (entry / "__init__.py").is_file():
            yield from _sources(f"{path}/{entry.name}", entry)


@cache
def recipe_file(name: str, path: str | None = None, mode: int = 0o644) -> File:
    """A file of ``roost.images.recipes``, at ``path`` (default: its name) in a build context."""
    return _file(path or name, resources.files("roost.images.recipes") / name, mode)


def build_file(name: str) -> File:
    """A file of ``roost.images.recipes`` that is there while the image is built."""
    return recipe_file(name, f"{BUILD_DIR}/{name}")


def _file(path: str, entry: Traversable, mode: int = 0o644) -> File:
    return File(path, entry.read_bytes(), mode)
