"""A pool as a compose file, for one host. Pure.

In the part of the format that docker-compose (1.29 and 2) and podman-compose have in common. Each executor is
a service of its own: podman-compose (1.0.3) gives all containers of a service one volume.
"""

from __future__ import annotations

from typing import Any

from roost import contract
from roost.contract import Role
from roost.engines.protocol import Mount, Tmpfs
from roost.export.files import SECRETS
from roost.export.model import Services, config_file, logging_of, secret_of
from roost.export.yaml import Commented, Like, Shared, render_yaml
from roost.plan import executor_name

FILE = "compose.yaml"
_SINGLE = (Role.MASTER, Role.SUBMIT)
_AFTER = {Role.SUBMIT: (Role.MASTER,), Role.EXECUTE: (Role.MASTER, Role.SUBMIT)}
"""They are stopped the other way round: jobs end first, and nobody waits for a master that is gone."""


def render_compose(services: Services) -> str:
    """The compose file."""
    executor = Shared(str(Role.EXECUTE), _service(services, Role.EXECUTE), _ABOUT_EXECUTE)
    executors = [executor_name(number) for number in range(1, services.executors + 1)]
    single = [str(role) for role in _SINGLE]
    values = {
        "x-execute": executor,
        "services": Commented(
            {
                **{str(role): _service(services, role) for role in _SINGLE},
                **{name: _executor(services.pool, executor, name) for name in executors},
            },
            _ABOUT_SERVICES if executors else {},
        ),
        "volumes": {name: {} for name in (*single, *executors)},
        "secrets": {name: {"file": f"./{SECRETS}/{name}"} for name, _ in map(secret_of, Role)},
    }
    return render_yaml(_HEAD.format(pool=services.pool), Commented(values, _ABOUT))


def _executor(pool: str, executor: Shared, name: str) -> Like:
    """A name that a stranger may have: those of `roost up` are given to nobody else."""
    own = {"hostname": f"{pool}-{name}", "volumes": [f"{name}:{contract.STATE_DIR}"]}
    own["volumes"] += executor["volumes"]
    return Like(executor, own)


def _service(services: Services, role: Role) -> dict[str, Any]:
    container = services.nodes[role].container
    limits = container.limits
    source, target = secret_of(role)
    service: dict[str, Any] = {"image": container.image}
    if role is not Role.EXECUTE:
        service["hostname"] = str(role)
    if role in _AFTER:
        service["depends_on"] = [str(other) for other in _AFTER[role]]
    service |= {
        "environment": services.environment(role),
        "secrets": [{"source": source, "target": target}],
        "volumes": _volumes(services, role),
        "tmpfs": [_tmpfs(tmpfs) for tmpfs in container.tmpfs],
    }
    if container.ports:
        service["ports"] = [f"{port}:{port.port}" for port in container.ports]
    if limits.cpus:
        service["cpus"] = limits.cpus
    service |= {"mem_limit": f"{limits.memory_mb}m", "pids_limit": limits.pids}
    if limits.shm_mb:
        service["shm_size"] = f"{limits.shm_mb}m"
    service |= {
        "read_only": container.read_only,
        "cap_drop": ["ALL"],
        "cap_add": list(container.capabilities),
        "security_opt": ["no-new-privileges:true"],
        "stop_grace_period": f"{services.stop_grace_s(role)}s",
        "restart": "unless-stopped",
        "logging": logging_of(container),
    }
    return service


def _volumes(services: Services, role: Role) -> list[str]:
    own, *others = services.nodes[role].container.mounts
    kept = [f"{role}:{own.target}"] if role in _SINGLE else []
    volumes = [*kept, *(_volume(mount) for mount in others)]
    if services.config_of(role):
        volumes.append(f"./{config_file(role)}:{contract.EXTRA_CONFIG_DIR}/pool.config:ro")
    return volumes


def _volume(mount: Mount) -> str:
    if not mount.source:
        return mount.target
    return f"{mount.source}:{mount.target}:{'ro' if mount.read_only else 'rw'}"


def _tmpfs(tmpfs: Tmpfs) -> str:
    return f"{tmpfs.target}:size={tmpfs.size_mb}m,mode={tmpfs.mode:o}"


_HEAD = """\
Pool {pool} on one host, by `roost export compose`. Change what you like.

  docker-compose -p {pool} up -d
  docker-compose -p {pool} exec -T -u roost submit condor_q"""

_ABOUT = {
    "secrets": "Whoever has `promise` can become any node of the pool; an invite lets nodes of one role in.",
    "x-execute": "What all execution points are like, where jobs run.",
    "volumes": "The pool's state: signing keys and accounting of the master, the queue of the submit node.",
}
_ABOUT_SERVICES = {
    "master": "Central manager: collector and negotiator.",
    "submit": "Access point: the queue.",
    executor_name(1): "For one more: such a service with the next number, and its volume below.",
}
_ABOUT_EXECUTE = {
    "stop_grace_period": f"Longer than {contract.ENV_STOP_GRACE_S}, for which jobs may go on when an executor"
    " is stopped:\nset both above the longest job.",
}
