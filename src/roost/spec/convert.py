"""From a valid pool file to the plain specification: paths are resolved and read here."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from pathlib import Path

from roost import contract
from roost.contract import Role
from roost.spec.limits import METRICS_OFF, split_endpoint
from roost.spec.model import ConfigPart, PoolSpec, Suite, VolumeSpec
from roost.spec.problems import Problem
from roost.spec.schema import Metrics, PoolFile, RoleConfig, Volume


def to_spec(pool_file: PoolFile, directory: Path) -> tuple[PoolSpec, list[Problem]]:
    """The specification, and what is wrong with the files it names, relative to ``directory``."""
    problems: list[Problem] = []
    config = list(_config_parts(pool_file, directory, problems))
    volumes = [
        _to_volume(f"volumes[{number}]", volume, directory, problems)
        for number, volume in enumerate(pool_file.volumes)
    ]
    problems += _same_targets(volumes)
    problems += _unpublishable(pool_file.metrics)
    problems += _taken_by_hosts(pool_file)
    spec = PoolSpec(
        name=pool_file.name,
        suite=Suite(pool_file.suite),
        executors=pool_file.executors.count,
        cpus=pool_file.executors.cpus,
        memory_mb=pool_file.executors.memory,
        master_memory_mb=pool_file.memory.master,
        submit_memory_mb=pool_file.memory.submit,
        apt=tuple(pool_file.software.apt),
        pip=tuple(pool_file.software.pip),
        config=tuple(config),
        volumes=tuple(volumes),
        metrics_listen=pool_file.metrics.listen,
        metrics_publish=pool_file.metrics.publish,
        users_publish=pool_file.users.publish,
        hosts_address=pool_file.hosts.address,
        hosts_bind=pool_file.hosts.bind,
    )
    return spec, problems


def _config_parts(
    pool_file: PoolFile, directory: Path, problems: list[Problem]
) -> Iterator[ConfigPart]:
    """For all roles first, then for each role; files before the text beside them."""
    tables: list[tuple[str, RoleConfig, tuple[Role, ...]]] = [
        ("htcondor", pool_file.htcondor, tuple(Role)),
        *((f"htcondor.{role}", getattr(pool_file.htcondor, role.value), (role,)) for role in Role),
    ]
    for key, table, roles in tables:
        for number, name in enumerate(table.config_files):
            text = _read_config(f"{key}.config_files[{number}]", directory / name, problems)
            yield ConfigPart(origin=name, text=text, roles=roles)
        if table.config:
            yield ConfigPart(origin=f"{key}.config", text=table.config, roles=roles)


def _read_config(key: str, path: Path, problems: list[Problem]) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        problems.append(Problem(key, f"there is no file {path}", "correct the path"))
    except UnicodeDecodeError:
        problems.append(Problem(key, f"{path} is not UTF-8 text", "save it as UTF-8"))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        problems.append(Problem(key, f"{path} cannot be read: {reason}"))
    return ""


def _to_volume(key: str, volume: Volume, directory: Path, problems: list[Problem]) -> VolumeSpec:
    source = directory / volume.source
    try:
        source = (directory / Path(volume.source).expanduser()).resolve(strict=True)
    except (OSError, ValueError, RuntimeError):
        problems.append(
            Problem(f"{key}.source", f"there is no {source} on this host", "make it first")
        )
    roles = tuple(role for role in Role if role.value in volume.roles)
    return VolumeSpec(source, volume.target, read_only=volume.read_only, roles=roles)


def _unpublishable(metrics: Metrics) -> Iterator[Problem]:
    if not metrics.publish:
        return
    if metrics.listen == METRICS_OFF:
        yield Problem(
            "metrics.publish",
            "nothing answers there: metrics.listen is off",
            "leave one of them out",
        )
    elif metrics.listen and ipaddress.ip_address(split_endpoint(metrics.listen)[0]).is_loopback:
        yield Problem(
            "metrics.listen",
            f"what listens at {metrics.listen} in a container cannot be published",
            "leave it out, or listen at 0.0.0.0",
        )


def _taken_by_hosts(pool_file: PoolFile) -> Iterator[Problem]:
    """Ports of the address for other hosts are the pool's own."""
    if not pool_file.hosts.address:
        if pool_file.hosts.bind:
            yield Problem(
                "hosts.bind",
                "nothing is published without hosts.address",
                "write the address at which other hosts reach this one, or leave both out",
            )
        return
    own = (contract.COLLECTOR_PORT, contract.SUBMIT_PORT_OUTSIDE)
    ends = {"users.publish": pool_file.users.publish, "metrics.publish": pool_file.metrics.publish}
    for key, published in ends.items():
        if published and split_endpoint(published)[1] in own:
            yield Problem(
                key,
                f"port {split_endpoint(published)[1]} is for the nodes of other hosts (hosts.address)",
                f"users reach the submit node at {pool_file.hosts.address}, port {own[1]}, anyway"
                if key == "users.publish"
                else "choose another port",
            )


def _same_targets(volumes: list[VolumeSpec]) -> Iterator[Problem]:
    taken: dict[tuple[Role, str], int] = {}
    for number, volume in enumerate(volumes):
        for role in volume.roles:
            first = taken.setdefault((role, volume.target), number)
            if first != number:
                yield Problem(
                    f"volumes[{number}].target",
                    f"{volume.target} is taken by volumes[{first}] on {role} nodes",
                    "choose another place",
                )
                break
