"""The pool file ``roost.toml`` and what it means.

``model`` holds the frozen result, ``limits`` what a value may be, ``overlay`` what flags change,
``knobs`` the warnings about extra configuration. ``load`` reads a pool file: it alone needs
pydantic, and is imported on the first call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from roost.spec.knobs import config_warnings
from roost.spec.limits import (
    check_cpus,
    check_executors,
    check_host_address,
    check_pool_name,
    parse_memory_mb,
    split_endpoint,
)
from roost.spec.model import ConfigPart, PoolSpec, Suite, VolumeSpec
from roost.spec.overlay import overlay
from roost.spec.problems import PoolFileError, Problem

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "ConfigPart",
    "PoolFileError",
    "PoolSpec",
    "Problem",
    "Suite",
    "VolumeSpec",
    "check_cpus",
    "check_executors",
    "check_host_address",
    "check_pool_name",
    "config_warnings",
    "load_pool_file",
    "overlay",
    "parse_memory_mb",
    "split_endpoint",
]


def load_pool_file(path: Path) -> PoolSpec:
    """Read and check a pool file. Raises :class:`PoolFileError` with every problem found in it."""
    from roost.spec.load import load

    return load(path)
