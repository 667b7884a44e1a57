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
from bench.pool import time_fresh_pools

Print = Callable[[str], None]


def main() -> int:
    """Measure and print a table."""
    options = _parse()
    runs = time_fresh_pools(options.engine, options.rounds, options.executors, _progress)
    containers = options.executors + 2
    _row(f"engine alone: {containers} sleeping containers", [run.floor_s for run in runs])
    _row(f"roost up -n {options.executors}, until all ads are there", [run.up_s for run in runs])
    _row("  of that above the engine alone", [run.up_s - run.floor_s for run in runs])
    _row("first job of the fresh pool", [run.first_job_s for run in runs])
    _row("second job", [run.second_job_s for run in runs])
    _row("roost down --yes", [run.down_s for run in runs])
    for name, seconds in time_commands(options.engine, options.rounds).items():
        _row(name, seconds)
    return 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=main.__doc__)
    parser.add_argument("--engine", default=os.environ.get("ROOST_ENGINE"))
    parser.add_argument("--rounds", type=int, default=5, help="fresh pools to make (default 5)")
    parser.add_argument("--executors", type=int, default=3)
    return parser.parse_args()


def _progress(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _row(name: str, seconds: list[float]) -> None:
    least, middle, most = min(seconds), statistics.median(seconds), max(seconds)
    sys.stdout.write(f"{name:<44} median {middle:7.3f} s   {least:7.3f} to {most:.3f}\n")


if __name__ == "__main__":
    sys.exit(main())
