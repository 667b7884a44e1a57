"""A host whose engine is Podman."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from tests.enginehost import containers_conf, daemons
from tests.hosts import routed_link
from tests.hosts.fabric import MTU, NO_BLOCKS, Blocks
from tests.hosts.host import Host

_OWN_AND_BECOME = """
hostname "$1"; own=$2; shift 2
for place in /run/netns /run/libpod /run/containers /var/lib/containers /var/lib/cni; do
    mkdir -p "$own$place" "$place"
    mount --bind "$own$place" "$place"
done
mount -t tmpfs -o size=64m tmpfs /dev/shm
exec "$@"
"""
"""Where Podman keeps what is a host's own, its locks too, each host sees its own."""
NETWORKS = {"routed": ("ipv4",), "routed6": ("ipv6",), "routed46": ("ipv4", "ipv6")}
"""The networks of a host on the routed fabric, with the versions of IP that their containers have. The
first is what a container gets that is told nothing."""
_BACKEND = 'network_backend = "netavark"\n'
_DEFAULTS = f"[containers]\n\n[network]\n{_BACKEND}"
_NO_RESOLVER = '[containers]\ndns_servers = ["198.18.255.53", "2001:2:0:ff::53"]\n'


@dataclass
class PodmanHost(Host):
    """``blocks`` are its containers' addresses on the routed fabric; without, Podman has its bridge."""

    program: ClassVar[str] = "podman"
    blocks: Blocks = NO_BLOCKS

    @property
    def url(self) -> str:
        """Where its service answers: from everywhere on the machine, since it is a file."""
        return f"unix://{self.directory}/podman.sock"

    @property
    def environment(self) -> Mapping[str, str]:
        """With which ``podman`` and this checkout's ``roost`` mean this host."""
        kept = {name: value for name, value in super().environment.items() if name != "DOCKER_HOST"}
        chosen = {"CONTAINER_HOST": self.url, "ROOST_ENGINE": "podman"}
        return {**kept, **chosen, "CONTAINERS_CONF": str(self.directory / "containers.conf")}

    def start(self) -> None:
        """Start its service."""
        self.directory.mkdir(parents=True)
        (self.directory / "containers.conf").write_text(self._settings())
        argv = [
            *("unshare", "--uts", "--mount", "sh", "-ec", _OWN_AND_BECOME, "sh"),
            *(self.name, str(self.directory)),
            *("podman", "system", "service", "--time=0", self.url),
        ]
        log = self.directory / "podman.log"
        here = {name: value for name, value in self.environment.items() if name != "CONTAINER_HOST"}
        self.daemon = daemons.start(self.namespace.command(*argv), self.url, log, here)

    def clear(self) -> None:
        """Remove its containers, volumes and networks, but for those that it began with."""
        self.docker("container", "rm", "--all", "--force", "--time=0", check=False)
        self.docker("volume", "rm", "--all", "--force", check=False)
        made = set(self.docker("network", "ls", "--quiet", check=False).split())
        for network in made - {"podman", *NETWORKS}:
            self.docker("network", "rm", network, check=False)

    def container_address(self, name: str) -> str:
        """A container's address on the fabric; nothing for one that is not there."""
        form = "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{.GlobalIPv6Address}}{{end}}"
        shown = self.docker("inspect", "--format", form, name, check=False)
        return (shown.split() or [""])[0]

    def _settings(self) -> str:
        """Its containers.conf: what this machine needs, and the host's own networks."""
        networks = self.directory / "networks"
        networks.mkdir()
        settings = containers_conf.render(containers_conf.look()) or _DEFAULTS
        lines = [f'network_config_dir = "{networks}"']
        if self.blocks is not NO_BLOCKS:
            lines += self._routed(networks)
            settings = settings.replace(_BACKEND, "").replace("[containers]\n", _NO_RESOLVER)
        return settings.replace("[network]\n", "\n".join(("[network]", *lines, "")))

    def _routed(self, networks: Path) -> list[str]:
        """The routed networks, and the settings that make them the host's."""
        plugin = self.directory / "plugins" / "routed"
        plugin.parent.mkdir()
        plugin.write_text(f'#!/bin/sh\nexec {sys.executable} "{routed_link.__file__}"\n')
        plugin.chmod(0o755)
        for name, versions in NETWORKS.items():
            link = {
                "type": plugin.name,
                "mtu": MTU,
                "blocks": [getattr(self.blocks, version) for version in versions],
                "numbers": str(self.directory / "numbers"),
            }
            config = {"cniVersion": routed_link.VERSION, "name": name, "plugins": [link]}
            (networks / f"{name}.conflist").write_text(json.dumps(config))
        return [
            'network_backend = "cni"',
            f'cni_plugin_dirs = ["{plugin.parent}"]',
            f'default_network = "{next(iter(NETWORKS))}"',
        ]
