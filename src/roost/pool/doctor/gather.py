"""Asking everybody at once what there is, without ever failing: what cannot be asked is a fact too."""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from roost import contract
from roost.contract import Role
from roost.engines.protocol import Container, ContainerState, Engine, EngineInfo
from roost.errors import RoostError
from roost.nodefacts import JobFacts, NodeFacts, PoolFacts, from_json
from roost.pool.doctor.facts import Facts, NodeSeen
from roost.pool.nodes import log_tail, role_of

T = TypeVar("T")
Told = TypeVar("Told", PoolFacts, JobFacts)

ENGINE_TIMEOUT_S = 20.0
NODE_TIMEOUT_S = 15.0
"""A node that is in trouble needs a few seconds to find out: names that do not resolve, a port that
nobody answers on. It gives up by itself before this."""
_WORKERS = 16
_LOG_LINES = 8
_UNKNOWN_COMMAND = 2
"""The exit code of roost-node for a command that it does not have."""


def gather(engine: Engine, info: EngineInfo, pool: str, containers: list[Container]) -> Facts:
    """The facts about a pool, whose containers were listed already."""
    nodes = [(c, role, c.labels[contract.LABEL_NODE]) for c in containers if (role := role_of(c))]
    with ThreadPoolExecutor(_WORKERS) as threads:
        collector = threads.submit(_ask_role, engine, containers, Role.MASTER, PoolFacts)
        queued = threads.submit(_ask_role, engine, containers, Role.SUBMIT, JobFacts)
        seen = [threads.submit(_look_at, engine, *node) for node in nodes]
        order = list(Role)
        return Facts(
            pool=pool,
            engine=info,
            nodes=tuple(
                sorted(
                    (one.result() for one in seen),
                    key=lambda node: (order.index(node.role), len(node.name), node.name),
                )
            ),
            now=time.time(),
            collector=collector.result(),
            queue=queued.result(),
        )


def _look_at(engine: Engine, container: Container, role: Role, name: str) -> NodeSeen:
    if container.state is not ContainerState.RUNNING:
        return NodeSeen(name, role, container, log=_last_words(engine, container))
    asked = time.time()
    try:
        # A list does not tell how often it was restarted.
        container = within(
            ENGINE_TIMEOUT_S, lambda: engine.find_container(container.name) or container
        )
        log = _last_words(engine, container) if container.restarts else ()
        asked = time.time()
        facts = ask(engine, container, NodeFacts, "diagnose")
    except UnknownQuestionError:
        return NodeSeen(name, role, container, outdated=True)
    except RoostError as error:
        # It may have ended under the question.
        return NodeSeen(name, role, container, _last_words(engine, container), error=error.message)
    return NodeSeen(name, role, container, log, facts, asked=asked, answered=time.time())


def _last_words(engine: Engine, container: Container) -> tuple[str, ...]:
    """The end of its log, without the engine's time stamps."""
    try:
        tail = within(ENGINE_TIMEOUT_S, lambda: log_tail(engine, container.name, _LOG_LINES))
    except RoostError:
        return ()
    lines = (line.partition(" ")[2].strip() for line in tail.splitlines())
    return tuple(line for line in lines if line)


_COMMANDS = {PoolFacts: "diagnose-pool", JobFacts: "diagnose-jobs"}


def _ask_role(
    engine: Engine, containers: list[Container], role: Role, kind: type[Told]
) -> Told | None:
    """What the first running node of a role says of the pool or of the jobs."""
    for container in containers:
        if role_of(container) is role and container.state is ContainerState.RUNNING:
            try:
                return ask(engine, container, kind, _COMMANDS[kind])
            except UnknownQuestionError:
                return None  # as the node itself will be found to be
            except RoostError as error:
                return kind(error=error.message)
    return None


class UnknownQuestionError(RoostError):
    """The node is of another Roost."""


def ask(
    engine: Engine,
    container: Container,
    kind: type[T],
    *command: str,
    timeout_s: float | None = None,
) -> T:
    """What a command of ``roost-node`` tells. Raises RoostError, of which :class:`UnknownQuestionError` is
    for a node that does not know the question."""
    argv = [contract.NODE_PROGRAM, *command]
    asked = within(timeout_s or NODE_TIMEOUT_S, lambda: engine.exec(container.name, argv))
    said = (asked.stderr + asked.stdout).decode(errors="replace").strip()
    if asked.exit_code == _UNKNOWN_COMMAND:
        raise UnknownQuestionError(said)
    if asked.exit_code:
        last = said.splitlines()[-1] if said else "it gave no reason"
        raise RoostError(f"`roost-node {command[0]}` failed with {asked.exit_code}: {last}")
    try:
        return from_json(kind, json.loads(asked.stdout))
    except (ValueError, TypeError, KeyError) as error:
        raise UnknownQuestionError(f"it answered in another form: {error}") from error


def within(timeout_s: float, ask: Callable[[], T]) -> T:
    """The answer, or what asking raised; RoostError where there is none in time.

    Whoever asks is left to himself then: no engine offers to take a question back.
    """
    answers: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()

    def run() -> None:
        try:
            answers.put((ask(), None))
        except BaseException as error:  # noqa: BLE001 -- raised again, by who waits
            answers.put((None, error))

    threading.Thread(target=run, daemon=True).start()
    try:
        answer, error = answers.get(timeout=timeout_s)
    except queue.Empty:
        raise RoostError(f"no answer within {timeout_s:g} s") from None
    if error is not None:
        raise error
    return answer  # type: ignore[return-value]
