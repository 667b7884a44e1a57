"""Networks and volumes."""

# ruff: noqa: D102 -- roost.engines.protocol.Engine says what each method does

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from roost.engines.api import parse, payload
from roost.engines.api.connection import Connection
from roost.engines.api.names import check_name, check_ours
from roost.engines.protocol import Network, Volume
from roost.errors import ConflictError, NotFoundError
from roost.waiting import wait_for

_NAME_TIMEOUT_S = 30.0


class NetworkCalls:
    """The part of an engine that deals in networks and volumes."""

    _connection: Connection

    def list_networks(self, labels: Mapping[str, str | None]) -> list[Network]:
        with self._connection.doing("listing networks") as client:
            found = client.networks(filters=payload.label_filter(labels))
        return sorted(map(parse.network, found), key=lambda one: one.name)

    def ensure_network(self, name: str, labels: Mapping[str, str]) -> Network:
        check_name("network", name)
        found = wait_for(
            f"creating network {name}",
            lambda: (
                next(iter(self._networks_named(name)), None) or self._create_network(name, labels)
            ),
            timeout_s=_NAME_TIMEOUT_S,
        )
        network = parse.network(found)
        check_ours("network", name, labels, network.labels)
        return network

    def remove_network(self, name: str) -> None:
        found = self._networks_named(name)
        # By name, since Podman (4.3) takes an id for unused whoever uses it; by id where Docker has
        # two of one name.
        for reference in [name] if len(found) == 1 else [one["Id"] for one in found]:
            with (
                suppress(NotFoundError),
                self._connection.doing(f"removing network {name}") as client,
            ):
                client.remove_network(reference)

    def list_volumes(self, labels: Mapping[str, str | None]) -> list[Volume]:
        with self._connection.doing("listing volumes") as client:
            found = client.volumes(filters=payload.label_filter(labels))["Volumes"] or []
        return sorted(map(parse.volume, found), key=lambda one: one.name)

    def ensure_volume(self, name: str, labels: Mapping[str, str]) -> Volume:
        check_name("volume", name)
        try:
            volume = self._create_volume(name, labels)
        except ConflictError:  # somebody else made it meanwhile, which Podman minds
            volume = self._create_volume(name, labels)
        check_ours("volume", name, labels, volume.labels)
        return volume

    def remove_volume(self, name: str) -> None:
        with (
            suppress(NotFoundError),
            self._connection.doing(f"removing volume {name}") as client,
        ):
            client.remove_volume(name)

    def _create_volume(self, name: str, labels: Mapping[str, str]) -> Volume:
        """Engines answer with the volume that is there where there is one."""
        with self._connection.doing(f"creating volume {name}") as client:
            return parse.volume(client.create_volume(name, labels=dict(labels)))

    def _create_network(self, name: str, labels: Mapping[str, str]) -> dict[str, Any] | None:
        """Create it and look at it; None when somebody else was first."""
        try:
            with self._connection.doing(f"creating network {name}") as client:
                client.create_network(
                    name, driver="bridge", check_duplicate=True, labels=dict(labels)
                )
        except ConflictError:
            return None
        return next(iter(self._networks_named(name)), None)

    def _networks_named(self, name: str) -> list[dict[str, Any]]:
        """The networks of exactly that name, the oldest first: the engine's filter takes parts."""
        with self._connection.doing(f"looking for network {name}") as client:
            found = client.networks(names=[name])
        exact = [one for one in found if one["Name"] == name]
        return sorted(exact, key=lambda one: (one["Created"], one["Id"]))
