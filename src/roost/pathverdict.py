"""What to make of a way between two nodes: whether it serves, what is seen where it does not, and the mend.

Pure functions over :mod:`roost.pathfacts`, for ``roost doctor --network`` and for a node that is asked by
itself. Nothing but the standard library.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from roost.nodefacts import Reach
from roost.pathfacts import Answer, NetworkFacts, Path, Way

CLOCKS_APART_S = 60.0
"""Tokens hold from the second of their issue to that of their end, by each node's own clock."""
CLOCKS_EXACT_S = 2.0
"""Ads tell whole seconds, and are some time under way."""
_OLD_S = 60.0
"""Nodes are heard of three times as often."""
HEADERS = (
    *("FROM", "TO", "AT", "WAY", "RESOLVED", "ROUTE", "TCP", "RTT ms (min/avg/max)", "MTU"),
    *("CLOCK", "HTCONDOR"),
)


@dataclass(frozen=True)
class Problem:
    """Why a way does not serve, and the mend. One that is no ``failure`` is good to know."""

    source: str
    target: str
    seen: str
    mend: str
    failure: bool = True


def find_problem(path: Path) -> Problem | None:
    """What is wrong with a way; None where nothing is."""
    found = _road_problem(path) or _answer_problem(path)
    if found:
        seen, mend = found
        if path.heard_s is not None and path.heard_s > _OLD_S:
            seen += f"; the master heard of {path.target} {path.heard_s:.0f} s ago"
        if not path.needed:
            mend += " (jobs run without this way; tools on the node, such as condor_drain, need it)"
        return Problem(path.source, path.target, seen, mend, failure=path.needed)
    if path.clock_s is not None and abs(path.clock_s) > CLOCKS_APART_S:
        word = "ahead of" if path.clock_s > 0 else "behind"
        seen = (
            f"the clock of {path.target} is {abs(path.clock_s):.0f} s {word} that of {path.source}"
        )
        return Problem(
            path.source, path.target, seen, "set the clock of the host that is wrong (NTP)"
        )
    return None


def _road_problem(path: Path) -> tuple[str, str] | None:
    """What keeps a connection from being made."""
    port = path.contact.rpartition(":")[2]
    match path.reach:
        case Reach.UNRESOLVED:
            return (
                f"the name in {path.contact} does not resolve: {path.detail}",
                f"correct MASTER of {path.source}, or give its address there",
            )
        case Reach.NO_ROUTE:
            return (
                f"there is no way to {path.contact}: {path.detail}",
                f"see that the host of {path.target} is on the network, and that the host of {path.source}"
                f" has a route there; where {path.target} is behind a bridge of its engine, publish its"
                " port and tell it ADDRESS",
            )
        case Reach.REFUSED:
            return (
                f"{path.contact} refuses connections: {path.detail}",
                f"see that {path.target} runs and that its engine publishes port {port} under the same"
                f" number (`-p {port}:{port}`)",
            )
        case Reach.SILENT:
            return (
                f"nothing comes back from {path.contact}: {path.detail}",
                f"let TCP from {path.from_address or path.source} through to port {port} of"
                f" {path.target}, or plug its host in",
            )
        case _:
            return None


def _answer_problem(path: Path) -> tuple[str, str] | None:
    """What keeps HTCondor from being talked to, where a connection is made."""
    if path.answer is Answer.SMALL_ONLY:
        return (
            f"small messages pass, big ones do not ({path.answer_detail}); packets of"
            f" {path.mtu or 1500} bytes are sent",
            "set the MTU of the engine's network to what the path carries (Docker: `mtu` in daemon.json),"
            " or let routers say that a packet is too big (ICMP)",
        )
    if path.answer is Answer.NONE and path.way is Way.BROKER:
        return _broker_problem(path)
    if path.answer is Answer.NONE:
        return (
            f"{path.contact} takes connections, and no HTCondor answers: {path.answer_detail}",
            f"see the log of {path.target}; what else could listen at that address?",
        )
    if path.answer is Answer.REFUSED and path.to_master:
        return (
            f"the master refuses {path.source}: {path.answer_detail}",
            f"give {path.source} a token for its role: see its log, and `roost doctor`",
        )
    return None


