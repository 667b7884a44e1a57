"""What setup needs to know of the host, looked up once and passed on as plain data."""

from __future__ import annotations

import getpass
import grp
import os
import platform
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from roost.engines.detect import ENGINES

PROGRAMS = (
    *("docker", "dockerd", "podman", "mmdebstrap", "systemctl", "sudo"),
    *("apt-get", "dnf", "apk", "pacman", "zypper"),
)
"""The programs whose presence decides something."""

_SYSTEMD_RUNS = Path("/run/systemd/system")
"""The place that sd_booted(3) looks at."""


class EngineState(Enum):
    """How far an engine is from being of use."""

    ABSENT = "absent"
    """Not installed."""
    STOPPED = "stopped"
    """Installed, and nothing answers."""
    INCOMPLETE = "incomplete"
    """Installed, without what its networks take."""
    DENIED = "denied"
    """It runs, and this user may not talk to it."""
    READY = "ready"
    """It answers."""


@dataclass(frozen=True)
class HostFacts:
    """The host as setup sees it."""

    os_name: str
    """For people: ``Debian GNU/Linux 12 (bookworm)``."""
    programs: frozenset[str] = frozenset()
    """Those of :data:`PROGRAMS` that are there."""
    systemd: bool = False
    """systemd is the running init system, not only installed."""
    user: str = "root"
    is_root: bool = True
    in_docker_group: bool = False
    """By the host's records; the running session may be older than they are."""
    docker_host: str | None = None
    """DOCKER_HOST, which names another engine than the one that setup could start."""
    engines: Mapping[str, EngineState] = field(default_factory=dict)

    def engine(self, name: str) -> EngineState:
        """The state of one engine."""
        return self.engines.get(name, EngineState.ABSENT)


def read_facts(probe: Callable[[str], EngineState]) -> HostFacts:
    """Look at this host. ``probe`` says how an engine does."""
    return HostFacts(
        os_name=read_os_name(),
        programs=frozenset(name for name in PROGRAMS if shutil.which(name, path=search_path())),
        systemd=_SYSTEMD_RUNS.is_dir(),
        user=getpass.getuser(),
        is_root=os.geteuid() == 0,
        in_docker_group=is_in_group(getpass.getuser(), "docker"),
        docker_host=os.environ.get("DOCKER_HOST") or None,
        engines={name: probe(name) for name in ENGINES},
    )


def read_os_name() -> str:
    """The operating system's name for people."""
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return f"{platform.system()} {platform.release()}"
    return release["PRETTY_NAME"]


def is_in_group(user: str, group: str) -> bool:
    """Whether the host's records make the user a member of the group."""
    try:
        return user in grp.getgrnam(group).gr_mem
    except KeyError:
        return False


def search_path() -> str:
    """PATH with the administrator's directories, which Debian's ordinary users lack."""
    own = os.environ.get("PATH", os.defpath).split(os.pathsep)
    admin = ("/usr/local/sbin", "/usr/sbin", "/sbin")
    return os.pathsep.join([*own, *(directory for directory in admin if directory not in own)])
