"""A pool as a stack of services for ``docker stack deploy``. Pure."""

from __future__ import annotations

import dataclasses
from typing import Any

from roost import contract
from roost.contract import Role
from roost.engines.protocol import ContainerSpec, Mount
from roost.export.files import SECRETS
from roost.export.model import Services, config_file, logging_of, secret_of
from roost.export.yaml import Commented, render_yaml
from roost.spec import ConfigPart, PoolSpec

FILE = "stack.yaml"
NETWORK = "pool"
_VERSION = "3.9"
_MB = 1024 * 1024
_ID = "{{.Task.ID}}"
_HOST = "{{.Node.Hostname}}"
_PORTS = {Role.MASTER: contract.COLLECTOR_PORT, Role.SUBMIT: contract.SUBMIT_PORT_OUTSIDE}
_FORGETTING = ConfigPart(
    "roost export swarm",
    "# An executor that is lost never comes back under its name. It is forgotten after one or two minutes\n"
    "# instead of fifteen: until then, jobs are matched to it in vain.\n"
    "CLASSAD_LIFETIME = 60\n",
    (Role.MASTER,),
)
_HOST_ONLY = {
    "hosts_address": "hosts.address: a stack's network spans its hosts",
    "metrics_publish": "metrics.publish: a stack publishes at every address of a host, not at one",
    "users_publish": f"users.publish: the submit node is at port {contract.SUBMIT_PORT_OUTSIDE} of its host",
}


def for_swarm(spec: PoolSpec) -> tuple[PoolSpec, tuple[str, ...]]:
    """What of a pool a stack can have, and in words what is left out."""
    left = {key: why for key, why in _HOST_ONLY.items() if getattr(spec, key)}
    bare = dataclasses.replace(
        spec,
        hosts_address="",
        metrics_publish="",
        users_publish="",
        config=(_FORGETTING, *spec.config),
    )
    return bare, tuple(left.values())


def render_stack(services: Services, *, state_on: str, secrets_id: str) -> str:
    """The stack file. ``state_on`` is the host that keeps the volumes of master and submit node."""
    values = {
        "version": _VERSION,
        "services": Commented(
            {str(role): _service(services, role, state_on) for role in Role}, _ABOUT_SERVICES
        ),
        "networks": Commented({NETWORK: {"driver": "overlay"}}, {NETWORK: _ABOUT_NETWORK}),
        "volumes": {str(role): {} for role in _PORTS},
        "secrets": _secrets(services.pool, secrets_id),
    }
    configs = {
        f"{role}-config": {
            "name": f"{services.pool}-{role}-{node.digest[:12]}",
            "file": f"./{config_file(role)}",
        }
        for role, node in services.nodes.items()
        if services.config_of(role)
    }
    if configs:
        values["configs"] = configs
    return render_yaml(_HEAD.format(pool=services.pool), Commented(values, _ABOUT))


def _service(services: Services, role: Role, state_on: str) -> Commented:
    container = services.nodes[role].container
    service: dict[str, Any] = {
        "image": container.image,
        "hostname": _ID if role is Role.EXECUTE else str(role),
        "environment": _environment(services, role),
        "secrets": [_secret(role)],
        "networks": [NETWORK],
    }
    if services.config_of(role):
        target = f"{contract.EXTRA_CONFIG_DIR}/pool.config"
        service["configs"] = [{"source": f"{role}-config", "target": target}]
    if role in _PORTS:
        port = _PORTS[role]
        service["ports"] = [{"target": port, "published": port, "mode": "host"}]
    service |= {
        "volumes": _volumes(container, role),
        "read_only": container.read_only,
        "cap_drop": ["ALL"],
        "cap_add": list(container.capabilities),
        "stop_grace_period": f"{services.stop_grace_s(role)}s",
        "healthcheck": {"disable": True},
        "logging": logging_of(container),
        "deploy": _deploy(services, role, state_on),
    }
    return Commented(service, _ABOUT_SERVICE[role])


def _environment(services: Services, role: Role) -> dict[str, str]:
    environment = {**services.environment(role), contract.ENV_HOST: _HOST}
    if role is Role.SUBMIT:
        environment[contract.ENV_PORT] = str(_PORTS[role])
    return environment


def _secret(role: Role) -> dict[str, Any]:
    source, target = secret_of(role)
    return {"source": source, "target": target, "mode": 0o400}


