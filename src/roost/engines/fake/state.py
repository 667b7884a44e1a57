"""What the engine in memory holds, and the record of what it was asked."""

from __future__ import annotations

import inspect
import itertools
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import wraps
from hashlib import sha256
from typing import Concatenate, ParamSpec, TypeVar

from roost.engines.fake.streams import Log
from roost.engines.protocol import (
    BuildSpec,
    Container,
    ContainerSpec,
    ExecResult,
    File,
    Image,
    Network,
    Volume,
)
from roost.errors import EngineError

ExecHandler = Callable[[Container, Sequence[str]], ExecResult]
BuildHandler = Callable[[BuildSpec, Callable[[str], None]], None]

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S", bound="State")

A_TIME = "2024-01-01T00:00:00Z"


@dataclass(frozen=True)
class Call:
    """One call of a method, and what it was given, by the names of the parameters."""

    method: str
    arguments: Mapping[str, object]


@dataclass(frozen=True)
class Failure:
    """Fail at the call of this number, counted from 1: before it does anything, or just after.

    Any exception will do: KeyboardInterrupt stands for Ctrl-C.
    """

    at: int
    error: BaseException = field(default_factory=lambda: EngineError("told to fail"))
    after: bool = False


@dataclass
class VolumeBox:
    """A volume and the files in it, by their path below its mount."""

    shown: Volume
    files: dict[str, File] = field(default_factory=dict)


@dataclass
class ContainerBox:
    """A container and what :class:`roost.engines.protocol.Container` does not show of it."""

    spec: ContainerSpec
    shown: Container
    files: dict[str, File] = field(default_factory=dict)
    """Outside volumes, by absolute path."""
    log: Log = field(default_factory=Log)

    def become(self, **changes: object) -> None:
        """Show other values from now on."""
        self.shown = replace(self.shown, **changes)  # type: ignore[arg-type]


class State:
    """Everything there is, behind one lock. ``failure`` and ``delay_s`` may be changed by tests."""

    def __init__(self, failure: Failure | None, delay_s: float) -> None:
        self.calls: list[Call] = []
        self.failure = failure
        self.delay_s = delay_s
        self._lock = threading.RLock()
        self._addresses = itertools.count(2)
        self._containers: dict[str, ContainerBox] = {}
        self._networks: dict[str, Network] = {}
        self._volumes: dict[str, VolumeBox] = {}
        self._images: dict[str, Image] = {}

    def _enter(self, call: Call) -> Failure | None:
        """Record a call; the failure that it has to end in, if any."""
        with self._lock:
            self.calls.append(call)
            failure = self.failure
            return failure if failure and failure.at == len(self.calls) else None

    def _refuse_if_used(self, kind: str, name: str, uses: Callable[[ContainerSpec], bool]) -> None:
        users = [box.spec.name for box in self._containers.values() if uses(box.spec)]
        if users:
            raise EngineError(f"removing {kind} {name}: it is in use by {', '.join(users)}")


def recorded(method: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
    """Record each call of a method, and be slow or fail as told."""
    signature = inspect.signature(method)

    @wraps(method)
    def wrapper(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        given = dict(signature.bind(self, *args, **kwargs).arguments)
        del given["self"]
        failure = self._enter(Call(method.__name__, given))
        time.sleep(self.delay_s)
        if failure and not failure.after:
            raise failure.error
        result = method(self, *args, **kwargs)
        if failure:
            raise failure.error
        return result

    return wrapper


def made_id(text: str) -> str:
    """An identifier that looks like an engine's, the same for the same text."""
    return sha256(text.encode()).hexdigest()
