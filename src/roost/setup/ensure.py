"""The recipe of ``roost setup``: look, decide, ask, do, and see the engine answer."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from roost.engines.detect import ENV_ENGINE
from roost.errors import EngineUnavailableError
from roost.events import Reporter, note
from roost.setup.facts import EngineState, HostFacts, read_facts
from roost.setup.perform import commands_of, perform
from roost.setup.plan import Action, SetupPlan, plan_setup
from roost.setup.probe import describe_engine, probe_engine
from roost.setup.run import Runner, runner


@dataclass(frozen=True)
class SetupResult:
    """What setup found or made."""

    engine: str
    version: str | None
    """For people: ``docker 26.1.5``; None while the user may not talk to the engine yet."""
    done: tuple[str, ...] = ()
    """What was done, in words; nothing where all was there."""

    @property
    def ready(self) -> bool:
        """The engine answers this user now; False where that needs a new login."""
        return self.version is not None


@dataclass(frozen=True)
class Means:
    """What setup acts with, so that a test can act on no host at all."""

    run: Runner
    probe: Callable[[str], EngineState]
    describe: Callable[[str], str]
    confirm: Callable[[str], bool]
    report: Reporter


def ensure_engine(
    wanted: str | None, *, confirm: Callable[[str], bool], report: Reporter
) -> SetupResult:
    """Make an engine answer: find it, or install and start it. Idempotent.

    ``wanted`` is ``docker``, ``podman``, or None for what ROOST_ENGINE says or what is nearest.
    ``confirm`` is asked once, with everything that would be done, before anything is. Raises
    :class:`roost.errors.EngineUnavailableError` when no way leads to an engine, or it was declined.
    """
    facts = read_facts(probe_engine)
    as_root = () if facts.is_root else ("sudo",)
    means = Means(runner(as_root), probe_engine, describe_engine, confirm, report)
    return carry_out(facts, wanted or os.environ.get(ENV_ENGINE) or None, means)


def carry_out(facts: HostFacts, wanted: str | None, means: Means) -> SetupResult:
    """:func:`ensure_engine` on the given facts, with the given means."""
    plan = plan_setup(facts, wanted)
    if plan.actions and not allowed(facts, plan, means):
        plan = SetupPlan(plan.engine)
    done = tuple(str(action) for action in plan.actions if act(action, means))
    denied = means.probe(plan.engine) is EngineState.DENIED
    return SetupResult(plan.engine, None if denied else means.describe(plan.engine), done)


def allowed(facts: HostFacts, plan: SetupPlan, means: Means) -> bool:
    """Ask once for everything.

    False where only helpful things were declined or cannot be done; raises
    :class:`EngineUnavailableError` where that leaves no engine.
    """
    can = facts.is_root or "sudo" in facts.programs
    if can and means.confirm(question(facts, plan.actions)):
        return True
    why = "it was declined" if can else f"{facts.user} is not root and there is no sudo"
    commands = [command for action in plan.actions for command in commands_of(action)]
    by_hand = "as root, run: " + " && ".join(shlex.join(command) for command in commands)
    if any(action.required for action in plan.actions):
        raise EngineUnavailableError(
            f"{plan.engine} is not ready and nothing was changed: {why}", hint=by_hand
        )
    note(means.report, f"left out: {', '.join(map(str, plan.actions))} ({why}; {by_hand})")
    return False


def question(facts: HostFacts, actions: Iterable[Action]) -> str:
    """What would be done, command by command, for people to agree to."""
    prefix = "" if facts.is_root else "sudo "
    lines = ["Roost would change this host:"]
    for action in actions:
        lines.append(f"  {action}")
        lines += [f"    {prefix}{shlex.join(command)}" for command in commands_of(action)]
    return "\n".join([*lines, "Go on?"])


def act(action: Action, means: Means) -> bool:
    """Do one action and tell whether it was done: one that is only helpful may fail."""
    try:
        perform(action, means.run, means.probe, means.report)
    except EngineUnavailableError as error:
        if action.required:
            raise
        note(means.report, str(error))
        return False
    return True
