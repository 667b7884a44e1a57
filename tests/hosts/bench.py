"""The test bench: hosts on a network, made once and shared, and gone afterwards whatever happens."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.enginehost import HostError
from tests.enginehost.packages import get_docker_command
from tests.hosts.host import Host
from tests.hosts.leftovers import clear
from tests.hosts.names import BASE_DIR, session
from tests.hosts.namespaces import make_namespace
from tests.hosts.network import Network


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
        self._hosts: dict[str, Host] = {}
        try:
            self.network = Network()
            self._images = tuple(images)
            self._archive = self._save("images", self._images)
        except BaseException:
            self.close()
            raise

    def hosts(self, *names: str, behind_router: bool = False) -> list[Host]:
        """The hosts of these names, made now if they are not there. A name has letters and digits."""
        missing = [name for name in names if name not in self._hosts]
        made = [self._place(name, behind_router=behind_router) for name in missing]
        with ThreadPoolExecutor() as threads:
            list(threads.map(self._equip, made))
        return [self._hosts[name] for name in names]

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

    def _place(self, name: str, *, behind_router: bool) -> Host:
        namespace = make_namespace(f"{session()}-{name}")
        attach = self.network.attach_behind_router if behind_router else self.network.attach
        address, plug = attach(namespace)
        number = len(self._hosts) + 1
        host = Host(name, number, namespace, address, plug, self._directory / name)
        self._hosts[name] = host
        return host

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
