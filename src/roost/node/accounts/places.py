"""Where jobs may leave files outside of their sandboxes: every directory that everybody may write to."""

from __future__ import annotations

import os

from roost.node.accounts.sweep import FIXED_PLACES

PLACES_FILE = "/run/roost/shared-directories"
"""Paths with a NUL between them; found before the first job."""
_FIND = ("/usr/bin/find", "/", "-xdev", "-type", "d", "-perm", "-0002", "-print0", "-prune")


def places() -> list[str]:
    """The directories of this node. Software that was added may have brought some of its own.

    What the operator has mounted belongs to nobody's account, so it is not looked into.
    """
    try:
        with open(PLACES_FILE, "rb") as file:
            found = file.read()
    except FileNotFoundError:
        found = _find()
    return [os.fsdecode(path) for path in found.split(b"\0") if path]


def _find() -> bytes:
    """Look through the root file system, once: it takes a tenth of a second."""
    import subprocess  # 6 ms, which no job after the first has to wait for

    # What find may not list, no job may either.
    searched = subprocess.run(_FIND, capture_output=True, check=False)
    paths = {*searched.stdout.split(b"\0"), *map(os.fsencode, FIXED_PLACES)} - {b""}
    found = b"\0".join(sorted(paths))
    temporary = f"{PLACES_FILE}.{os.getpid()}"
    with open(temporary, "wb") as file:
        file.write(found)
    os.replace(temporary, PLACES_FILE)
    return found
