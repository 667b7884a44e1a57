"""The keys of a pool file, as pydantic models: read, checked and documented from here alone.

Everything is strict (a number is no text, a text no list) and unknown keys are refused. Importing
this takes a tenth of a second, so only :mod:`roost.spec.load` and the reference do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from roost import contract
from roost.spec import limits
from roost.spec.model import PoolSpec

RoleName = Literal["master", "submit", "execute"]
SuiteName = Literal["trixie", "forky"]

_DEFAULT = PoolSpec()


def _memory(value: object, check: Callable[[int], int] = limits.check_memory_mb) -> int:
    """An amount of memory as MiB."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise limits.BadValueError(
            f"{value!r} is not an amount of memory",
            hint='write a number of MB such as 2048, or a text such as "2GB" or "512MB"',
        )
    return limits.parse_memory_mb(value, check)


def _node_memory(value: object) -> int:
    return _memory(value, limits.check_node_memory)


class Table(BaseModel):
    """A table of the pool file."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Executors(Table):
    """The execute nodes, all alike."""

    count: Annotated[int, AfterValidator(limits.check_executors)] = Field(
        default=_DEFAULT.executors,
        description=f"How many executors, from 1 to {limits.MAX_EXECUTORS}.",
    )
    cpus: Annotated[int, AfterValidator(limits.check_cpus)] = Field(
        default=_DEFAULT.cpus,
        description=f"CPUs of each executor, from 1 to {contract.MAX_CPUS_PER_EXECUTOR}: HTCondor offers "
        "them to jobs, and the engine enforces them. All executors together may have more than the host, one "
        "alone may not.",
    )
    memory: Annotated[int, BeforeValidator(_memory)] = Field(
        default=_DEFAULT.memory_mb,
        description="Memory that each executor offers to jobs, as a number of MB or as a text with "
        'one of HTCondor\'s units: `"512MB"`, `"2GB"`, `"1.5TB"`. The units are powers of 1024. '
        f"At least `{limits.MIN_MEMORY_MB}MB`.",
        json_schema_extra={"type_name": "whole number or text", "default_text": '"2GB"'},
    )


class Memory(Table):
    """Most memory of the nodes that run no jobs, so that none takes the host's. Nothing is set aside: a limit
    above what the host has limits nothing. The least is `1GB` for each."""

    master: Annotated[int, BeforeValidator(_node_memory)] = Field(
        default=_DEFAULT.master_memory_mb,
        description="Of the master, for the collector's ads.",
        json_schema_extra={"type_name": "whole number or text", "default_text": '"4GB"'},
    )
    submit: Annotated[int, BeforeValidator(_node_memory)] = Field(
        default=_DEFAULT.submit_memory_mb,
        description="Of the submit node. HTCondor's `MAX_JOBS_RUNNING` and `MAX_JOBS_SUBMITTED` follow "
        "from it, so that jobs wait or are refused before memory runs out: three quarters are for the "
        "processes that look after running jobs, one quarter for the queue. `16GB` is for 2976 running "
        "and 253952 queued jobs.",
        json_schema_extra={"type_name": "whole number or text", "default_text": '"16GB"'},
    )


class Software(Table):
    """Software for jobs. It goes into an execute image of the pool's own, made by `roost up`."""

    apt: list[Annotated[str, AfterValidator(limits.check_apt_package)]] = Field(
        default=[],
        description="Debian packages of the pool's suite; `name=version` asks for one version.",
    )
    pip: list[Annotated[str, AfterValidator(limits.check_pip_requirement)]] = Field(
        default=[],
        description="Python requirements, installed with pip for the executors' `python3`.",
    )


class RoleConfig(Table):
    """Extra HTCondor configuration of one role."""

    config: str = Field(default="", description="Configuration in HTCondor's own language.")
    config_files: list[str] = Field(
        default=[],
        description="Files of the same, relative to the pool file; applied before `config`.",
    )


