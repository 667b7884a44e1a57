"""Networks and volumes in memory."""

# ruff: noqa: D102 -- roost.engines.protocol.Engine says what each method does

from __future__ import annotations

from collections.abc import Mapping

from roost.engines.api.names import carries, check_name, check_ours
from roost.engines.fake.state import State, VolumeBox, made_id, recorded
from roost.engines.protocol import Network, Volume


class FakeNetworks(State):
    """The part of the engine in memory that deals in networks and volumes."""

    @recorded
    def list_networks(self, labels: Mapping[str, str | None]) -> list[Network]:
        with self._lock:
            networks = sorted(self._networks.values(), key=lambda one: one.name)
        return [one for one in networks if carries(one.labels, labels)]

    @recorded
    def ensure_network(self, name: str, labels: Mapping[str, str]) -> Network:
        check_name("network", name)
        with self._lock:
            made = Network(made_id(name), name, dict(labels))
            network = self._networks.setdefault(name, made)
        check_ours("network", name, labels, network.labels)
        return network

    @recorded
    def remove_network(self, name: str) -> None:
        with self._lock:
            self._refuse_if_used("network", name, lambda spec: spec.network == name)
            self._networks.pop(name, None)

    @recorded
    def list_volumes(self, labels: Mapping[str, str | None]) -> list[Volume]:
        with self._lock:
            volumes = sorted((box.shown for box in self._volumes.values()), key=lambda v: v.name)
        return [one for one in volumes if carries(one.labels, labels)]

    @recorded
    def ensure_volume(self, name: str, labels: Mapping[str, str]) -> Volume:
        check_name("volume", name)
        with self._lock:
            volume = self._volumes.setdefault(name, VolumeBox(Volume(name, dict(labels)))).shown
        check_ours("volume", name, labels, volume.labels)
        return volume

    @recorded
    def remove_volume(self, name: str) -> None:
        with self._lock:
            self._refuse_if_used(
                "volume", name, lambda spec: any(mount.source == name for mount in spec.mounts)
            )
            self._volumes.pop(name, None)
