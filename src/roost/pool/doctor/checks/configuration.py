"""HTCondor's configuration, as far as the operator has a part in it."""

from __future__ import annotations

from collections.abc import Iterator

from roost.nodefacts import Config
from roost.pool.doctor.causes import Cause
from roost.pool.doctor.facts import Facts, NodeSeen
from roost.pool.doctor.finding import Finding
from roost.pool.doctor.words import names
from roost.spec.knobs import consequence


def check_config(facts: Facts) -> Iterator[Finding]:
    """It is read, its names are known, and what Roost relies on is as Roost set it."""
    seen: dict[tuple[Cause, str], list[NodeSeen]] = {}
    for node, told in facts.answering:
        if told.config.error:
            yield _broken(facts, node, told.config)
        for cause, text in _doubts(told.config):
            seen.setdefault((cause, text), []).append(node)
    for (cause, text), where in seen.items():
        mend = "nothing, if it is meant so"
        if cause is Cause.KNOB_UNKNOWN:
            mend = f"correct its name {facts.configured(where[0])}"
        yield Finding(cause, seen=text, mend=mend, nodes=tuple(node.name for node in where))


def _broken(facts: Facts, node: NodeSeen, config: Config) -> Finding:
    return Finding(
        Cause.CONFIG_BROKEN,
        seen=config.error,
        mend=f"correct that line {facts.configured(node)}",
        nodes=(node.name,),
    )


def _doubts(config: Config) -> Iterator[tuple[Cause, str]]:
    """Said once for all nodes that have them."""
    for name, near in config.unknown:
        yield Cause.KNOB_UNKNOWN, f"{name} is set, and HTCondor never asks for it; it has {near}"
    touchy: dict[str, list[str]] = {}
    for name in config.own:
        if (meaning := consequence(name)) is not None:
            touchy.setdefault(meaning, []).append(name)
    for meaning, own in touchy.items():
        verb = "is" if len(own) == 1 else "are"
        yield Cause.KNOB_SENSITIVE, f"{names(own)} {verb} set, so {meaning}"