class HTCondor(RoleConfig):
    """Extra HTCondor configuration, applied last: whatever it sets wins over Roost's own settings.

    Settings that touch security, identities or the network are accepted with a warning.
    """

    master: RoleConfig = Field(
        default=RoleConfig(),
        description="The same for the master alone, applied after that for all nodes.",
    )
    submit: RoleConfig = Field(
        default=RoleConfig(),
        description="The same for the submit node alone, applied after that for all nodes.",
    )
    execute: RoleConfig = Field(
        default=RoleConfig(),
        description="The same for the executors alone, applied after that for all nodes.",
    )


class Volume(Table):
    """A directory or file of the engine's host, mounted into containers."""

    source: str = Field(
        description="Path on the host, which must exist: absolute, relative to the pool file, or "
        "starting with `~`."
    )
    target: Annotated[str, AfterValidator(limits.check_mount_target)] = Field(
        description="Absolute path in the container, where it hides nothing that the node needs."
    )
    read_only: bool = Field(default=True, description="Whether jobs may only read it.")
    roles: list[RoleName] = Field(
        default=["execute"], min_length=1, description="The roles whose nodes get it."
    )


class Metrics(Table):
    """Health and metrics of the nodes ([monitoring](monitoring/README.md)). Whoever can connect may read
    them; there is nothing secret in them."""

    publish: Annotated[str, AfterValidator(limits.check_endpoint)] = Field(
        default=_DEFAULT.metrics_publish,
        description="Address and port of the engine's host where the master answers, such as "
        '`"127.0.0.1:9620"`; the master tells of all nodes. Empty: nowhere outside the pool\'s network.',
    )
    listen: Annotated[str, AfterValidator(limits.check_listen)] = Field(
        default=_DEFAULT.metrics_listen,
        description="Address and port in its container where each node answers, or `off`. Empty: port "
        f"{contract.METRICS_PORT} of each of its addresses.",
    )


class Users(Table):
    """Users from outside of the pool, who submit with tokens of theirs ([remote users](remote-users.md))."""

    publish: Annotated[str, AfterValidator(limits.check_endpoint)] = Field(
        default=_DEFAULT.users_publish,
        description="Address and port of the engine's host where they reach the submit node, such as "
        '`"192.0.2.1:9618"`. Empty: nowhere outside the pool\'s network.',
    )


class Hosts(Table):
    """Nodes of other hosts ([several machines](hosts.md))."""

    address: Annotated[str, AfterValidator(limits.check_host_address)] = Field(
        default=_DEFAULT.hosts_address,
        description='IP address of the engine\'s host where they reach the pool, such as `"192.0.2.1"`: the '
        f"master at port {contract.COLLECTOR_PORT} and the submit node at port "
        f"{contract.SUBMIT_PORT_OUTSIDE}, which are published there. Empty: the pool is on one host.",
    )
    bind: Annotated[str, AfterValidator(limits.check_bind_address)] = Field(
        default=_DEFAULT.hosts_bind,
        description="IP address of the host's own where these ports are published, if `address` is none but "
        'leads to one, as a cloud\'s floating address does: `"0.0.0.0"` is all of them. Empty: `address`.',
    )


class PoolFile(Table):
    """What a pool should be. `roost up` makes it so, as often as the file changes."""

    version: Literal[1] = Field(description="Version of this format.")
    name: Annotated[str, AfterValidator(limits.check_pool_name)] = Field(
        default=_DEFAULT.name,
        description="Name of the pool and the start of its containers' names: lower case letters, "
        f"digits and `-`, a letter first, at most {limits.MAX_POOL_NAME} characters.",
    )
    suite: SuiteName = Field(
        default=_DEFAULT.suite.value,
        description="Debian release of the images, and with it HTCondor's: `trixie` has 23.9, "
        "`forky` 25.14.",
    )
    executors: Executors = Field(default=Executors())
    memory: Memory = Field(default=Memory())
    software: Software = Field(default=Software())
    htcondor: HTCondor = Field(default=HTCondor())
    metrics: Metrics = Field(default=Metrics())
    users: Users = Field(default=Users())
    hosts: Hosts = Field(default=Hosts())
    volumes: list[Volume] = Field(default=[])
