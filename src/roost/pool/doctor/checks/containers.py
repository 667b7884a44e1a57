"""Containers as the engine has them, and whether the nodes in them answer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from roost.contract import Role
from roost.engines.protocol import ContainerState
from roost.pool.doctor.causes import Cause
from roost.pool.doctor.facts import Facts, NodeSeen
from roost.pool.doctor.finding import Finding

MANY_RESTARTS = 2
YOUNG_S = 30.0
_ENDING = (ContainerState.RESTARTING, ContainerState.REMOVING)

_LAST_WORDS: tuple[tuple[str, Cause], ...] = (
    (r"no credential: ", Cause.TOKEN_MISSING),
    (r"this node's clock is wrong|this clock is slow", Cause.CLOCK_SKEW),
    (r"the credential .* expired ", Cause.TOKEN_EXPIRED),
    (r"the credential .* was issued by ", Cause.TOKEN_OTHER_POOL),
    (r"the credential ", Cause.TOKEN_UNREADABLE),
    (r"refuses this node: ", Cause.MASTER_REFUSES),
    (r"Configuration [Ee]rror|Syntax error in configuration", Cause.CONFIG_BROKEN),
    (r"No space left on device", Cause.DISK_FULL),
)
"""What a node says before it ends (:mod:`roost.node`), and the cause that it means."""


def check_roles(facts: Facts) -> Iterator[Finding]:
    """A pool has a master, a submit node and an executor at least; those of another host's are there."""
    for role in () if facts.away else Role:
        if not any(node.role is role for node in facts.nodes):
            yield Finding(
                Cause.ROLE_MISSING,
                seen=f"no container of pool {facts.pool} has the role {role}",
                mend=facts.roost("up"),
            )


def check_containers(facts: Facts) -> Iterator[Finding]:
    """Every node's container runs."""
    for node in facts.nodes:
        match node.container.state:
            case ContainerState.RUNNING:
                if _keeps_ending(node):
                    yield _ended(facts, node, Cause.CONTAINER_RESTARTING)
            case ContainerState.PAUSED:
                yield Finding(
                    Cause.CONTAINER_PAUSED,
                    seen=f"the engine shows {node.container.name} as paused",
                    mend=f"`{facts.engine.name} unpause {node.container.name}`",
                    nodes=(node.name,),
                )
            case state if state in _ENDING:
                yield _ended(facts, node, Cause.CONTAINER_RESTARTING)
            case _:
                yield _ended(facts, node, Cause.CONTAINER_STOPPED)


def _keeps_ending(node: NodeSeen) -> bool:
    """It runs at this moment, as it did a moment ago, and the moment before that."""
    young = node.facts is None or node.facts.uptime_s < YOUNG_S
    return node.container.restarts >= MANY_RESTARTS and young


def _ended(facts: Facts, node: NodeSeen, otherwise: Cause) -> Finding:
    """What a container's last words mean, where they are known."""
    said = node.log[-1] if node.log else "its log is empty"
    state = f"its container is {node.container.state}"
    if node.container.exit_code is not None:
        state += f" with exit code {node.container.exit_code}"
    if node.container.restarts:
        state += f", restarted {node.container.restarts} times"
    cause = cause_of(node.log) if node.container.exit_code != 0 else None
    mends = {
        Cause.CONTAINER_STOPPED: facts.started(node),
        Cause.CONFIG_BROKEN: f"correct it {facts.configured(node)}",
        Cause.DISK_FULL: f"free some space, then {facts.started(node)}",
    }
    looping = f"mend what it says ({facts.roost(f'logs {node.name}')}), then {facts.started(node)}"
    if cause and cause.value.startswith("token-"):
        mend = facts.made_anew(node)
    else:
        mend = mends.get(cause or otherwise, looping)
    return Finding(
        cause or otherwise,
        seen=f"{state}; its last words: {said}",
        mend=mend,
        nodes=(node.name,),
    )


def cause_of(log: tuple[str, ...]) -> Cause | None:
    """The cause that the last lines of a container's log name, the latest first."""
    for line in reversed(log):
        for pattern, cause in _LAST_WORDS:
            if re.search(pattern, line):
                return cause
    return None


def check_answers(facts: Facts) -> Iterator[Finding]:
    """A container that runs answers what it is asked."""
    for node in facts.nodes:
        if node.outdated:
            yield Finding(
                Cause.NODE_OUTDATED,
                seen="it does not know what this `roost doctor` asks",
                mend=facts.made_anew(node) if node.joined else facts.roost("up"),
                nodes=(node.name,),
            )
        elif node.error and not _keeps_ending(node):
            last = facts.started(node) if node.joined else facts.made_anew(node)
            yield Finding(
                Cause.NODE_SILENT,
                seen=node.error,
                mend=f"see {facts.roost(f'logs {node.name}')}; if nothing helps, {last}",
                nodes=(node.name,),
            )
