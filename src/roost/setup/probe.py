"""How the engines of this host do."""

from __future__ import annotations

import os
import shutil
from contextlib import closing

from roost.engines.detect import DOCKER_SOCKET, open_engine
from roost.engines.probe import Standing, look_at
from roost.errors import EngineUnavailableError
from roost.setup.facts import EngineState, search_path
from roost.setup.podman_networks import makes_networks


def probe_engine(name: str) -> EngineState:
    """The state of an engine. Podman needs no daemon: with its programs it is ready."""
    try:
        open_engine(name, os.environ).close()
    except EngineUnavailableError:
        return _docker_trouble() if name == "docker" else EngineState.ABSENT
    if name == "podman" and not os.environ.get("CONTAINER_HOST") and not makes_networks():
        return EngineState.INCOMPLETE
    return EngineState.READY


def describe_engine(name: str) -> str:
    """Name and version, from the engine itself: the proof that it answers.

    Raises :class:`roost.errors.EngineError` with its words where it does not.
    """
    with closing(open_engine(name, os.environ)) as engine:
        return f"{name} {engine.info().version}"


def _docker_trouble() -> EngineState:
    url = os.environ.get("DOCKER_HOST") or f"unix://{DOCKER_SOCKET}"
    if look_at(url).standing is Standing.DENIED:
        return EngineState.DENIED
    installed = shutil.which("dockerd", path=search_path())
    return EngineState.STOPPED if installed else EngineState.ABSENT
