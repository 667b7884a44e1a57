"""Whether this node has begun far enough to be asked."""

from __future__ import annotations

import time
from pathlib import Path

from roost import contract

_PAUSE_S = 0.02


def await_configuration(deadline: float) -> bool:
    """Wait until HTCondor's configuration is written; whether it was by then, in ``time.monotonic()``.

    HTCondor's bindings read it once, and a node that has just begun has not written it.
    """
    path = Path(contract.CONFIG_FILE)
    while not path.exists():
        if time.monotonic() > deadline:
            return False
        time.sleep(_PAUSE_S)
    return True
