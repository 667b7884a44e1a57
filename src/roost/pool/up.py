"""``up``: make the pool what its plan says, and wait until HTCondor says that it is.

Every step is idempotent and leaves only labelled objects behind, so that an interrupted or a concurrent
``up`` is mended by the next one, and ``down`` finds all of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from roost import contract
from roost.contract import Role
from roost.engines.protocol import Container, Engine, File, Port
from roost.errors import ConflictError, NotFoundError, PortTakenError
from roost.events import Reporter, note, step
from roost.plan.changes import Changes, diff, is_outdated
from roost.plan.model import NodePlan, PoolPlan
from roost.pool.credentials import issue_tokens, token_file
from roost.pool.drain import drain_executors, remove_executor, take_away
from roost.pool.nodes import read_file
from roost.pool.ready import other_command, told_by_log, wait_ready
from roost.pool.threads import each, engine_threads
from roost.pool.tokens.mend import mend_tokens


@dataclass(frozen=True)
class UpResult:
    """What ``up`` did: names of nodes."""

    created: tuple[str, ...]
    recreated: tuple[str, ...]
    started: tuple[str, ...]
    removed: tuple[str, ...]
    kept: tuple[str, ...]

    @property
    def changed(self) -> bool:
        """Whether anything had to be done."""
        return bool(self.created or self.recreated or self.started or self.removed)


def bring_up(engine: Engine, plan: PoolPlan, report: Reporter, *, timeout_s: float) -> UpResult:
    """Converge the pool to ``plan``. Raises what the engine raises, ConflictError for a name that
    belongs to somebody else, and WaitTimeoutError when a node does not get ready."""
    changes = observe(engine, plan)
    paused = changes.paused
    if paused:
        with step(report, "unpause", ", ".join(paused)):
            for name in paused:
                engine.unpause(name)
        changes = observe(engine, plan)
    for container in changes.foreign:
        note(report, f"container {container.name} is labelled as this pool's, but not in its plan")
    if plan.master in changes.keep:
        with engine_threads() as threads:
            recorded = threads.submit(_ensure_record, engine, plan)
            with told_by_log(engine, plan, plan.master):
                mend_tokens(engine, plan, report)
            recorded.result()
    busy = {container.name for container in changes.busy}
    at_once = [node for node in changes.recreate if node.container.name not in busy]
    if changes.create or at_once or changes.start:
        _make_nodes(engine, plan, replace(changes, recreate=tuple(at_once)), report)
    others = tuple(node for node in plan.nodes if node.container.name not in busy)
    wait_ready(engine, replace(plan, nodes=others), report, timeout_s=timeout_s)
    _let_finish(engine, plan, changes, report)
    if busy:
        wait_ready(engine, plan, report, timeout_s=timeout_s)
    woken = [node for node in changes.keep if node.container.name in paused]
    return UpResult(
        created=_names(changes.create),
        recreated=_names(changes.recreate),
        started=_names([*changes.start, *woken]),
        removed=tuple(container.labels[contract.LABEL_NODE] for container in changes.remove),
        kept=_names([node for node in changes.keep if node.container.name not in paused]),
    )


def observe(engine: Engine, plan: PoolPlan) -> Changes:
    """What would have to change, by what the engine holds now."""
    changes = diff(plan, engine.list_containers({contract.LABEL_POOL: plan.pool}))
    for node in changes.create:
        _refuse_foreign(engine.find_container(node.container.name), plan.pool)
    return changes


def _ensure_record(engine: Engine, plan: PoolPlan) -> None:
    """Have the pool remember what it is to be, whatever a command that was interrupted wrote."""
    master = plan.master.container.name
    if read_file(engine, master, contract.POOL_RECORD) != plan.record.data:
        engine.put_files(master, contract.STATE_DIR, [plan.record])


def _refuse_foreign(container: Container | None, pool: str) -> None:
    if container and container.labels.get(contract.LABEL_POOL) != pool:
        raise ConflictError(
            f"a container {container.name} exists that is not of pool {pool}",
            hint="give the pool another name (--pool), or remove that container",
        )


def _make_nodes(engine: Engine, plan: PoolPlan, changes: Changes, report: Reporter) -> None:
    """Master first, since it issues the others' tokens; they are created while it starts."""
    wanted = (*changes.create, *changes.recreate, *changes.start)
    others = [node for node in wanted if node.role is not Role.MASTER]
    with step(report, "network", plan.network):
        engine.ensure_network(plan.network, plan.labels)

    def create(node: NodePlan) -> None:
        if node in changes.recreate:
            take_away(engine, node.container.name)
        _create(engine, plan, node)

    def make_master() -> None:
        if plan.master in wanted:
            create(plan.master)
            _start(engine, plan, plan.master, plan.record)

    with step(report, "containers") as tell, engine_threads() as threads:
        master_up = threads.submit(make_master)
        created = [threads.submit(create, node) for node in others]
        master_up.result()
        tell("master")
        with told_by_log(engine, plan, plan.master):
            tokens = issue_tokens(engine, plan.pool, plan.master.container.name, others)
        for future in created:
            future.result()

        def start_with_token(node: NodePlan) -> None:
            _start(engine, plan, node, token_file(tokens[node.name]))

        # Executors first: a startd takes a second longer than a schedd, however idle the machine is.
        each(threads, start_with_token, [node for node in others if node.role is Role.EXECUTE])
        each(threads, start_with_token, [node for node in others if node.role is Role.SUBMIT])
        tell(", ".join(_names(wanted)) if len(wanted) <= 6 else f"{len(wanted)} nodes")


