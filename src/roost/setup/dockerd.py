"""Docker's daemon on a host without an init system: started detached, and waited for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from roost.errors import EngineUnavailableError
from roost.setup.facts import EngineState
from roost.setup.run import Runner
from roost.waiting import wait_for

LOG = Path("/var/log/dockerd.log")
PID_FILE = Path("/var/run/docker.pid")

# Debian's dockerd needs no settings. setsid takes it out of this terminal's reach.
START_DOCKERD = ("sh", "-c", f"setsid dockerd >>{LOG} 2>&1 </dev/null &")

_GAVE_UP = "failed to start daemon"
"""dockerd's last words when it cannot start."""
_ANSWER_TIMEOUT_S = 60.0
_TAIL_LINES = 5


def start_dockerd(
    run: Runner, probe: Callable[[str], EngineState], update: Callable[[str], None]
) -> None:
    """Start dockerd, unless it runs, and wait until it answers.

    Raises :class:`EngineUnavailableError` with the end of its log as soon as it has given up.
    """
    offset = _size(LOG)
    if is_running(PID_FILE):
        update("it runs already")
    else:
        update(f"its log is {LOG}")
        run(START_DOCKERD, update)

    def look() -> EngineState | None:
        # Of two that were started at once one gives up, and says so in the same log.
        state = probe("docker")
        if state in (EngineState.READY, EngineState.DENIED):
            return state
        log = read_since(LOG, offset)
        if _GAVE_UP in log and not is_running(PID_FILE):
            raise EngineUnavailableError(f"dockerd ended at once:\n{_tail(log)}", hint=f"see {LOG}")
        return None

    wait_for(
        "dockerd answers",
        look,
        timeout_s=_ANSWER_TIMEOUT_S,
        last_seen=lambda: _tail(read_since(LOG, offset)),
        hint=f"see {LOG}",
    )


def is_running(pid_file: Path, proc: Path = Path("/proc")) -> bool:
    """A dockerd runs, though it may not answer yet: a second one must not be started."""
    try:
        pid = int(pid_file.read_text())
        return (proc / str(pid) / "comm").read_text().strip() == "dockerd"
    except (OSError, ValueError):
        return False


def read_since(log: Path, offset: int) -> str:
    """What was written to a log after ``offset`` bytes; nothing where it cannot be read."""
    try:
        with log.open("rb") as file:
            file.seek(offset)
            return file.read().decode(errors="replace")
    except OSError:
        return ""


def _size(log: Path) -> int:
    return log.stat().st_size if log.exists() else 0


def _tail(text: str) -> str:
    return "\n".join(text.splitlines()[-_TAIL_LINES:])
