"""Which job a line is about, also where the daemon that wrote it does not say so.

The wordings are those of HTCondor 23.9 to 25.14; the functions that print them are named beside them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from roost.node.logs.line import Line

_MOST = 512
"""Of processes and slots remembered: pids and slots are used again, the oldest go."""
_ACTIVATIONS = 4096
"""Of a slot whose starters' log is far behind the startd's."""

# What the shadow puts before every message once it knows its job (dprintf_set_job_id …).
_SHADOW = re.compile(r"\((\d+\.\d+|\?\.\?)\) \((\d+)(?:>\d+)?\): ")
_SHADOW_STARTS = re.compile(r"Initializing an? \S+ shadow for job (\d+\.\d+)")
_SCHEDD = re.compile(
    r"\b(?:job|jobid|job_id|shadow for|job_transforms for)[ :=]+(?:id[ :=]+)?(\d+\.\d+)|\((\d+\.\d+)\)",
    re.I,
)
_SHADOW_PID = re.compile(r"\(shadow pid = (\d+)\)")
# negotiateWithGroup() in matchmaker.cpp.
_REQUEST = re.compile(r"Request 0*(\d+)\.0*(\d+):")
_MATCH = re.compile(r"(?:Matched|Rejected) (\d+\.\d+) ")
_REQUESTS_END = re.compile(
    r"Got NO_MORE_JOBS|Negotiating with |negotiateWithGroup|Starting prefetch|-+ \w+ Negotiation"
)
# Resource::dprintf() puts the slot's name first; that of 25.14 says the job, too.
_SLOT = re.compile(r"(slot\d+(?:_\d+)?)(?:\[(\d+\.\d+)\])?: \s*")
_ACTIVATED = re.compile(r"Remote job ID is (\d+\.\d+)")
_NEXT_JOB = re.compile(r"Got activate_claim request")
_FREE = re.compile(r"Changing .*-> (?:Owner|Unclaimed|Delete)\b")
_STARTER_ENDED = re.compile(r"Starter pid (\d+) ")
_STARTER = re.compile(
    r"(?:Starting an? \S+ universe job with ID: |Job )(\d+\.\d+)(?: set to execute|$)"
)
_TRANSFER = re.compile(r"JobId: (\d+\.\d+)")


class Jobs:
    """What was seen of jobs, slots and processes so far, on this node."""

    def __init__(self, saved: Mapping[str, Any] | None = None) -> None:
        saved = saved or {}
        self.shadows: dict[str, str] = dict(saved.get("shadows", {}))
        """Job of each shadow, by pid."""
        self.starters: dict[str, list[str | None]] = dict(saved.get("starters", {}))
        """Job and slot of each starter, by pid."""
        self.starter_of: dict[str, str] = dict(saved.get("starter_of", {}))
        """The pid of the starter that wrote the newest banner of a slot's log."""
        self.running: dict[str, str] = dict(saved.get("running", {}))
        """The job that a slot runs, as far as the startd's log was read."""
        self.activations: dict[str, list[list[str]]] = dict(saved.get("activations", {}))
        """When a slot was given which job: what a starter's first lines are looked up in."""
        self.request: str | None = saved.get("request")
        """The job that the negotiator is at."""
        self._rules: dict[str, Callable[[Line], None]] = {
            "SHADOW": self._shadow,
            "SCHEDD": self._schedd,
            "NEGOTIATOR": self._negotiator,
            "STARTD": self._startd,
            "STARTER": self._starter,
        }

    def to_json(self) -> dict[str, Any]:
        """For the state file."""
        return {key: value for key, value in vars(self).items() if not key.startswith("_")}

    def place(self, line: Line) -> None:
        """Say the line's job and slot where they can be known; take what says them out of it."""
        rule = self._rules.get(line.daemon)
        if rule:
            rule(line)
        if line.pid and not line.job and line.daemon in ("SHADOW", "STARTER"):
            line.message = f"(pid:{line.pid}) {line.message}"  # nothing else tells them apart

    def _shadow(self, line: Line) -> None:
        said = _SHADOW.match(line.message)
        job, pid = said.groups() if said else ("?.?", line.pid)
        line.message = line.message[said.end() :] if said else line.message
        starts = _SHADOW_STARTS.match(line.message)
        job = starts[1] if starts else job
        if job != "?.?" and pid:
            _remember(self.shadows, pid, job)
        line.job = self.shadows.get(pid or "")

    def _schedd(self, line: Line) -> None:
        said = _SCHEDD.search(line.message)
        job = (said[1] or said[2]) if said else None
        if job and not job.startswith("0"):
            line.job = job
            shadow = _SHADOW_PID.search(line.message)
            if shadow:
                _remember(self.shadows, shadow[1], job)

    def _negotiator(self, line: Line) -> None:
        request = _REQUEST.match(line.message)
        if request:
            self.request = f"{request[1]}.{request[2]}"
        elif _REQUESTS_END.match(line.message):
            self.request = None
        said = _MATCH.match(line.message)
        line.job = said[1] if said else self.request

    def _startd(self, line: Line) -> None:
        slot = _SLOT.match(line.message)
        if not slot:
            ended = _STARTER_ENDED.match(line.message)
            line.job, line.slot = (
                self.starters.get(ended[1], (None, None)) if ended else (None, None)
            )
            return
        line.slot = slot[1]
        line.message = line.message[slot.end() :]
        if _NEXT_JOB.match(line.message):
            self.running.pop(slot[1], None)
        activated = _ACTIVATED.match(line.message)
        if activated:
            _remember(self.running, slot[1], activated[1])
            times = self.activations.get(slot[1], [])
            times = [*times, [line.time or "", activated[1]]][-_ACTIVATIONS:]
            _remember(self.activations, slot[1], times)
        line.job = slot[2] or self.running.get(slot[1])
        if _FREE.match(line.message):
            self.running.pop(slot[1], None)

    def _starter(self, line: Line) -> None:
        transfer = _TRANSFER.search(line.message) if line.category == "D_STATS" else None
        if transfer:
            line.job, line.slot = transfer[1], self.starters.get(line.pid or "", (None, None))[1]
            shadow = _SHADOW.match(line.message)
            if shadow:
                line.daemon = "SHADOW"
                line.message = line.message[shadow.end() :]
            return
        if not (line.slot and line.pid):
            return
        if line.banner:
            _remember(self.starter_of, line.slot, line.pid)
            _remember(self.starters, line.pid, [self._activated(line.slot, line.time), line.slot])
        # A pid without a banner is that of a transfer, which its starter has forked.
        pid = line.pid if line.pid in self.starters else self.starter_of.get(line.slot, "")
        said = _STARTER.match(line.message)
        if said:
            _remember(self.starters, pid or line.pid, [said[1], line.slot])
        line.job = said[1] if said else self.starters.get(pid, [None])[0]

    def _activated(self, slot: str, time: str | None) -> str | None:
        """The job that the slot had been given last at that time."""
        activations = self.activations.get(slot, [])
        past = [index for index, (given, _) in enumerate(activations) if given <= (time or "")]
        if not past:
            return None
        del activations[: past[-1]]
        return activations[0][1]


def _remember(memory: dict[str, Any], key: str, value: Any) -> None:
    memory.pop(key, None)
    memory[key] = value
    if len(memory) > _MOST:
        del memory[next(iter(memory))]
