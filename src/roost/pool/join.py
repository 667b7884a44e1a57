"""``join``: a node for a pool of another machine, from an invite."""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import PurePosixPath

from roost import contract
from roost.engines.protocol import Container, ContainerState, Engine, File
from roost.errors import ConflictError, EngineError, NotFoundError, RoostError, UsageError
from roost.events import Reporter, step
from roost.invitation import Invitation, InvitationError, decode
from roost.locks import held
from roost.plan import Away, NodePlan, plan_node, pool_labels
from roost.pool.logs.lastwords import find_line, last_words
from roost.spec import PoolSpec
from roost.waiting import wait_for

_ENDED = (ContainerState.EXITED, ContainerState.RESTARTING, ContainerState.DEAD)
_LOCK = "join"
"""What is looked for, made and removed of a node and of its pool's network is so by one join at a time."""
_WELL = (contract.HealthState.HEALTHY, contract.HealthState.DEGRADED)


@dataclass(frozen=True)
class JoinResult:
    """What joined: a node of a role, in a container, of a pool whose master is at an address."""

    pool: str
    node: str
    role: contract.Role
    container: str
    master: str
    reach: str = ""
    """How other nodes reach it, in its own words."""
    apart: str = ""
    """With which nodes no job of it will run, and what helps, in its own words; mostly empty."""


def read_invite(text: str, now: float) -> Invitation:
    """The invite in a text. Raises UsageError for what is none, or for one that has expired."""
    try:
        invite = decode(text)
    except InvitationError as error:
        raise UsageError(str(error)) from None
    if invite.ends < now:
        raise UsageError(
            f"the invite {invite.id} expired {now - invite.ends:.0f} s ago by this host's clock",
            hint="where the clock is right, make another one on the master's host: "
            f"roost invite {invite.role} --pool {invite.pool}",  # there, on an engine of its own
        )
    return invite


def node_name(invite: Invitation, wanted: str | None, hostname: str) -> str:
    """The new node's name: the wanted one, that of the invite, or one that no other node has."""
    if wanted is None and invite.node is not None:
        return invite.node
    host = re.sub(r"[^a-z0-9]+", "-", hostname.lower()).strip("-")[:32] or "host"
    name = contract.named_for_role(invite.role, wanted or f"{host}-{secrets.token_hex(2)}")
    if not contract.is_node_name(name):
        raise UsageError(
            f"--node: {wanted!r} is no name of a node",
            hint="use lower case letters, digits, '-' and '.', at most 63 with the role before it",
        )
    if invite.node not in (None, name):
        raise UsageError(
            f"the invite {invite.id} is for node {invite.node} alone, not for {name}",
            hint="leave --node out",
        )
    return name


def join(
    engine: Engine,
    text: str,
    image_of: Mapping[contract.Role, str],
    report: Reporter,
    *,
    node: str | None,
    hostname: str,
    cpus: int,
    memory_mb: int,
    timeout_s: float,
    address: str = "",
) -> JoinResult:
    """Make the node and return once it does its work. What fails leaves nothing behind.

    ``address`` is where other hosts reach this one; the node's port is published there.

    Raises UsageError, ConflictError for a node of that name here, RoostError with the node's own words.
    """
    invite = read_invite(text, time.time())
    away = Away(invite.master, engine.info().host, address)
    plan = plan_join(
        invite, node_name(invite, node, hostname), image_of[invite.role], cpus, memory_mb, away
    )
    with held(_LOCK):
        _refuse_existing(engine, plan)
        with (
            _nothing_left_behind(engine, plan, invite.pool),
            step(report, "container", plan.container.name),
        ):
            _make(engine, plan, invite, text)
    with (
        _nothing_left_behind(engine, plan, invite.pool, held(_LOCK)),
        step(report, "joined", f"the master at {invite.master}"),
    ):
        _wait(engine, plan, timeout_s)
    name = plan.container.name
    reach, apart = (
        find_line(engine, name, words) for words in (contract.REACHED_WORDS, contract.APART_WORDS)
    )
    return JoinResult(invite.pool, plan.name, plan.role, name, invite.master, reach, apart)


def plan_join(
    invite: Invitation, node: str, image: str, cpus: int, memory_mb: int, away: Away
) -> NodePlan:
    """The node as ``up`` would make it, but with the invite's address of the master."""
    spec = PoolSpec(name=invite.pool, cpus=cpus, memory_mb=memory_mb)
    return plan_node(spec, node, invite.role, image, away=away)


def _refuse_existing(engine: Engine, plan: NodePlan) -> None:
    name = plan.container.name
    volumes = [volume.name for volume in engine.list_volumes({contract.LABEL_NODE: plan.name})]
    if engine.find_container(name) or plan.volume in volumes:
        raise ConflictError(
            f"a container or volume {name} is here already",
            hint="give the node another name (--node), or remove that one",
        )


def _make(engine: Engine, plan: NodePlan, invite: Invitation, text: str) -> None:
    engine.ensure_network(plan.container.network, pool_labels(invite.pool))
    engine.ensure_volume(plan.volume, plan.volume_labels)
    engine.ensure_container(plan.container)
    path = PurePosixPath(contract.INVITE_FILE).relative_to(contract.STATE_DIR)
    secret = File(str(path), "".join(text.split()).encode("ascii") + b"\n", mode=0o600)
    engine.put_files(plan.container.name, contract.STATE_DIR, [*plan.files, secret])
    engine.start(plan.container.name)


def _wait(engine: Engine, plan: NodePlan, timeout_s: float) -> None:
    name = plan.container.name
    trouble: list[str] = []

    def works() -> bool | None:
        container = engine.find_container(name)
        if container is None or _failed(container):
            words = last_words(engine, name) if container else "its container was removed"
            raise RoostError(f"node {plan.name} could not join:\n{words}")
        if container.state is not ContainerState.RUNNING:
            return None
        # A node that ends meanwhile is told by its container, not by the failure of the question.
        try:
            told = engine.exec(name, ["cat", contract.HEALTH_FILE])
        except (EngineError, NotFoundError) as error:
            trouble[:] = [str(error)]
            return None
        with suppress(ValueError, KeyError):
            return json.loads(told.stdout)["state"] in _WELL or None
        return None

    wait_for(
        f"node {plan.name} does its work",
        works,
        timeout_s=timeout_s,
        longest_pause_s=1.0,
        last_seen=lambda: "\n".join([*trouble, last_words(engine, name)]),
    )


def _failed(container: Container) -> bool:
    return container.state in _ENDED or container.restarts > 0


@contextmanager
def _nothing_left_behind(
    engine: Engine,
    plan: NodePlan,
    pool: str,
    lock: AbstractContextManager[None] = nullcontext(),  # noqa: B008 -- it keeps nothing
) -> Iterator[None]:
    try:
        yield
    except BaseException:
        with suppress(RoostError), lock:
            engine.remove_container(plan.container.name)
            for volume in engine.list_volumes(plan.volume_labels):
                engine.remove_volume(volume.name)
            if not engine.list_containers({contract.LABEL_POOL: pool}):
                for network in engine.list_networks(pool_labels(pool)):
                    engine.remove_network(network.name)
        raise
