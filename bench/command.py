"""The ``roost`` command itself, as a user's shell starts it, beside Python alone."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from roost import Pool


def time_commands(engine: str | None, rounds: int) -> dict[str, list[float]]:
    """Seconds by command; the first, cold, run of each is not counted."""
    roost = str(Path(sys.executable).with_name("roost"))
    name = f"roost-bench-{os.getpid()}"
    environment = os.environ | ({"ROOST_ENGINE": engine} if engine else {})
    # As it is where Roost is installed: compiled once, not at each start.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "roost --version": [roost, "--version"],
        "roost status": [roost, "--pool", name, "status"],
        "roost run -- true": [roost, "--pool", name, "run", "--", "true"],
    }
    with Pool(name, executors=3, engine=engine):
        return {
            command: [_time(argv, environment) for _ in range(rounds + 1)][1:]
            for command, argv in commands.items()
        }


def _time(argv: list[str], environment: dict[str, str]) -> float:
    started = time.perf_counter()
    subprocess.run(argv, check=True, env=environment, capture_output=True, timeout=60)
    return time.perf_counter() - started
