"""Hosts as setup sees them, for tables."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from roost.setup.facts import EngineState, HostFacts

ABSENT, STOPPED = EngineState.ABSENT, EngineState.STOPPED
DENIED, READY = EngineState.DENIED, EngineState.READY
INCOMPLETE = EngineState.INCOMPLETE


def host(
    os_name: str,
    programs: Iterable[str],
    *,
    docker: EngineState = ABSENT,
    podman: EngineState = ABSENT,
    **facts: Any,
) -> HostFacts:
    engines = {"docker": docker, "podman": podman}
    return HostFacts(os_name, frozenset(programs), engines=engines, **facts)


def debian(*, programs: Iterable[str] = (), **facts: Any) -> HostFacts:
    return host("Debian GNU/Linux 12 (bookworm)", {"apt-get", *programs}, **facts)


def fedora(**facts: Any) -> HostFacts:
    return host("Fedora Linux 42", {"dnf", "systemctl", "sudo"}, systemd=True, **facts)
