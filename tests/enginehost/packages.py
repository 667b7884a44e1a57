"""What has to be installed, and its installation from Debian's packages."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.enginehost.problems import HostError

_DAEMON_PATH = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))
_HELPERS = (Path("/usr/lib/podman"), Path("/usr/libexec/podman"))


@dataclass(frozen=True)
class Need:
    """A program, and Debian's package of it. ``helper``: one that stands outside PATH, for
    Podman. ``alone``: one that is only unpacked, since its package would start a service."""

    program: str
    package: str
    helper: bool = False
    alone: bool = False


NEEDS = (
    Need("dockerd", "docker.io"),
    Need("podman", "podman"),
    Need("runc", "runc"),
    Need("iptables", "iptables"),
    Need("ip", "iproute2"),
    Need("netavark", "netavark", helper=True),
    Need("aardvark-dns", "aardvark-dns", helper=True),
)
DOCKER_COMMAND = Need("docker", "docker-cli")
"""Later releases of Debian have it in a package beside docker.io, earlier ones in docker.io itself."""
SSH = Need("ssh", "openssh-client")
DROPBEAR = Need("dropbear", "dropbear-bin")
"""A server for ssh whose package starts none."""
COMPOSE = Need("docker-compose", "docker-compose")
BUSYBOX = Need("busybox", "busybox-static")
PROMETHEUS = Need("prometheus", "prometheus", alone=True)
PROMTOOL = Need("promtool", "prometheus", alone=True)

_UNPACKED = Path(tempfile.gettempdir()) / f"roost-test-programs-{os.getuid()}"


def install_missing() -> None:
    """Install what is missing. Raises :class:`HostError` where that cannot be done here."""
    missing = [need.package for need in NEEDS if find_program(need) is None]
    if static_busybox() is None:
        missing.append(BUSYBOX.package)
    if missing:
        _install(missing)
    for need in (PROMETHEUS, PROMTOOL):
        get_program(need)


def get_program(need: Need) -> Path:
    """Where the program is, unpacked now if it is one that stands alone. Raises :class:`HostError`."""
    found = find_program(need)
    if found is None and need.alone:
        _unpack(need.package)
        found = find_program(need)
    if found is None:
        raise HostError(f"there is no {need.program}: install {need.package}")
    return found


def get_docker_command() -> Path:
    """Docker's command, installed now if it is missing. Raises :class:`HostError`."""
    return get_installed(DOCKER_COMMAND)


def get_installed(need: Need) -> Path:
    """Where the program is, installed now if it is missing. Raises :class:`HostError`."""
    if find_program(need) is None:
        _install([need.package])
    return get_program(need)


def find_program(need: Need) -> Path | None:
    """Where the program is."""
    if need.helper:
        return next((at / need.program for at in _HELPERS if (at / need.program).exists()), None)
    path = f"{_DAEMON_PATH}{os.pathsep}{_UNPACKED / 'usr/bin'}" if need.alone else _DAEMON_PATH
    found = shutil.which(need.program, path=path)
    return Path(found) if found else None


def static_busybox() -> Path | None:
    """A busybox that needs no library, since it is to be alone in an image."""
    found = find_program(BUSYBOX)
    return found if found and is_static(found.read_bytes()) else None


def is_static(program: bytes) -> bool:
    """Whether a program (ELF, 64 bits) names no interpreter, which is what loads libraries."""
    interpreter = 3
    start = int.from_bytes(program[32:40], "little")
    size = int.from_bytes(program[54:56], "little")
    count = int.from_bytes(program[56:58], "little")
    kinds = (program[at : at + 4] for at in range(start, start + size * count, size))
    return all(int.from_bytes(kind, "little") != interpreter for kind in kinds)


def _install(packages: Sequence[str]) -> None:
    wanted = " ".join(packages)
    if shutil.which("apt-get") is None:
        raise HostError(f"the tests need {wanted}: install them with this system's package manager")
    if os.geteuid() != 0:
        raise HostError(f"the tests need {wanted}: run `sudo apt-get install {wanted}`")
    _run("apt-get", "update", "-qq")
    _run("apt-get", "install", "-qq", "-y", "--no-install-recommends", *packages)


def _unpack(package: str) -> None:
    if shutil.which("apt-get") is None:
        raise HostError(f"the tests need {package}: install it with this system's package manager")
    with tempfile.TemporaryDirectory(prefix="roost-test-") as directory:
        try:
            _run("apt-get", "download", "-qq", package, cwd=directory)
        except HostError:
            if os.geteuid() != 0:
                raise
            _run("apt-get", "update", "-qq")
            _run("apt-get", "download", "-qq", package, cwd=directory)
        (archive,) = Path(directory).glob("*.deb")
        _run("dpkg-deb", "--extract", str(archive), str(_UNPACKED))


def _run(*argv: str, cwd: str | None = None) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        argv, env=environment, cwd=cwd, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise HostError(f"`{' '.join(argv)}` failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
