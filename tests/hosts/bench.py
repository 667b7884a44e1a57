"""The test bench: hosts on a network, made once and shared, and gone afterwards whatever happens."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from pathlib import Path
from typing import Any, TypeVar

from tests.enginehost import HostError
from tests.enginehost.packages import get_docker_command
from tests.hosts.fabric import Fabric
from tests.hosts.host import Host
from tests.hosts.leftovers import clear
from tests.hosts.names import BASE_DIR, session
from tests.hosts.namespaces import make_namespace
from tests.hosts.network import Network
from tests.hosts.podman import PodmanHost

AnyHost = TypeVar("AnyHost", bound=Host)


class Bench:
    """Makes hosts. ``images`` are references on the machine's own Docker, which every host gets; each is
    the ``latest`` of its name there."""

    def __init__(self, images: Sequence[str]) -> None:
        if os.geteuid() != 0:
            raise HostError("tests of several hosts need root: it makes network namespaces")
        get_docker_command()
        clear()
        self._directory = BASE_DIR / session()
        self._directory.mkdir(mode=0o711)
        self._hosts: dict[str, Any] = {}
        try:
            self.network = Network()
            self._images = tuple(images)
            self._archive = self._save("images", self._images)
        except BaseException:
            self.close()
            raise

    def hosts(self, *names: str, behind_router: bool = False, podman: bool = False) -> list[Host]:
        """The hosts of these names, made now if they are not there. A name has letters and digits."""
        kind = PodmanHost if podman else Host
        return self._ensure(names, partial(self._place, kind, behind_router=behind_router))

    def routed_hosts(self, *names: str) -> list[PodmanHost]:
        """Hosts with Podman on a routed fabric, where no two containers share a network."""
        return self._ensure(names, self._place_routed)

    @cached_property
    def fabric(self) -> Fabric:
        """The routers between routed hosts, made at their first use."""
        return Fabric()

    def add_images(self, images: Sequence[str], hosts: Sequence[Host]) -> None:
        """Give hosts more images, under their own names."""
        archive = self._save("more", images)
        with ThreadPoolExecutor() as threads:
            list(threads.map(lambda host: self._load(host, archive), hosts))
        archive.unlink()

    def close(self) -> None:
        """Remove everything that was made."""
        with ThreadPoolExecutor() as threads:
            list(threads.map(Host.stop, self._hosts.values()))
        self._hosts.clear()
        clear(session())

    def _place(self, kind: type[Host], name: str, *, behind_router: bool) -> Host:
        namespace = make_namespace(f"{session()}-{name}")
        attach = self.network.attach_behind_router if behind_router else self.network.attach
        address, plug = attach(namespace)
        number = len(self._hosts) + 1
        return kind(name, number, namespace, address, plug, self._directory / name)

    def _place_routed(self, name: str) -> PodmanHost:
        namespace = make_namespace(f"{session()}-{name}")
        address, plug, blocks = self.fabric.attach(namespace)
        number = len(self._hosts) + 1
        return PodmanHost(
            name, number, namespace, address, plug, self._directory / name, blocks=blocks
        )

    def _ensure(self, names: Sequence[str], place: Callable[[str], AnyHost]) -> list[AnyHost]:
        missing = [name for name in names if name not in self._hosts]
        for name in missing:
            self._hosts[name] = place(name)
        with ThreadPoolExecutor() as threads:
            list(threads.map(self._equip, [self._hosts[name] for name in missing]))
        return [self._hosts[name] for name in names]

    def _equip(self, host: Host) -> None:
        host.start()
        self._load(host, self._archive)
        for image in self._images:
            host.docker("tag", image, f"{image.partition(':')[0]}:latest")

    @staticmethod
    def _load(host: Host, archive: Path) -> None:
        host.docker("load", "--quiet", "--input", str(archive))

    def _save(self, name: str, images: Sequence[str]) -> Path:
        """All images in one file, in which layers that they share are once."""
        path = self._directory / f"{name}.tar"
        argv = ["docker", "save", "--output", str(path), *images]
        saved = subprocess.run(argv, capture_output=True, text=True, check=False)
        if saved.returncode:
            raise HostError(f"`{' '.join(argv)}` failed: {saved.stderr}")
        return path
