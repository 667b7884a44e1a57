"""The package managers that setup can use, and what the packages are called there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from roost.setup.facts import HostFacts


@dataclass(frozen=True)
class Packages:
    """Packages that belong together; ``if_known`` only where the distribution has them."""

    needed: tuple[str, ...]
    if_known: tuple[str, ...] = ()


@dataclass(frozen=True)
class Manager:
    """A package manager: its commands, its packages, and how it says that it is busy."""

    name: str
    program: str
    own_engine: str
    """The engine that is installed when none is asked for (docs/decisions/engine-to-install.md)."""
    engines: Mapping[str, Packages]
    bootstrap: Packages | None
    refresh: tuple[str, ...] | None
    """Brings the list of packages up to date; None where installing does that by itself."""
    install: tuple[str, ...]
    knows: tuple[str, ...]
    """Succeeds when the package that follows is known."""
    busy: tuple[str, ...] = ()
    """Words of the output when another one is at work."""
    broken: tuple[str, ...] = ()
    """Words of the output when an earlier run was interrupted half-way."""
    repair: tuple[str, ...] | None = None
    """Finishes what was interrupted."""

    def __hash__(self) -> int:
        return hash(self.name)


_QUIET = ("env", "LC_ALL=C", "DEBIAN_FRONTEND=noninteractive", "NEEDRESTART_SUSPEND=1")
"""No question that nobody would answer, no restart of services, messages in known words."""

APT = Manager(
    name="apt",
    program="apt-get",
    own_engine="docker",
    engines={
        # Newer releases have the client in a package of its own. Without apparmor_parser Docker
        # starts no container on a kernel with AppArmor.
        "docker": Packages(("docker.io", "ca-certificates"), ("docker-cli", "apparmor")),
        # Podman finds containers by name with aardvark-dns only; most of the rest is for rootless.
        "podman": Packages(
            ("podman", "catatonit", "uidmap", "slirp4netns"),
            (
                "netavark",
                "aardvark-dns",
                "nftables",
                "passt",
                "fuse-overlayfs",
                "dbus-user-session",
            ),
        ),
    },
    bootstrap=Packages(("mmdebstrap", "debian-archive-keyring", "gpg"), ("uidmap",)),
    refresh=(*_QUIET, "apt-get", "update"),
    install=(*_QUIET, "apt-get", "install", "--yes", "--no-install-recommends"),
    knows=("apt-cache", "show", "--quiet"),
    busy=("Could not get lock", "Unable to acquire the dpkg frontend lock", "Unable to lock"),
    broken=("dpkg was interrupted",),
    repair=(*_QUIET, "dpkg", "--configure", "--pending"),
)

DNF = Manager(
    name="dnf",
    program="dnf",
    own_engine="podman",
    engines={
        "docker": Packages(("moby-engine",)),
        "podman": Packages(("podman",), ("netavark", "aardvark-dns")),
    },
    bootstrap=None,
    refresh=None,
    install=("env", "LC_ALL=C", "dnf", "install", "--assumeyes"),
    knows=("dnf", "--quiet", "info"),
)

MANAGERS = (APT, DNF)

_MENDS = {
    "apk": "`apk add docker && rc-update add docker && service docker start`",
    "pacman": "`pacman -S docker && systemctl enable --now docker`",
    "zypper": "`zypper install docker && systemctl enable --now docker`",
}
"""Package managers that setup leaves to their people, with what to type."""


def manager_of(facts: HostFacts) -> Manager | None:
    """The host's package manager, if setup can use it."""
    return next((manager for manager in MANAGERS if manager.program in facts.programs), None)


def other_mend(facts: HostFacts) -> str:
    """What people can do where setup cannot."""
    command = next((mend for program, mend in _MENDS.items() if program in facts.programs), None)
    how = (
        f"install and start Docker yourself with {command}"
        if command
        else ("install Docker or Podman yourself and start it")
    )
    return f"{how}, then run `roost setup` again"