def _broker_problem(path: Path) -> tuple[str, str]:
    if path.both_brokered:
        return (
            f"{path.source} and {path.target} are both reached through the master only, and"
            f" {path.target} does not get to {path.source}: {path.answer_detail}",
            "publish the submit node's port and tell it ADDRESS; or use HTCondor 25.12 or newer on all"
            " nodes; or, on one bridge, give both the same ROOST_NETWORK",
        )
    return (
        f"{path.target} was asked through the master to connect, and did not: {path.answer_detail}",
        f"see the way from {path.target} to {path.source}, which has to take connections from there",
    )


def find_problems(paths: Sequence[Path]) -> tuple[Problem, ...]:
    """Of all ways; failures first."""
    found = [problem for path in paths if (problem := find_problem(path))]
    return tuple(sorted(found, key=lambda one: not one.failure))


def is_passable(facts: NetworkFacts) -> bool:
    """Whether the node can talk to all that it must talk to for jobs."""
    failed = any(one.failure for one in find_problems(facts.paths))
    return not (failed or facts.error or facts.unmeasured)


def row(path: Path) -> tuple[str, ...]:
    """A way as a line of the table; what is empty was not to be measured."""
    return (
        path.source,
        path.target,
        path.contact,
        path.way.value,
        _resolved(path),
        "" if path.on_link is None else ("on link" if path.on_link else "gateway"),
        _tcp(path),
        round_trips(path),
        str(path.mtu or ""),
        clock(path),
        _htcondor(path),
    )


def _resolved(path: Path) -> str:
    if not path.named:
        return ""
    return "no" if path.reach is Reach.UNRESOLVED else path.address.rpartition(":")[0]


def _htcondor(path: Path) -> str:
    """A refusal is an answer where no other is to be had."""
    if path.answer is Answer.UNASKED:
        return ""
    refused = path.answer is Answer.REFUSED and not path.to_master
    return "answers" if refused else path.answer.value


def _tcp(path: Path) -> str:
    if path.reach is None or path.reach is Reach.UNRESOLVED:
        return ""
    return path.reach.value


def round_trips(path: Path) -> str:
    """Least, mean and most, in milliseconds."""
    took = path.round_trips_ms
    return f"{min(took):.2f}/{sum(took) / len(took):.2f}/{max(took):.2f}" if took else ""


def clock(path: Path) -> str:
    """The difference in whole seconds, where it is one."""
    if path.clock_s is None:
        return ""
    return "same" if abs(path.clock_s) <= CLOCKS_EXACT_S else f"{path.clock_s:+.0f} s"


def render_facts(facts: NetworkFacts) -> str:
    """All that a node found, for people: the table, and below it what does not serve."""
    lines = render_plain([HEADERS, *(row(path) for path in facts.paths)]) if facts.paths else []
    for problem in find_problems(facts.paths):
        word = "error" if problem.failure else "warning"
        lines += [
            f"{problem.source} -> {problem.target}: {word}",
            f"    seen: {problem.seen}",
            f"    mend: {problem.mend}",
        ]
    if facts.error:
        lines.append(f"the master did not tell of other nodes: {facts.error}")
    if facts.unmeasured:
        lines.append(f"there was no time for {', '.join(facts.unmeasured)}: run it again")
    lines.append(f"Ways from {facts.node} only; those from other nodes are measured there")
    return "\n".join(map(_printable, lines))


def _printable(line: str) -> str:
    """Without anything that a terminal would act upon: other nodes have a say in this text."""
    return "".join(character if character.isprintable() else "?" for character in line)


def render_plain(table: Sequence[Sequence[str]]) -> list[str]:
    """Columns as wide as their widest cell; an empty cell is shown as ``-``."""
    widths = [max(len(line[number]) for line in table) for number in range(len(table[0]))]
    return [
        "  ".join(
            (cell or "-").ljust(width) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in table
    ]
