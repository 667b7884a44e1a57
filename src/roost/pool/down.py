"""``down``: take a pool away, with or without what it keeps."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from roost import contract
from roost.commandline import command_line
from roost.contract import Role
from roost.engines.protocol import Container, ContainerState, Engine
from roost.errors import EngineError, NotFoundError, RoostError
from roost.events import Reporter, step
from roost.pool.nodes import role_of
from roost.pool.threads import each, engine_threads


@dataclass(frozen=True)
class DownResult:
    """What was removed, by name, and the volumes that were kept."""

    containers: tuple[str, ...]
    networks: tuple[str, ...]
    volumes: tuple[str, ...]
    kept_volumes: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether there was anything to remove."""
        return bool(self.containers or self.networks or self.volumes)


def take_down(engine: Engine, pool: str, report: Reporter, *, keep_data: bool) -> DownResult:
    """Remove everything that carries the pool's label; nothing to do is no error.

    With ``keep_data`` the volumes stay, so that the next ``up`` finds keys, queue and accounting
    as they were; HTCondor is stopped in order then, and jobs go back to the queue. Raises RoostError
    where another command makes containers of the pool meanwhile.
    """
    containers = engine.list_containers({contract.LABEL_POOL: pool})
    try:
        result = _remove(engine, pool, containers, report, keep_data=keep_data)
    except EngineError:
        _refuse_new(engine, pool, containers)
        raise
    _refuse_new(engine, pool, containers)
    return result


def _remove(
    engine: Engine, pool: str, containers: list[Container], report: Reporter, *, keep_data: bool
) -> DownResult:
    labels = {contract.LABEL_POOL: pool}
    with engine_threads() as threads:
        if containers:
            with step(report, "containers", f"{len(containers)} of pool {pool}"):
                if keep_data:
                    _stop_in_order(threads, engine, containers)
                each(threads, engine.remove_container, (c.name for c in containers))
        networks = [network.name for network in engine.list_networks(labels)]
        volumes = [volume.name for volume in engine.list_volumes(labels)]
        if networks:
            with step(report, "networks", ", ".join(networks)):
                each(threads, engine.remove_network, networks)
        if volumes and not keep_data:
            with step(report, "volumes", f"{len(volumes)} of pool {pool}"):
                each(threads, engine.remove_volume, volumes)
    return DownResult(
        containers=tuple(container.name for container in containers),
        networks=tuple(networks),
        volumes=() if keep_data else tuple(volumes),
        kept_volumes=tuple(volumes) if keep_data else (),
    )


def _refuse_new(engine: Engine, pool: str, before: list[Container]) -> None:
    ids = {one.id for one in before}
    now = engine.list_containers({contract.LABEL_POOL: pool})
    if new := [one.name for one in now if one.id not in ids]:
        raise RoostError(
            f"another command made {', '.join(new)} of pool {pool} meanwhile",
            hint=f"when it has ended, run `{command_line('down', pool)}` again",
        )


def _stop_in_order(
    threads: ThreadPoolExecutor, engine: Engine, containers: list[Container]
) -> None:
    """Executors first, so that their jobs return to a queue that is still there to take them."""
    for role in (Role.EXECUTE, Role.SUBMIT, Role.MASTER):
        running = (
            c.name for c in containers if c.state is ContainerState.RUNNING and role_of(c) is role
        )
        each(threads, lambda name: _stop(engine, name), running)


def _stop(engine: Engine, name: str) -> None:
    with suppress(NotFoundError):
        engine.stop(name)
