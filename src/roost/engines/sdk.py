"""The one implementation of the engine protocol over the ``docker`` SDK.

Docker and Podman (through its Docker-compatible socket) are subclasses that hold what differs.
"""

# ruff: noqa: D102 -- roost.engines.protocol.Engine says what each method does

from __future__ import annotations

import shutil
from functools import cached_property
from typing import Any

from roost.engines.api.builds import BuildCalls
from roost.engines.api.commands import CommandCalls
from roost.engines.api.containers import ContainerCalls
from roost.engines.api.networks import NetworkCalls
from roost.engines.protocol import Capabilities, EngineInfo


class SdkEngine(ContainerCalls, CommandCalls, NetworkCalls, BuildCalls):
    """A container engine that speaks the Docker Engine API."""

    name: str

    @property
    def capabilities(self) -> Capabilities:
        return _capabilities(self._told)

    def info(self) -> EngineInfo:
        self.__dict__.pop("_told", None)
        told = self._told
        return EngineInfo(
            name=self.name,
            version=told["ServerVersion"],
            host=told["Name"],
            root_dir=told["DockerRootDir"],
            free_bytes=self._free_bytes(told["DockerRootDir"]),
            capabilities=_capabilities(told),
        )

    def close(self) -> None:
        self._connection.close()

    @cached_property
    def _told(self) -> dict[str, Any]:
        """What the engine says of itself: asked once, since Podman takes 0.15 s to answer."""
        with self._connection.doing(f"asking {self.name} about itself") as client:
            told: dict[str, Any] = client.info()
        return told

    def _free_bytes(self, root_dir: str) -> int | None:
        """Free space of the disk that holds ``root_dir``; None where that is not on this host."""
        if not self._connection.url.startswith("unix:"):
            return None
        try:
            return shutil.disk_usage(root_dir).free
        except OSError:
            return None


def _capabilities(told: dict[str, Any]) -> Capabilities:
    # Docker tells it among its options, Podman by itself.
    options = told.get("SecurityOptions") or ()
    rootless = bool(told.get("Rootless")) or any("rootless" in option for option in options)
    limits = all(told.get(key, True) for key in ("MemoryLimit", "CpuCfsQuota", "PidsLimit"))
    # Podman claims limits that a rootless engine cannot set under the first version of cgroups.
    unenforced = rootless and str(told.get("CgroupVersion", "2")) == "1"
    swarm = told.get("Swarm") or {}
    return Capabilities(
        rootless=rootless,
        resource_limits=limits and not unenforced,
        stacks=bool(swarm.get("ControlAvailable")),
    )
