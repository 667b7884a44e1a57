"""What a node tells when it is diagnosed: asked inside the containers, judged by ``roost doctor``.

``roost-node diagnose`` (every node), ``diagnose-pool`` (the master) and ``diagnose-jobs`` (the submit
node) each print one of these as JSON. They say what is, never what is wrong. Imported on both sides, so
it may use nothing but the standard library.
"""

from __future__ import annotations

import types
import typing
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Disk:
    """A file system that the node writes to. No inodes at all: it does not count them."""

    path: str
    device: int
    """Equal on nodes that share it."""
    free_bytes: int
    total_bytes: int
    free_inodes: int
    total_inodes: int


class LimitKind(StrEnum):
    """What there is a bounded number of."""

    FILES = "open files"
    PROCESSES = "processes and threads"
    INOTIFY = "inotify instances"


@dataclass(frozen=True)
class Limit:
    """How much of something is used, at least; ``who`` is the daemon or the node."""

    kind: LimitKind
    who: str
    used: int
    most: int


class TokenState(StrEnum):
    """Whether a node's token can be read."""

    READABLE = "readable"
    MISSING = "missing"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Token:
    """A node's credential, without anything secret of it. Times in seconds of the epoch."""

    state: TokenState
    detail: str = ""
    key: str = ""
    """Name of the key that signed it."""
    issuer: str = ""
    subject: str = ""
    expires: float | None = None
    allows: tuple[str, ...] | None = None
    """Authorizations; None: no bounds but those of its subject."""
    issued: float | None = None


class Reach(StrEnum):
    """How far a node gets on its way to the master's collector."""

    CONNECTED = "connected"
    UNRESOLVED = "unresolved"
    NO_ROUTE = "no route"
    REFUSED = "refused"
    SILENT = "silent"


@dataclass(frozen=True)
class Road:
    """The way to the master's collector. ``refusal`` is why the collector does not let the node do
    its role's work; empty where it does, or was not asked."""

    address: str
    reach: Reach
    detail: str = ""
    refusal: str = ""


@dataclass(frozen=True)
class Daemon:
    """A daemon that ``condor_master`` is to run. ``exits`` counts its ends since that started,
    or since it was last asked to end."""

    name: str
    alive: bool
    age_s: float | None = None
    exits: int = 0
    last_exit: str = ""
    last_error: str = ""
    """The last line of its log that tells of trouble."""


@dataclass(frozen=True)
class Config:
    """The operator's own configuration, and what HTCondor thinks of it all."""

    error: str = ""
    """Why HTCondor does not read it; empty where it does."""
    own: tuple[str, ...] = ()
    """Names that the operator's files set."""
    unknown: tuple[tuple[str, str], ...] = ()
    """Those of them that HTCondor has no use for, with a name that it has and that is near."""


@dataclass(frozen=True)
class NodeFacts:
    """Everything about one node, by the node. ``keys`` names the signing keys of a master."""

    node: str
    role: str
    pool: str
    clock: float
    uptime_s: float
    booted: bool
    """HTCondor was started: the node waits for nothing any more."""
    disks: tuple[Disk, ...] = ()
    limits: tuple[Limit, ...] = ()
    token: Token | None = None
    road: Road | None = None
    daemons: tuple[Daemon, ...] = ()
    keys: tuple[str, ...] = ()
    config: Config = Config()
    health: str = ""
    health_reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ad:
    """An ad in the collector. ``starts`` is a slot's START, None where it depends on the job."""

    kind: str
    name: str
    machine: str
    version: str
    address: str
    heard_s: float
    """Since its last update."""
    dynamic: bool = False
    state: str = ""
    activity: str = ""
    starts: bool | None = None


@dataclass(frozen=True)
class PoolFacts:
    """What the master knows of the pool."""

    ads: tuple[Ad, ...] = ()
    error: str = ""
    """Why the collector could not be asked."""
    cycle_s: float | None = None
    """Since the last negotiation cycle; None where the negotiator did not tell."""
    negotiator_error: str = ""
    joined: tuple[str, ...] = ()
    """Nodes that asked to join and were let in: they may run on other hosts."""


