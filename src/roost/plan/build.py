"""The plan of a pool from its specification."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from roost import contract
from roost.contract import Role
from roost.engines.protocol import ContainerSpec, Limits, Mount, Port, Tmpfs
from roost.plan.config import plan_config_files
from roost.plan.digest import node_digest
from roost.plan.model import NodePlan, PoolPlan
from roost.plan.names import (
    MASTER_NODE,
    SUBMIT_NODE,
    container_name,
    executor_name,
    network_name,
    node_labels,
)
from roost.plan.record import PoolRecord, record_file
from roost.plan.roles import EXECUTOR_OVERHEAD_MB, RUN_MB, TRAITS
from roost.spec import PoolSpec, split_endpoint


def plan_pool(spec: PoolSpec, images: Mapping[Role, str]) -> PoolPlan:
    """Everything an engine needs to make the pool what ``spec`` says.

    ``images`` names each role's image. A node is made anew when its reference changed: where that
    should follow a rebuild, it has to be an image id, or a tag that names the content.
    """
    executors = (executor_name(number) for number in range(1, spec.executors + 1))
    roles = {MASTER_NODE: Role.MASTER, SUBMIT_NODE: Role.SUBMIT}
    roles.update(dict.fromkeys(executors, Role.EXECUTE))
    return PoolPlan(
        pool=spec.name,
        network=network_name(spec.name),
        nodes=tuple(plan_node(spec, node, role, images[role]) for node, role in roles.items()),
        record=record_file(PoolRecord(spec, images)),
    )


@dataclass(frozen=True)
class Away:
    """Where a node stands whose master is on another host."""

    master: str
    """Where it reaches its master."""
    host: str
    """The name of its own host."""
    address: str = ""
    """Where other hosts reach it; empty: through the master only."""


def plan_node(
    spec: PoolSpec, node: str, role: Role, image: str, *, away: Away | None = None
) -> NodePlan:
    """One node. Nothing of other nodes enters it, so that scaling changes no node that stays.

    ``away`` is for a node whose master is not on the pool's network here.
    """
    name = container_name(spec.name, node)
    traits = TRAITS[role]
    container = ContainerSpec(
        name=name,
        image=image,
        hostname=name,
        network=network_name(spec.name),
        labels=node_labels(spec.name, node, role),
        environment=plan_environment(spec, node, role, away),
        mounts=plan_mounts(spec, name, role),
        tmpfs=(Tmpfs("/run", RUN_MB),),
        read_only=True,
        limits=plan_limits(spec, role),
        ports=plan_ports(spec, role) if away is None else _plan_ports_away(away),
        capabilities=traits.capabilities,
        no_new_privileges=True,
        stop_timeout_s=traits.stop_timeout_s,
        restart=True,
    )
    files = plan_config_files(spec, role)
    labels = {**container.labels, contract.LABEL_DIGEST: node_digest(container, files)}
    container = dataclasses.replace(container, labels=labels)
    return NodePlan(name=node, role=role, container=container, volume=name, files=files)


def plan_environment(
    spec: PoolSpec, node: str, role: Role, away: Away | None = None
) -> dict[str, str]:
    """The settings of a node; a secret has no place here, since anybody may read them."""
    environment = {contract.ENV_POOL: spec.name, contract.ENV_NODE: node}
    if role is not Role.MASTER:
        # Told a name, HTCondor (23.9.6) looks up the name of the master's address outside, for each job:
        # where no resolver answers, that takes 10 s. Told an address, it looks up nothing.
        near = spec.hosts_address or container_name(spec.name, MASTER_NODE)
        environment[contract.ENV_MASTER] = away.master if away else near
    if away:
        environment[contract.ENV_HOST] = away.host
        environment |= {contract.ENV_ADDRESS: away.address} if away.address else {}
    if role is Role.SUBMIT:
        environment[contract.ENV_MEMORY_MB] = str(spec.submit_memory_mb)
    if role is Role.EXECUTE:
        environment[contract.ENV_CPUS] = str(spec.cpus)
        environment[contract.ENV_MEMORY_MB] = str(spec.memory_mb)
    if spec.hosts_address:
        environment |= _plan_reach(spec, role)
    if spec.metrics_listen:
        environment[contract.ENV_METRICS] = spec.metrics_listen
    return environment


def _plan_reach(spec: PoolSpec, role: Role) -> dict[str, str]:
    """How a node of a pool with nodes on other hosts is reached. Those here share a network, whose name no
    other has: only one master can have that address."""
    reach = {contract.ENV_NETWORK: f"{spec.name}@{spec.hosts_address}"}
    if role is not Role.EXECUTE:
        reach[contract.ENV_ADDRESS] = spec.hosts_address
    if role is Role.SUBMIT:
        reach[contract.ENV_PORT] = str(contract.SUBMIT_PORT_OUTSIDE)
    return reach


def plan_ports(spec: PoolSpec, role: Role) -> tuple[Port, ...]:
    """What can be reached from outside the pool's network: the master's metrics, the submit node for its
    users, and both for nodes of other hosts, if they shall."""
    ports = []
    inside = node_port(spec, role)
    if spec.hosts_address and role is not Role.EXECUTE:
        ports.append(Port(spec.hosts_bind or spec.hosts_address, inside, inside))
    if role is Role.SUBMIT and spec.users_publish:
        address, host_port = split_endpoint(spec.users_publish)
        ports.append(Port(address, host_port, inside))
    if role is Role.MASTER and spec.metrics_publish:
        address, host_port = split_endpoint(spec.metrics_publish)
        listen = spec.metrics_listen
        port = split_endpoint(listen)[1] if listen else contract.METRICS_PORT
        ports.append(Port(address, host_port, port))
    return tuple(ports)


def _plan_ports_away(away: Away) -> tuple[Port, ...]:
    if not away.address:
        return ()
    return (Port(away.address, contract.COLLECTOR_PORT, contract.COLLECTOR_PORT),)


def node_port(spec: PoolSpec, role: Role) -> int:
    """The port that a node of that role listens on."""
    outside = spec.hosts_address and role is Role.SUBMIT
    return contract.SUBMIT_PORT_OUTSIDE if outside else contract.COLLECTOR_PORT


def plan_mounts(spec: PoolSpec, volume: str, role: Role) -> tuple[Mount, ...]:
    """What can be written besides ``/run``: the node's own volume, and its temporary files, which go
    with its container; then the volumes of the pool file."""
    extra = (
        Mount(str(volume.source), volume.target, read_only=volume.read_only)
        for volume in spec.volumes_for(role)
    )
    temporary = (Mount("", path) for path in contract.TEMPORARY_DIRS)
    return (Mount(volume, contract.STATE_DIR), *temporary, *extra)


def plan_limits(spec: PoolSpec, role: Role) -> Limits:
    """Bounds of a node. Only executors have bounds of CPU: only there jobs run."""
    always = Limits(pids=TRAITS[role].pids, log_mb=TRAITS[role].log_mb)
    if role is Role.MASTER:
        return dataclasses.replace(always, memory_mb=spec.master_memory_mb)
    if role is Role.SUBMIT:
        return dataclasses.replace(always, memory_mb=spec.submit_memory_mb)
    memory_mb = spec.memory_mb + EXECUTOR_OVERHEAD_MB
    return dataclasses.replace(
        always, cpus=float(spec.cpus), memory_mb=memory_mb, shm_mb=spec.memory_mb
    )
