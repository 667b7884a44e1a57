"""Names that every engine takes, and objects that are ours by their labels. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from roost.engines.api.failures import NAMES_HINT, READ_ONLY_HINT
from roost.errors import ConflictError, EngineError

_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")


def check_name(kind: str, name: str) -> None:
    """Raise :class:`EngineError` for a name that some engine refuses.

    Asked before the engine is: Docker (20.10) takes any network name, and a broken one stays
    behind.
    """
    if not _NAME.fullmatch(name):
        raise EngineError(f"no {kind} can be called {name!r}", hint=f"{kind} {NAMES_HINT}")


def check_ours(kind: str, name: str, wanted: Mapping[str, str], found: Mapping[str, str]) -> None:
    """Raise :class:`ConflictError` when an object lacks one of the wanted labels.

    It may carry more: containers inherit the labels of their image.
    """
    other = sorted(key for key, value in wanted.items() if found.get(key) != value)
    if other:
        raise ConflictError(
            f"there is a {kind} {name} already, and it belongs to something else"
            f" (label {other[0]} is {found.get(other[0], 'not there')!r})",
            hint=f"choose another name, or remove that {kind} if nobody needs it",
        )


def carries(found: Mapping[str, str], wanted: Mapping[str, str | None]) -> bool:
    """Whether all the labels are there; None stands for any value."""
    return all(
        key in found and (value is None or found[key] == value) for key, value in wanted.items()
    )


def split_tag(reference: str) -> tuple[str, str]:
    """An image's repository and tag; the colon of a registry's port starts no tag."""
    repository, colon, tag = reference.rpartition(":")
    return (repository, tag) if colon and "/" not in tag else (reference, "latest")


def check_writable(name: str, directory: str, *, read_only: bool, volumes: Iterable[str]) -> None:
    """Raise :class:`EngineError` with the mend where files cannot be put into a container from outside: with
    a read-only root, anywhere but in its volumes."""
    place = PurePosixPath(directory)
    if read_only and not any(place.is_relative_to(volume) for volume in volumes):
        raise EngineError(
            f"putting files into {name}:{directory}: that is no volume", hint=READ_ONLY_HINT
        )
