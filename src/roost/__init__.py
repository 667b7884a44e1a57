"""Roost: a secured HTCondor pool in containers.

The public API is what ``__all__`` names. It is loaded on first use, so that ``roost --version`` and the
program inside the containers (which shares this package) pay for nothing they do not need.
"""

from __future__ import annotations

from roost.version import __version__

# Type checkers know this name, and `typing` itself would take longer than all else that a job's start
# in the containers imports.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from roost.errors import RoostError
    from roost.pool import Pool

__all__ = ["Pool", "RoostError", "__version__"]

_HOMES = {"Pool": "roost.pool", "RoostError": "roost.errors"}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'roost' has no attribute {name!r}")
