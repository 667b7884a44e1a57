"""Our plain data as the Engine API's JSON. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from roost.engines.protocol import ContainerSpec, Limits, Mount, Port, Tmpfs

JSON = dict[str, Any]

_MB = 1024 * 1024


def container(spec: ContainerSpec, *, image: str, restart_policy: str, log_config: JSON) -> JSON:
    """The body of "Create a container".

    All Linux capabilities are dropped before the wanted ones are added. The host name is an alias
    on the network, so that peers find the container by that name too.
    """
    body: JSON = {
        "Image": image,
        "Hostname": spec.hostname,
        "Labels": dict(spec.labels),
        "Env": [f"{key}={value}" for key, value in spec.environment.items()],
        "StopTimeout": spec.stop_timeout_s,
        "HostConfig": {
            "NetworkMode": spec.network,
            "Mounts": [_mount(mount) for mount in spec.mounts],
            "Tmpfs": {tmpfs.target: _tmpfs_options(tmpfs) for tmpfs in spec.tmpfs},
            "ReadonlyRootfs": spec.read_only,
            "CapDrop": ["ALL"],
            "CapAdd": list(spec.capabilities),
            "SecurityOpt": ["no-new-privileges:true"] if spec.no_new_privileges else [],
            "RestartPolicy": {"Name": restart_policy if spec.restart else "no"},
            "LogConfig": log_config,
            "PortBindings": _bindings(spec.ports),
            **_limits(spec.limits),
        },
        "NetworkingConfig": {"EndpointsConfig": {spec.network: {"Aliases": [spec.hostname]}}},
    }
    if spec.ports:
        body["ExposedPorts"] = {f"{port.port}/tcp": {} for port in spec.ports}
    if spec.command is not None:
        body["Cmd"] = list(spec.command)
    return body


def label_filter(labels: Mapping[str, str | None]) -> dict[str, list[str]]:
    """The ``filters`` that lists take: a label without a value stands for any value."""
    return {"label": [key if value is None else f"{key}={value}" for key, value in labels.items()]}


def _mount(mount: Mount) -> JSON:
    return {
        "Type": "bind" if mount.source.startswith("/") else "volume",
        "Source": mount.source,
        "Target": mount.target,
        "ReadOnly": mount.read_only,
    }


def _tmpfs_options(tmpfs: Tmpfs) -> str:
    return f"rw,nosuid,nodev,noexec,size={tmpfs.size_mb}m,mode={tmpfs.mode:o}"


def _bindings(ports: Sequence[Port]) -> JSON:
    bindings: JSON = {}
    for port in ports:
        place = {"HostIp": port.address, "HostPort": str(port.host_port)}
        bindings.setdefault(f"{port.port}/tcp", []).append(place)
    return bindings


def _limits(limits: Limits) -> JSON:
    wanted = {
        "NanoCpus": None if limits.cpus is None else round(limits.cpus * 1e9),
        "Memory": None if limits.memory_mb is None else limits.memory_mb * _MB,
        "PidsLimit": limits.pids,
        "ShmSize": None if limits.shm_mb is None else limits.shm_mb * _MB,
    }
    return {key: value for key, value in wanted.items() if value is not None}