def _let_finish(engine: Engine, plan: PoolPlan, changes: Changes, report: Reporter) -> None:
    """Executors that are too many or of another plan finish their jobs. Each goes as soon as it has, or is
    made anew."""
    nodes = {node.container.name: node for node in changes.recreate}

    def finished(executor: Container) -> None:
        """Hours may have gone: what another command made of the pool meanwhile stays."""
        node, found = nodes.get(executor.name), engine.find_container(executor.name)
        if read_file(engine, plan.master.container.name, contract.POOL_RECORD) != plan.record.data:
            raise other_command(
                plan.pool, "what the pool is to be was changed, or the master removed,"
            )
        if node is None:
            if found and found.id != executor.id:
                raise other_command(plan.pool, f"container {executor.name} was made anew")
            remove_executor(engine, plan.pool, executor)
        elif found is None:
            raise other_command(plan.pool, f"container {executor.name} was removed")
        elif found.id == executor.id:
            _remake(engine, plan, node, found)
        elif is_outdated(node, found):
            raise other_command(plan.pool, f"container {executor.name} was made otherwise")

    drain_executors(engine, [*changes.busy, *changes.remove], finished, report)


def _remake(engine: Engine, plan: PoolPlan, node: NodePlan, former: Container) -> None:
    """Stopped first of all, since what has drained takes jobs again after a while."""
    with suppress(NotFoundError):
        engine.stop(former.id)
    with told_by_log(engine, plan, plan.master):
        tokens = issue_tokens(engine, plan.pool, plan.master.container.name, [node])
    engine.remove_container(former.id)
    _create(engine, plan, node)
    _start(engine, plan, node, token_file(tokens[node.name]))


def _create(engine: Engine, plan: PoolPlan, node: NodePlan) -> None:
    engine.ensure_volume(node.volume, node.volume_labels)
    with _naming_port(node), _noticing_others(engine, node, plan.pool):
        engine.ensure_container(node.container)


def _start(engine: Engine, plan: PoolPlan, node: NodePlan, own: File) -> None:
    """``own`` is the file that this node alone gets. All at once: each copying costs an engine 0.1 s."""
    with _naming_port(node), _noticing_others(engine, node, plan.pool):
        engine.put_files(node.container.name, contract.STATE_DIR, [*node.files, own])
        engine.start(node.container.name)


@contextmanager
def _naming_port(node: NodePlan) -> Iterator[None]:
    """Say which key of the pool file asked for a port that cannot be had. Engines find out at different
    moments; the next ``up`` goes on from any."""
    try:
        yield
    except PortTakenError as error:
        asked = [(_key_of(node, port), str(port)) for port in node.container.ports]
        keys = ", ".join(dict.fromkeys(key for key, _ in asked))
        raise PortTakenError(
            f"{keys}: port {', '.join(place for _, place in asked)} of the engine's host is taken",
            hint="stop what has it, or write another port into the pool file; then run the same command"
            " again",
        ) from error


@contextmanager
def _noticing_others(engine: Engine, node: NodePlan, pool: str) -> Iterator[None]:
    """Say so where another command made this node otherwise, or removed it, just now."""
    name = node.container.name
    try:
        yield
    except ConflictError as error:
        found = engine.find_container(name)
        if found is None or found.labels.get(contract.LABEL_POOL) != pool:
            raise
        raise other_command(pool, f"container {name} was made otherwise") from error
    except NotFoundError as error:
        # An image can be gone as well; that says so itself.
        if engine.find_container(name) or not engine.find_image(node.container.image):
            raise
        raise other_command(pool, f"container {name} was removed") from error


def _key_of(node: NodePlan, port: Port) -> str:
    """The key of the pool file that asked for a port."""
    environment = node.container.environment
    own = int(environment.get(contract.ENV_PORT, contract.COLLECTOR_PORT))
    if contract.ENV_ADDRESS in environment and port.host_port == port.port == own:
        return "hosts.address"
    return "metrics.publish" if node.role is Role.MASTER else "users.publish"


def _names(nodes: Sequence[NodePlan]) -> tuple[str, ...]:
    return tuple(node.name for node in nodes)
