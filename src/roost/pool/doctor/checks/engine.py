"""The container engine, once it answers."""

from __future__ import annotations

from collections.abc import Iterator

from roost.pool.doctor.causes import Cause
from roost.pool.doctor.facts import Facts
from roost.pool.doctor.finding import Finding
from roost.pool.doctor.words import size

FULL_BYTES = 256 * 1024**2
LOW_BYTES = 2 * 1024**3


def check_disk(facts: Facts) -> Iterator[Finding]:
    """Space where the engine keeps images, containers and volumes."""
    free = facts.engine.free_bytes
    if free is not None and free < LOW_BYTES:
        yield Finding(
            Cause.ENGINE_DISK_FULL if free < FULL_BYTES else Cause.ENGINE_DISK_LOW,
            seen=f"{size(free)} free at {facts.engine.root_dir} on {facts.engine.host}",
            mend=f"free some there; `{facts.engine.name} system df` shows what takes it",
        )