def _volumes(container: ContainerSpec, role: Role) -> list[dict[str, Any]]:
    own, *others = container.mounts
    volumes: list[dict[str, Any]] = []
    kept = {"source": str(role)} if role in _PORTS else {}
    volumes.append({"type": "volume", **kept, "target": own.target})
    volumes += [_volume(mount) for mount in others]
    for tmpfs in container.tmpfs:
        volumes.append(_memory(tmpfs.target, tmpfs.size_mb))
    if container.limits.shm_mb:
        volumes.append(_memory("/dev/shm", container.limits.shm_mb))  # noqa: S108
    return volumes


def _volume(mount: Mount) -> dict[str, Any]:
    if not mount.source:
        return {"type": "volume", "target": mount.target}
    kind = "bind" if mount.source.startswith("/") else "volume"
    return {
        "type": kind,
        "source": mount.source,
        "target": mount.target,
        "read_only": mount.read_only,
    }


def _memory(target: str, size_mb: int) -> dict[str, Any]:
    """Of mode 1777, since a stack file has no other; a node closes its ``/run`` itself."""
    return {"type": "tmpfs", "target": target, "tmpfs": {"size": size_mb * _MB}}


def _deploy(services: Services, role: Role, state_on: str) -> dict[str, Any]:
    limits = services.nodes[role].container.limits
    bounds: dict[str, Any] = {"cpus": f"{limits.cpus:g}"} if limits.cpus else {}
    bounds |= {"memory": f"{limits.memory_mb}M", "pids": limits.pids}
    deploy: dict[str, Any] = {"endpoint_mode": "dnsrr"}
    if role is Role.EXECUTE:
        deploy["replicas"] = services.executors
        update = {"parallelism": 1, "order": "start-first", "failure_action": "pause"}
    else:
        deploy |= {"replicas": 1, "placement": {"constraints": [f"node.hostname == {state_on}"]}}
        update = {"parallelism": 1, "order": "stop-first", "failure_action": "pause"}
    deploy |= {
        "update_config": update,
        "restart_policy": {"condition": "any", "delay": "5s"},
        "resources": {"limits": bounds},
    }
    return deploy


def _secrets(pool: str, secrets_id: str) -> dict[str, Any]:
    """With the id in their names: Swarm never changes a secret, and new ones are other ones."""
    return {
        name: {"name": f"{pool}-{name}-{secrets_id}", "file": f"./{SECRETS}/{name}"}
        for name, _ in map(secret_of, Role)
    }


_HEAD = """\
Pool {pool} as a stack of Docker Swarm, by `roost export swarm`. Change what you like.

Every host needs the images first (`roost images push-to HOST`). Then, on a manager:

  docker stack deploy --resolve-image never -c stack.yaml {pool}
  docker service scale {pool}_execute=10
  docker exec -iu roost -w /tmp $(docker ps -q -f name={pool}_submit) condor_submit < job.sub"""

_ABOUT = {
    "secrets": "Whoever has `promise` can become any node of the pool; an invite lets nodes of one role in.\n"
    "Swarm keeps them encrypted, and gives each to its own service alone; each deploy reads the files.",
    "volumes": "The pool's state: signing keys and accounting of the master, the queue of the submit node.",
}
_ABOUT_SERVICES = {
    "master": "Central manager: collector and negotiator.",
    "submit": "Access point: the queue.",
    "execute": "Execution points: where jobs run. As many as you like.",
}
_ABOUT_NETWORK = "Traffic of HTCondor's is encrypted by itself."
_UNCHANGED = {
    "secrets": "Mode 256 is 0400: root's alone.",
    "healthcheck": "Swarm would end a node that is not well, and the jobs on it.",
    "cap_drop": "No more rights than the role's work takes.",
}
_PINNED = (
    "Of the host that it runs on; `deploy` says which, since its volume is there and nowhere else."
)
_ABOUT_SERVICE: dict[Role, dict[str, str]] = {
    Role.MASTER: {**_UNCHANGED, "ports": _PINNED},
    Role.SUBMIT: {**_UNCHANGED, "ports": _PINNED},
    Role.EXECUTE: {
        **_UNCHANGED,
        "hostname": "The node's name: no two tasks ever have the same.",
        "volumes": "All but what is mounted from the host goes with the task.",
        "stop_grace_period": f"Longer than {contract.ENV_STOP_GRACE_S}, for which jobs may go on when Swarm"
        " stops an executor:\nset both above the longest job.",
    },
}
