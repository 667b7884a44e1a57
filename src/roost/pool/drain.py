"""Taking executors away without killing a job: they finish what they run and take nothing new."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import SimpleQueue
from threading import BoundedSemaphore, Event, Thread

from roost import contract
from roost.engines.protocol import Container, ContainerState, Engine
from roost.errors import NotFoundError, RoostError, WaitTimeoutError
from roost.events import Reporter, step
from roost.pool.nodes import last_words
from roost.pool.threads import AT_ONCE
from roost.waiting import wait_for

_OFF_S = 10.0
"""How long what has drained may wait for its turn unasked: after a while it takes jobs again
(:data:`roost.node.heldoff.PATIENCE_S`)."""
_END_S = 2.0


def drain_executors(
    engine: Engine,
    executors: Sequence[Container],
    then: Callable[[Container], None],
    report: Reporter,
) -> None:
    """Drain any number of executors at once, and do ``then`` with each as soon as it has drained. Waits as
    long as their jobs run, but not for an executor that is stopped meanwhile.

    When one of them fails, or at Ctrl-C, those that still drain are not waited for: they stay, and take jobs
    again. What ``then`` has begun with comes to its end.
    """
    if not executors:
        return
    given_up, turn = Event(), BoundedSemaphore(AT_ONCE)
    over: SimpleQueue[tuple[str, BaseException | None]] = SimpleQueue()

    def drain(executor: Container) -> None:
        node = executor.labels[contract.LABEL_NODE]
        try:
            _finish_jobs(engine, executor, node)
            while not turn.acquire(timeout=_OFF_S):
                _finish_jobs(engine, executor, node)
            try:
                if not given_up.is_set():
                    then(executor)
            finally:
                turn.release()
        except BaseException as error:  # noqa: BLE001 -- raised where it is waited for
            over.put((node, error))
        else:
            over.put((node, None))

    left = [executor.labels[contract.LABEL_NODE] for executor in executors]
    with step(report, "drain", ", ".join(left)) as tell:
        try:
            for executor in executors:
                name = f"drain {executor.labels[contract.LABEL_NODE]}"
                Thread(name=name, target=drain, args=(executor,), daemon=True).start()
            while left:
                node, error = over.get()
                if error:
                    raise error
                left.remove(node)
                if left:
                    tell(", ".join(left))
        except BaseException:
            given_up.set()
            for _ in range(AT_ONCE):
                turn.acquire()
            turn.release(AT_ONCE)  # to those that drain later, which do nothing then
            raise


def remove_executor(engine: Engine, pool: str, executor: Container) -> None:
    """Remove an executor and its volumes."""
    take_away(engine, executor.id)
    labels = {contract.LABEL_POOL: pool, contract.LABEL_NODE: executor.labels[contract.LABEL_NODE]}
    for volume in engine.list_volumes(labels):
        engine.remove_volume(volume.name)


def take_away(engine: Engine, container: str) -> None:
    """Stop a container and remove it; its volumes stay."""
    with suppress(NotFoundError):
        engine.stop(container)
    engine.remove_container(container)


def _finish_jobs(engine: Engine, executor: Container, node: str) -> None:
    if not _runs(engine, executor):
        return
    hint = (
        f"run the same command again, after `{engine.name} stop {executor.name}` if they may start anew"
        " elsewhere"
    )
    try:
        asked = engine.exec(executor.id, [contract.NODE_PROGRAM, "drain"])
    except RoostError as error:
        problem = error.message
        hint = f"{error.hint}; then {hint}" if error.hint else hint
    else:
        if not asked.exit_code:
            return
        problem = last_words(asked.stdout + asked.stderr) or f"it ended with {asked.exit_code}"
    # One that ended, or that another command took away, has nothing left to finish. What runs in it ends
    # a moment before it does.
    try:
        wait_for(node, lambda: None if _runs(engine, executor) else True, timeout_s=_END_S)
    except WaitTimeoutError:
        raise RoostError(f"{node} has not finished its jobs: {problem}", hint=hint) from None


def _runs(engine: Engine, executor: Container) -> bool:
    """Whether this very container runs now: hours may have gone since it was listed."""
    found = engine.find_container(executor.id)
    return found is not None and found.state is ContainerState.RUNNING
