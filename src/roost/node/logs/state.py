"""What the forwarder knows, in a file: where to go on after a restart, and how many lines there were.

::

    {"files": {"SchedLog": [["5f0c2a91", 18432, 0], …]},
     "lines": {"SCHEDD": {"INFO": 12, "DEBUG": 40}, …},
     "jobs": {…}}

``files``: of each log the files that are still there, the newest last, each with its id, the offset up
to which it was told and how often it was truncated. ``lines``: events told of each daemon by level since
the volume was made, none counted twice; this is what the node's metrics read. ``jobs``: see
:class:`roost.node.logs.jobs.Jobs`.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from roost import contract

STATE_FILE = f"{contract.STATE_DIR}/.log-forwarder.json"
"""Beside the logs, in the same volume, so that both go or stay together."""


def load_state(path: Path) -> dict[str, Any]:
    """The state as it was saved; empty where there is none. Raises ValueError for a damaged one."""
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    if not isinstance(state, dict) or not all(isinstance(part, dict) for part in state.values()):
        raise ValueError("it is no JSON object of objects")
    return state


def save_state(path: Path, state: dict[str, Any]) -> None:
    """Replace the file at once: whoever reads it sees the state before or after, whole.

    Nothing is waited for: what a crash of the machine takes away is told again.
    """
    temporary = path.with_name(path.name + ".new")
    with open(temporary, "w", encoding="utf-8", opener=_open_private) as file:
        file.write(json.dumps(state, separators=(",", ":")))
    temporary.replace(path)


def _open_private(path: str, flags: int) -> int:
    """It tells what jobs of everybody ran where."""
    return os.open(path, flags, 0o600)
