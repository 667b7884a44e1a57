"""The Engine API's JSON as our plain data. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from roost.engines.protocol import Container, ContainerState, Image, Network, Volume

JSON = Mapping[str, Any]

_EXITED = re.compile(r"Exited \((\d+)\)")
_NEVER = "0001-01-01"
_PODMAN_STATES = {
    "configured": ContainerState.CREATED,
    "initialized": ContainerState.CREATED,
    "stopping": ContainerState.RUNNING,
    "stopped": ContainerState.EXITED,
}


def inspected_container(found: JSON) -> Container:
    """From "Inspect a container"."""
    state = found["State"]
    status = container_state(state["Status"])
    started = str(state.get("StartedAt") or _NEVER)
    return Container(
        id=found["Id"],
        name=found["Name"].lstrip("/"),
        image=image_name(found["Config"]["Image"]),
        state=status,
        labels=found["Config"].get("Labels") or {},
        address=_address(found),
        exit_code=state.get("ExitCode") if status in _ENDED else None,
        started_at=None if started.startswith(_NEVER) else started,
        restarts=int(found.get("RestartCount") or 0),
        unhealthy=(state.get("Health") or {}).get("Status") == "unhealthy",
    )


def listed_container(found: JSON) -> Container:
    """From "List containers", which tells the exit code only inside a sentence."""
    ended = _EXITED.match(found.get("Status") or "")
    return Container(
        id=found["Id"],
        name=found["Names"][0].lstrip("/"),
        image=image_name(found["Image"]),
        state=container_state(found["State"]),
        labels=found.get("Labels") or {},
        address=_address(found),
        exit_code=int(ended[1]) if ended else None,
        unhealthy="(unhealthy)" in (found.get("Status") or ""),
    )


_ENDED = (ContainerState.EXITED, ContainerState.DEAD)


def container_state(status: str) -> ContainerState:
    """The state in the engines' common words."""
    return _PODMAN_STATES.get(status) or ContainerState(status)


def inspected_image(found: JSON) -> Image:
    """From "Inspect an image"."""
    return Image(
        id=found["Id"],
        tags=_tags(found),
        labels=(found.get("Config") or {}).get("Labels") or {},
        size=found["Size"],
        created=f"{found['Created'][:19]}Z",
    )


def listed_image(found: JSON) -> Image:
    """From "List images", where the time is in seconds of the epoch."""
    created = datetime.fromtimestamp(found["Created"], UTC)
    return Image(
        id=found["Id"],
        tags=_tags(found),
        labels=found.get("Labels") or {},
        size=found["Size"],
        created=created.strftime("%Y-%m-%dT%H:%M:%SZ"),
    )


def network(found: JSON) -> Network:
    """From "List networks"."""
    return Network(id=found["Id"], name=found["Name"], labels=found.get("Labels") or {})


def volume(found: JSON) -> Volume:
    """From "List volumes" and "Create a volume"."""
    return Volume(name=found["Name"], labels=found.get("Labels") or {})


def image_name(reference: str) -> str:
    """The name as Docker shows it: Podman spells out the place that Docker leaves out."""
    for prefix in ("localhost/", "docker.io/library/", "docker.io/"):
        if reference.startswith(prefix):
            return reference.removeprefix(prefix)
    return reference


def _tags(found: JSON) -> tuple[str, ...]:
    tags = found.get("RepoTags") or ()
    return tuple(sorted(image_name(tag) for tag in tags if tag != "<none>:<none>"))


def _address(found: JSON) -> str | None:
    networks = (found.get("NetworkSettings") or {}).get("Networks") or {}
    addresses = (
        net[key]
        for key in ("IPAddress", "GlobalIPv6Address")
        for net in networks.values()
        if net.get(key)
    )
    return next(addresses, None)
