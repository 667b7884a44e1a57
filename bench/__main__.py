"""``python -m bench``: how long a pool takes, beside what the engine alone takes.

Absolute times are of this machine and this moment; read the differences and ratios.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
from collections.abc import Callable

from bench.command import time_commands
from bench.node import measure_idle_nodes
from bench.pool import MANY_JOBS, time_fresh_pools

Print = Callable[[str], None]


def main() -> int:
    """Measure and print a table."""
    options = _parse()
    runs = time_fresh_pools(
        options.engine, options.suite, options.rounds, options.executors, _progress
    )
    containers = options.executors + 2
    _row(f"engine alone: {containers} sleeping containers", [run.floor_s for run in runs])
    _row(f"roost up -n {options.executors}, until all ads are there", [run.up_s for run in runs])
    _row("  of that above the engine alone", [run.up_s - run.floor_s for run in runs])
    _row("first job of the fresh pool", [run.first_job_s for run in runs])
    _row("second job", [run.second_job_s for run in runs])
    many = f"{MANY_JOBS} jobs of no length"
    _row(many, [run.many_jobs_s for run in runs])
    _row("roost down --yes", [run.down_s for run in runs])
    for name, seconds in time_commands(options.engine, options.rounds).items():
        _row(name, seconds)
    if options.idle_seconds:
        _idle_nodes(options.engine, options.idle_seconds)
    return 0


def _idle_nodes(engine: str | None, seconds: float) -> None:
    usage, check = measure_idle_nodes(engine, seconds, _progress)
    for one in usage:
        name = f"idle {one.node}: {one.program}"
        _print(f"{name:<44} {one.cpu:8.3%} of a core   {one.pss_mb:5.1f} MB")
    for node in dict.fromkeys(one.node for one in usage):
        ours = [one for one in usage if one.node == node]
        name = f"idle {node}: all of Roost's own"
        cpu, memory = sum(one.cpu for one in ours), sum(one.pss_mb for one in ours)
        _print(f"{name:<44} {cpu:8.3%} of a core   {memory:5.1f} MB")
    _print(f"{'a HEALTHCHECK, CPU in the node':<44} {check.cpu_s * 1000:7.1f} ms")
    _print(f"{'the same, as long as the engine takes':<44} {check.whole_s * 1000:7.1f} ms")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=main.__doc__)
    parser.add_argument("--engine", default=os.environ.get("ROOST_ENGINE"))
    parser.add_argument("--suite", default="trixie", help="Debian release of the images")
    parser.add_argument(
        "--idle-seconds", type=float, default=60, help="how long to watch idle nodes; 0: not at all"
    )
    parser.add_argument("--rounds", type=int, default=5, help="fresh pools to make (default 5)")
    parser.add_argument("--executors", type=int, default=3)
    return parser.parse_args()


def _progress(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _row(name: str, seconds: list[float]) -> None:
    least, middle, most = min(seconds), statistics.median(seconds), max(seconds)
    _print(f"{name:<44} median {middle:7.3f} s   {least:7.3f} to {most:.3f}")


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
