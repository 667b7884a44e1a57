"""The daemons of ``condor_master``: which live, and how those ended that did not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from roost.node.diagnose.logs import last_trouble, read_tail
from roost.node.diagnose.processes import Process
from roost.nodefacts import Daemon

_STARTED = re.compile(r"\bcondor_master\b.*\bSTARTING UP\b")
_ENDED = re.compile(r"The (\w+) \(pid \d+\) ((?:exited with|died due to|was killed)[^\n]*)")
"""See ``daemon::Exited`` in HTCondor's masterDaemon.cpp."""
_ASKED_TO = "exited with status 0"


def look_at_daemons(names: Iterable[str], processes: Sequence[Process]) -> tuple[Daemon, ...]:
    """The daemons of those names (words of DAEMON_LIST), but for ``condor_master`` itself."""
    ends = find_ends(read_tail("MASTER"))
    return tuple(
        _look_at(name, ends.get(name, []), processes) for name in names if name != "MASTER"
    )


def find_ends(master_log: Sequence[str]) -> dict[str, list[str]]:
    """How the daemons ended, by name and in order: since ``condor_master`` was last started, and since
    they were last asked to end."""
    ends: dict[str, list[str]] = {}
    for line in master_log:
        if _STARTED.search(line):
            ends.clear()
        elif match := _ENDED.search(line):
            name, how = match[1], match[2].strip()
            ends[name] = [*([] if how == _ASKED_TO else ends.get(name, [])), how]
    return ends


def _look_at(name: str, ends: list[str], processes: Sequence[Process]) -> Daemon:
    program = f"condor_{name.lower()}"
    ages = [process.age_s for process in processes if process.program == program]
    failures = [how for how in ends if how != _ASKED_TO]
    trouble = last_trouble(read_tail(name)) if failures or not ages else ""
    return Daemon(
        name=name,
        alive=bool(ages),
        age_s=max(ages, default=None),
        exits=len(failures),
        last_exit=ends[-1] if ends else "",
        last_error=trouble,
    )
