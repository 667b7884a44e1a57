"""Which steps lead from a host to an engine, as a table over hosts."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from roost.errors import EngineUnavailableError, UsageError
from roost.setup.facts import EngineState, HostFacts
from roost.setup.managers import APT, DNF
from roost.setup.plan import Install, Run, SetupPlan, StartDockerd, plan_setup
from roost.setup.podman_networks import CHOOSE_NETAVARK
from tests.unit.setup.hosts import ABSENT, DENIED, INCOMPLETE, READY, STOPPED, debian, fedora, host

DOCKER_IO = Install(APT, ("docker.io", "ca-certificates"), ("docker-cli", "apparmor"))
BOOTSTRAP = Install(
    APT, ("mmdebstrap", "debian-archive-keyring", "gpg"), ("uidmap",), required=False
)
BOOTSTRAP_TOO = dataclasses.replace(BOOTSTRAP, refresh=False)
ENABLE_DOCKER = Run("start Docker with systemd", ("systemctl", "enable", "--now", "docker.service"))
ENABLE_RESTARTS = Run(
    "let systemd start Podman's containers after a reboot",
    ("systemctl", "enable", "--now", "podman-restart.service"),
    required=False,
)
FEDORAS_PODMAN = Install(DNF, ("podman",), ("netavark", "aardvark-dns"))
NETWORKS = Install(APT, ("netavark", "aardvark-dns"))
CHOOSE = Run("have Podman make its networks with netavark", CHOOSE_NETAVARK)
JOIN = Run(
    "add ann to the group docker, whose members can become root on this host",
    ("usermod", "-aG", "docker", "ann"),
)
ANN: dict[str, Any] = {"user": "ann", "is_root": False}
COMPLETE = debian(programs=["mmdebstrap"], docker=READY)


@pytest.mark.parametrize(
    ("facts", "plan"),
    [
        (COMPLETE, SetupPlan("docker")),
        (debian(docker=READY), SetupPlan("docker", (BOOTSTRAP,))),
        (debian(podman=READY), SetupPlan("podman", (BOOTSTRAP,))),
        (debian(docker=STOPPED, podman=READY), SetupPlan("podman", (BOOTSTRAP,))),
        (
            debian(podman=INCOMPLETE),
            SetupPlan("podman", (NETWORKS, CHOOSE, BOOTSTRAP_TOO)),
        ),
        (
            debian(docker=STOPPED, podman=INCOMPLETE),
            SetupPlan("docker", (StartDockerd(), BOOTSTRAP)),
        ),
        (debian(docker=STOPPED), SetupPlan("docker", (StartDockerd(), BOOTSTRAP))),
        (debian(), SetupPlan("docker", (DOCKER_IO, StartDockerd(), BOOTSTRAP_TOO))),
        (
            debian(systemd=True),
            SetupPlan("docker", (DOCKER_IO, ENABLE_DOCKER, BOOTSTRAP_TOO)),
        ),
        (
            debian(systemd=True, **ANN),
            SetupPlan("docker", (DOCKER_IO, ENABLE_DOCKER, JOIN, BOOTSTRAP_TOO)),
        ),
        (debian(docker=DENIED, **ANN), SetupPlan("docker", (JOIN, BOOTSTRAP))),
        (
            debian(docker=DENIED, in_docker_group=True, **ANN),
            SetupPlan("docker", (BOOTSTRAP,)),
        ),
        (fedora(), SetupPlan("podman", (FEDORAS_PODMAN, ENABLE_RESTARTS))),
        (fedora(**ANN), SetupPlan("podman", (FEDORAS_PODMAN,))),
        (fedora(docker=READY), SetupPlan("docker")),
    ],
)
def test_the_nearest_engine_is_made_to_answer(facts: HostFacts, plan: SetupPlan) -> None:
    assert plan_setup(facts) == plan


def test_an_engine_that_was_asked_for_comes_before_a_nearer_one() -> None:
    plan = plan_setup(debian(programs=["mmdebstrap"], docker=READY), "podman")
    assert plan.engine == "podman"
    (install,) = plan.actions
    assert isinstance(install, Install)
    assert {"podman", "netavark", "aardvark-dns"} <= {*install.packages, *install.if_known}


def test_the_own_engine_of_fedora_is_not_its_only_one() -> None:
    assert plan_setup(fedora(), "docker").actions == (
        Install(DNF, ("moby-engine",)),
        ENABLE_DOCKER,
    )


@pytest.mark.parametrize(
    ("os_name", "program", "mend"),
    [
        ("Alpine Linux v3.22", "apk", "apk add docker"),
        ("Arch Linux", "pacman", "pacman -S docker"),
        ("openSUSE Leap 15.6", "zypper", "zypper install docker"),
        ("Darwin 24.0", "brew", "install Docker or Podman yourself"),
    ],
)
def test_other_systems_are_told_what_to_type(os_name: str, program: str, mend: str) -> None:
    with pytest.raises(EngineUnavailableError) as caught:
        plan_setup(host(os_name, [program]))
    assert os_name in caught.value.message
    assert caught.value.hint is not None
    assert mend in caught.value.hint


def test_podman_without_its_networks_is_told_what_it_lacks() -> None:
    with pytest.raises(EngineUnavailableError, match=r"networks.*Arch Linux") as caught:
        plan_setup(host("Arch Linux", ["pacman"], podman=INCOMPLETE))
    assert "netavark and aardvark-dns" in str(caught.value.hint)


@pytest.mark.parametrize("state", [ABSENT, STOPPED])
def test_nothing_is_started_behind_a_docker_host_that_points_elsewhere(state: EngineState) -> None:
    with pytest.raises(EngineUnavailableError, match="DOCKER_HOST names tcp://lab:2375"):
        plan_setup(debian(docker=state, docker_host="tcp://lab:2375"))


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(UsageError, match="'lxc'"):
        plan_setup(debian(), "lxc")
