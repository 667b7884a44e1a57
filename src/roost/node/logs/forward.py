"""``roost-node forward-logs``: the process that follows every log of the node."""

from __future__ import annotations

import math
import os
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from roost import contract
from roost.logline import ROOST, Level
from roost.node.logs.files import Shape, group_logs
from roost.node.logs.follow import Log, LogFile
from roost.node.logs.jobevents import parse_job_event
from roost.node.logs.jobs import Jobs
from roost.node.logs.levels import is_admission, set_level
from roost.node.logs.line import Line, parse_event
from roost.node.logs.output import Output
from roost.node.logs.splitter import RawEvent
from roost.node.logs.state import STATE_FILE, load_state, save_state
from roost.node.say import NodeError, log_format, own_name
from roost.redaction import redact

_BUSY_PAUSE_S = 0.2
_IDLE_PAUSE_S = 0.5
_SAVE_INTERVAL_S = 0.5
_UNSAVED_LINES = 100
"""After more than these a look saves at its end, however soon: what a killed one repeats is little."""
_SAVE_INTERVAL_IN_LOOK_S = 0.25
_FAILURE_PAUSE_S = 1.0
"""Before it ends: supervisord starts it again at once."""
_LAST_LOOKS = 20
_WITH_ADMISSIONS = {Path(contract.SECURITY_LOG).name, "CollectorLog"}
"""Of who was let in they say a line for each command, which is not told (docs/decisions/identities.md)."""
_STOP_SIGNALS = {signal.SIGTERM, signal.SIGINT}


def forward_logs(_arguments: list[str]) -> int:
    """Forward until SIGTERM, and then to the end of every file."""
    # Waited for below, so that no write and no look is broken off.
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOP_SIGNALS)
    node = own_name(os.environ, os.uname().nodename)
    output = Output(_container_stdout(), node, log_format(os.environ))
    forwarder = Forwarder(Path(contract.LOG_DIR), Path(STATE_FILE), output)
    try:
        pause_s = 0.0
        while not signal.sigtimedwait(_STOP_SIGNALS, pause_s):
            pause_s = _BUSY_PAUSE_S if forwarder.look() else _IDLE_PAUSE_S
        forwarder.finish()
    except OSError as error:
        time.sleep(_FAILURE_PAUSE_S)
        raise NodeError(f"cannot forward the logs: {error}") from None
    return 0


def _container_stdout() -> int:
    """The first process's own: what supervisord need not copy. Our own where that cannot be opened."""
    try:
        return os.open(f"/proc/{os.getppid()}/fd/1", os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
    except OSError:
        return 1


class Forwarder:
    """Follows all logs below one directory."""

    def __init__(self, directory: Path, state_path: Path, output: Output) -> None:
        self._directory = directory
        self._state_path = state_path
        self._output = output
        self._logs: list[Log] = []
        self._listed_at: int | None = None
        self._unsaved = 0
        self._saved_at = -math.inf
        self._save_failed = False
        try:
            state = load_state(state_path)
        except (OSError, ValueError) as error:
            state = {}
            self._warn(f"lines may be repeated: {state_path} cannot be read: {error}")
        self._files = state.get("files", {})
        self._lines: dict[str, dict[str, int]] = state.get("lines", {})
        self._jobs = Jobs(state.get("jobs"))
        self._last_time: dict[str, str] = {}

    def look(self) -> bool:
        """Tell the news of all logs; whether there were any, or will be any moment."""
        self._find()
        # What a line explains comes first. An effect is measured before its cause, so that whatever
        # is read of it has its cause in what is read before it.
        for log in reversed(self._logs):
            log.measure()
        news = False
        for log in self._logs:
            for file, events in log.read():
                news = True
                self._tell(log, file, events)
        self._save_after(0.0 if self._unsaved > _UNSAVED_LINES else _SAVE_INTERVAL_S)
        return news or any(log.unsettled for log in self._logs)

    def finish(self) -> None:
        """Tell everything to the end, and save."""
        for _ in range(_LAST_LOOKS):
            if not self.look():
                break
        for log in self._logs:
            for file, events in log.finish():
                self._tell(log, file, events)
        self._save_after(0.0)

    def _find(self) -> None:
        try:
            changed_at = self._directory.stat().st_mtime_ns
        except FileNotFoundError:
            return
        if changed_at == self._listed_at and not any(log.stale for log in self._logs):
            return
        # Two changes may have one time: the first listing after a change is not the last.
        self._listed_at = changed_at if time.time_ns() - changed_at > 10**9 else None
        inode_of = _regular_files(self._directory)
        logs = {log.base: log for log in self._logs}
        found = group_logs(inode_of)
        for base in (found.keys() | self._files.keys()) - logs.keys():
            logs[base] = Log(self._directory, base, self._files.pop(base, ()), self._warn)
        for base, log in logs.items():
            log.find(found.get(base, []), inode_of)
        self._logs = sorted(logs.values(), key=lambda log: (log.kind.rank, log.base))

    def _tell(self, log: Log, file: LogFile, events: Iterable[RawEvent]) -> None:
        for event in events:
            line = self._line(log, event)
            if log.base in _WITH_ADMISSIONS and is_admission(line):
                continue
            at = line.time or (self._last_time.get(log.base) if event.continues else None) or _now()
            self._last_time[log.base] = at
            self._output.tell(line, at, file.id, event)
            counts = self._lines.setdefault(line.daemon, {})
            counts[line.level] = counts.get(line.level, 0) + 1
            self._unsaved += 1
        self._save_after(_SAVE_INTERVAL_IN_LOOK_S)

    def _line(self, log: Log, event: RawEvent) -> Line:
        text = redact(event.data.decode("utf-8", "surrogateescape"))
        if log.kind.shape is Shape.JOBS:
            return parse_job_event(text)
        line = parse_event(text, log.kind.daemon)
        line.slot = log.kind.slot
        line.failed |= (
            log.kind.shape is Shape.PLAIN
        )  # what a daemon writes that cannot log any more
        self._jobs.place(line)
        set_level(line)
        return line

    def _warn(self, message: str) -> None:
        self._output.tell(Line(ROOST, None, message, level=Level.WARNING), _now())
        self._output.flush()
        self._unsaved += 1

    def _save_after(self, interval_s: float) -> None:
        """Note what was told, after it was: whoever is killed in between tells it again."""
        self._output.flush()
        now = time.monotonic()
        if not self._unsaved or now - self._saved_at < interval_s:
            return
        self._saved_at = now
        files = {log.base: log.saved for log in self._logs}
        state = {"files": files, "lines": self._lines, "jobs": self._jobs.to_json()}
        try:
            save_state(self._state_path, state)
        except OSError as error:
            failed, self._save_failed = self._save_failed, True
            if not failed:
                self._warn(f"lines will be repeated after a restart: {error}")
            return
        self._unsaved = 0
        self._save_failed = False


def _regular_files(directory: Path) -> dict[str, int]:
    """Names and inodes. No links: the account that writes here may not read all that we may."""
    found = {}
    with os.scandir(directory) as entries:
        for entry in entries:
            # Gone again: no log. The listing's own inode is another one on some file systems.
            with suppress(FileNotFoundError):
                if entry.is_file(follow_symlinks=False):
                    found[entry.name] = entry.stat(follow_symlinks=False).st_ino
    return found


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
