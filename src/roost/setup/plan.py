"""Which steps lead from a host as it is to an engine that answers. Pure: facts in, actions out."""

from __future__ import annotations

from dataclasses import dataclass

from roost.engines.detect import ENGINES
from roost.errors import EngineUnavailableError, UsageError
from roost.setup.facts import EngineState, HostFacts
from roost.setup.managers import Manager, manager_of, other_mend
from roost.setup.podman_networks import CHOOSE_NETAVARK, NETAVARK


@dataclass(frozen=True)
class Install:
    """Install packages of the distribution; ``if_known`` where it has them."""

    manager: Manager
    packages: tuple[str, ...]
    if_known: tuple[str, ...] = ()
    required: bool = True
    """Without it there is no engine."""
    refresh: bool = True
    """Bring the list of packages up to date first."""

    def __str__(self) -> str:
        return f"install {' '.join(self.packages)} with {self.manager.name}"


@dataclass(frozen=True)
class Run:
    """Run a command as root that starts an engine or gives the user access to it."""

    what: str
    command: tuple[str, ...]
    required: bool = True

    def __str__(self) -> str:
        return self.what


@dataclass(frozen=True)
class StartDockerd:
    """Start Docker's daemon where no init system would, so that it outlives this terminal."""

    required: bool = True

    def __str__(self) -> str:
        return "start dockerd"


Action = Install | Run | StartDockerd

_NEAREST_FIRST = (
    EngineState.READY,
    EngineState.DENIED,
    EngineState.STOPPED,
    EngineState.INCOMPLETE,
)


@dataclass(frozen=True)
class SetupPlan:
    """What to do for ``engine`` to answer; nothing where ``actions`` is empty."""

    engine: str
    actions: tuple[Action, ...] = ()


def plan_setup(facts: HostFacts, wanted: str | None = None) -> SetupPlan:
    """Choose an engine and the steps that make it answer.

    ``wanted`` is an engine's name, or None for the one that is nearest: running, else installed,
    else the distribution's own. Raises :class:`roost.errors.EngineUnavailableError` where Roost
    does not know how to install one.
    """
    engine = choose_engine(facts, wanted)
    state = facts.engine(engine)
    actions: list[Action] = []
    if state is EngineState.INCOMPLETE:
        actions += complete_podman(facts)
    if state in (EngineState.ABSENT, EngineState.STOPPED):
        refuse_other_host(facts, engine)
        actions += install_engine(facts, engine) if state is EngineState.ABSENT else []
        actions += start_engine(facts, engine)
    if engine == "docker" and state is not EngineState.READY:
        actions += join_group(facts)
    refreshed = any(isinstance(action, Install) for action in actions)
    return SetupPlan(engine, (*actions, *install_bootstrap(facts, refresh=not refreshed)))


def choose_engine(facts: HostFacts, wanted: str | None) -> str:
    """The engine that setup is about."""
    if wanted is not None:
        if wanted not in ENGINES:
            raise UsageError(
                f"there is no engine {wanted!r} that Roost knows",
                hint=f"use {' or '.join(ENGINES)}",
            )
        return wanted
    for state in _NEAREST_FIRST:
        for engine in ENGINES:
            if facts.engine(engine) is state:
                return engine
    manager = manager_of(facts)
    return manager.own_engine if manager else ENGINES[0]


def refuse_other_host(facts: HostFacts, engine: str) -> None:
    """Raise where DOCKER_HOST would keep pointing away from the engine that is started here."""
    if engine == "docker" and facts.docker_host:
        raise EngineUnavailableError(
            f"DOCKER_HOST names {facts.docker_host}, and no Docker answers there",
            hint="start it, or unset DOCKER_HOST and run `roost setup` again",
        )


def install_engine(facts: HostFacts, engine: str) -> list[Action]:
    """The packages of the engine."""
    manager = manager_of(facts)
    if manager is None:
        raise EngineUnavailableError(
            f"there is no {engine}, and Roost cannot install it on {facts.os_name}",
            hint=other_mend(facts),
        )
    packages = manager.engines[engine]
    return [Install(manager, packages.needed, packages.if_known)]


def complete_podman(facts: HostFacts) -> list[Action]:
    """What makes its networks, and the word that these are to be used."""
    manager = manager_of(facts)
    if manager is None:
        raise EngineUnavailableError(
            "Podman lacks the programs that make its networks, and Roost cannot install them on"
            f" {facts.os_name}",
            hint="install netavark and aardvark-dns, then run `roost setup` again",
        )
    return [
        Install(manager, NETAVARK),
        Run("have Podman make its networks with netavark", CHOOSE_NETAVARK),
    ]


def start_engine(facts: HostFacts, engine: str) -> list[Action]:
    """What makes an installed engine answer. Podman has no daemon: its socket starts on demand."""
    if engine == "podman":
        if not (facts.systemd and facts.is_root):
            return []
        command = ("systemctl", "enable", "--now", "podman-restart.service")
        return [
            Run("let systemd start Podman's containers after a reboot", command, required=False)
        ]
    if facts.systemd:
        return [
            Run("start Docker with systemd", ("systemctl", "enable", "--now", "docker.service"))
        ]
    return [StartDockerd()]


def join_group(facts: HostFacts) -> list[Action]:
    """Gives a user the right to use Docker's socket, from the next login on."""
    if facts.is_root or facts.in_docker_group:
        return []
    what = f"add {facts.user} to the group docker, whose members can become root on this host"
    return [Run(what, ("usermod", "-aG", "docker", facts.user))]


def install_bootstrap(facts: HostFacts, *, refresh: bool) -> list[Action]:
    """What makes the base image where no registry answers; of use, but not needed everywhere."""
    manager = manager_of(facts)
    if manager is None or manager.bootstrap is None or "mmdebstrap" in facts.programs:
        return []
    needed, if_known = manager.bootstrap.needed, manager.bootstrap.if_known
    return [Install(manager, needed, if_known, required=False, refresh=refresh)]
