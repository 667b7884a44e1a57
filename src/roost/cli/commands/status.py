"""``roost status``: nodes, slots and jobs."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from roost.cli.app import App
from roost.cli.command import command, given
from roost.cli.output.safety import safe_styled
from roost.cli.output.stdout import print_json, print_json_line
from roost.cli.output.table import render_table
from roost.cli.params import waiting_s
from roost.contract import HealthState, ReachedBy

if TYPE_CHECKING:
    from roost.pool.status import PoolStatus

_COLORS = {"ready": "green", "starting": "yellow", "restarting": "yellow"}
_HEALTH_COLORS = {"unhealthy": "red"}
_REACHED = {
    ReachedBy.ADDRESS: "at their address",
    ReachedBy.MASTER: "through the master (CCB)",
}
_CLEAR = "\033[H\033[J"


@command(
    json=True,
    examples=[
        ("roost status", "the pool at a glance"),
        ("roost status --watch", "again every second, until Ctrl-C"),
        ("roost status --json | jq .slots.unclaimed", "how many slots wait for a job"),
    ],
)
@click.option("-w", "--watch", is_flag=True, help="Look again and again, and show every change.")
@click.option(
    "--interval",
    "interval_s",
    callback=waiting_s(least=0.2),
    default="1s",
    show_default=True,
    metavar="TIME",
    help="Time between two looks of --watch.",
)
@click.pass_obj
def status(app: App, watch: bool, interval_s: float) -> None:
    """Show the pool's nodes, slots and jobs.

    A node is ready when HTCondor's collector knows it, starting when only its container runs. What keeps
    a node from doing all of its work is told below the table.
    """
    if not watch and "interval_s" in given(click.get_current_context()):
        raise click.UsageError("--interval is the time between two looks of --watch: give both")
    app.if_interrupted = ""
    with app.open_pool() as pool:
        seen = pool.status()
        if not watch:
            print_json(seen.to_json()) if app.json else click.echo(render_status(seen))
            return
        _show_change(app, seen)
        while True:
            time.sleep(interval_s)
            before, seen = seen, pool.status()
            if seen != before:
                _show_change(app, seen)


def _show_change(app: App, status: PoolStatus) -> None:
    if app.json:
        print_json_line(status.to_json())
        sys.stdout.flush()
        return
    click.echo((_CLEAR if sys.stdout.isatty() else "") + render_status(status) + "\n")


def render_status(status: PoolStatus) -> str:
    """The status for people."""
    state = "ready" if status.ready else "not ready"
    rows = [
        (
            node.name,
            node.role.value,
            click.style(node.state.value, fg=_COLORS.get(node.state.value, "red")),
            node.address or "",
            node.version or "",
            node.host or "",
        )
        for node in status.nodes
    ]
    lines = [
        f"Pool {status.pool} on {status.engine}: {state}",
        "",
        render_table(["NODE", "ROLE", "STATE", "ADDRESS", "HTCONDOR", "HOST"], rows),
        "",
        *_elsewhere(status),
        *_troubles(status),
        *_limits(status),
        f"Slots: {_counts(status.slots)}",
        f"Jobs:  {_counts(status.jobs)}",
    ]
    return safe_styled("\n".join(lines))


def _elsewhere(status: PoolStatus) -> Iterator[str]:
    """How nodes are reached, and what cannot be done to those of other hosts: where there are any."""
    elsewhere = [node for node in status.nodes if not node.here]
    if not elsewhere:
        return
    for reach, words in _REACHED.items():
        reached = [node.name for node in status.nodes if node.reach is reach]
        if reached:
            yield f"Reached {words}: {', '.join(reached)}"
    yield (
        f"On other hosts: {', '.join(node.name for node in elsewhere)}. Jobs run there; to stop,"
        " enter or remove such a node, or to read its log, use the engine of its host"
    )
    yield ""


def _troubles(status: PoolStatus) -> Iterator[str]:
    """A line for each node that does not do all of its work, and why."""
    troubled = [node for node in status.nodes if node.health not in (None, HealthState.HEALTHY)]
    for node in troubled:
        state = click.style(str(node.health), fg=_HEALTH_COLORS.get(str(node.health), "yellow"))
        yield f"{node.name} is {state}" + (f": {node.reason}" if node.reason else "")
    if troubled:
        yield ""


def _limits(status: PoolStatus) -> Iterator[str]:
    """By what jobs are kept within what they asked for: one line for executors that do the same."""
    alike: dict[str, list[str]] = {}
    for node in status.nodes:
        if node.limits and node.limits.get("memory"):
            tmp = "private" if node.limits["private_tmp"] else "shared"
            words = f"memory by {node.limits['memory']}, CPUs by {node.limits['cpus']}, /tmp {tmp}"
            alike.setdefault(words, []).append(node.name)
    for words, names in alike.items():
        yield f"Limits of jobs: {words}" + (f" ({', '.join(names)})" if len(alike) > 1 else "")


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{number} {state}" for state, number in counts.items())