@dataclass(frozen=True)
class Clause:
    """A part of a job's requirements, all of which have to hold. ``job`` and ``slots`` are the
    attributes in it with their values: of the job, and the different ones of the slots."""

    text: str
    fits: int
    """Slots that fulfil it."""
    job: tuple[tuple[str, str], ...] = ()
    slots: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class IdleJobs:
    """Jobs that wait and ask for the same. Slots are whole ones, as if nothing ran on them, but for
    ``free``: those that could take the job now."""

    jobs: tuple[str, ...]
    """Some of their ids."""
    count: int
    owner: str
    """Whom the negotiator accounts them to."""
    waits_s: float
    """The longest of them."""
    slots: int
    fits: int
    """Slots whose wishes and the job's are both fulfilled."""
    accepts: int
    """Slots that fulfil the job's wishes."""
    free: int
    rejection: str = ""
    """The negotiator's last word on them."""
    group: str = ""
    """Their accounting group."""
    limits: str = ""
    """Concurrency limits that they ask for."""
    clauses: tuple[Clause, ...] = ()


@dataclass(frozen=True)
class HeldJobs:
    """Jobs on hold for the same reason. ``code`` is HTCondor's HoldReasonCode."""

    jobs: tuple[str, ...]
    count: int
    code: int
    reason: str


@dataclass(frozen=True)
class DisconnectedJobs:
    """Running jobs of one executor, by its machine's name, which their shadows try to reach again."""

    jobs: tuple[str, ...]
    """Some of their ids."""
    count: int
    machine: str
    silent_s: float
    """The longest of them."""
    left_s: float
    """Until the first of them starts anew elsewhere."""


@dataclass(frozen=True)
class User:
    """A submitter, as the negotiator accounts for it; a smaller priority is a better one."""

    name: str
    priority: float
    slots: float


@dataclass(frozen=True)
class Quota:
    """What a group of users may have of the slots, and has."""

    group: str
    most: float
    used: float
    surplus: bool
    """It may have more while nobody else wants it."""


@dataclass(frozen=True)
class JobFacts:
    """What the submit node knows of its queue."""

    error: str = ""
    """Why the schedd could not be asked."""
    slots_error: str = ""
    """Why the slots could not be asked for."""
    idle: int = 0
    running: int = 0
    held: int = 0
    most_running: int | None = None
    idle_jobs: tuple[IdleJobs, ...] = ()
    held_jobs: tuple[HeldJobs, ...] = ()
    disconnected_jobs: tuple[DisconnectedJobs, ...] = ()
    users: tuple[User, ...] = ()
    quotas: tuple[Quota, ...] = ()


def from_json(kind: type[T], data: Any) -> T:
    """A value of that type, or a whole tree of them, from what ``json`` made of ``asdict``.

    Keys that are unknown come from another Roost and are left out. Raises ValueError, TypeError or
    KeyError where a value is missing or of another shape.
    """
    value: T = _read(kind, data)
    return value


def _read(kind: Any, data: Any) -> Any:
    arguments = typing.get_args(kind)
    if typing.get_origin(kind) is tuple:
        item, *rest = arguments
        items = (item,) * len(data) if rest == [...] else arguments
        return tuple(_read(one, value) for one, value in zip(items, data, strict=True))
    if isinstance(kind, types.UnionType):
        (one,) = (one for one in arguments if one is not type(None))
        return None if data is None else _read(one, data)
    if is_dataclass(kind) and isinstance(kind, type):
        hints = typing.get_type_hints(kind)
        given = {field.name for field in fields(kind)} & set(data)
        return kind(**{name: _read(hints[name], data[name]) for name in given})
    if kind is float and isinstance(data, int):
        return float(data)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind(data)
    if not isinstance(data, kind):
        raise TypeError(f"{data!r} is no {kind.__name__}")
    return data
