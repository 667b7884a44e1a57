"""The pool's slots as the negotiator sees them, whole and as they are now, and jobs tried on them."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from roost.node.diagnose.clauses import references, split_clauses
from roost.node.diagnose.tool import run_tool
from roost.nodefacts import Clause

_TIMEOUT_S = 8
_MOST_SLOTS = 300
"""Slots that are tried; a pool has few kinds of them."""
_MOST_VALUES = 3
_PARTS = ("Cpus", "Memory", "Disk", "GPUs")


class SlotsError(Exception):
    """The collector could not be asked for them."""


@dataclass(frozen=True)
class Slots:
    """Slots that are no parts of others, as ads: ``now``, ``whole`` (as if nothing ran on them), and
    ``open``: whole, and content with any job. ``users`` are the claimed parts by user."""

    now: Sequence[Any] = ()
    whole: Sequence[Any] = ()
    open: Sequence[Any] = ()
    users: Counter[str] = field(default_factory=Counter)

    def accepting(self, job: Any) -> int:
        """How many the job is content with."""
        return sum(bool(job.symmetricMatch(slot)) for slot in self.open)

    def fitting(self, job: Any) -> int:
        """How many of them are content with the job as well."""
        return sum(bool(job.symmetricMatch(slot)) for slot in self.whole)

    def free_for(self, job: Any) -> int:
        """How many could take the job now."""
        return sum(bool(job.symmetricMatch(slot)) for slot in self.now)

    def clauses(self, job: Any) -> tuple[Clause, ...]:
        """The job's requirements one by one."""
        import classad2

        tried = classad2.ClassAd(str(job))
        found = []
        for text in split_clauses(str(job.get("Requirements", ""))):
            tried["Requirements"] = classad2.ExprTree(text)
            found.append(
                Clause(text, self.accepting(tried), _of_job(job, text), self._of_slots(job, text))
            )
        return tuple(found)

    def _of_slots(self, job: Any, text: str) -> tuple[tuple[str, str], ...]:
        values = []
        for scope, name in references(text):
            if scope == "TARGET" or (not scope and name not in job):
                values.append(
                    (name, _in_words([slot.eval(name) for slot in self.whole if name in slot]))
                )
        return tuple(values)


def _of_job(job: Any, text: str) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, _plain(job.eval(name)))
        for scope, name in references(text)
        if scope != "TARGET" and name in job
    )


def _in_words(values: list[Any]) -> str:
    """The values that there are; of many numbers, the biggest."""
    different = set(map(_plain, values))
    if not different:
        return "nothing"
    numbers = [value for value in values if isinstance(value, (int, float))]
    if len(different) > 1 and len(numbers) == len(values):
        return f"{_plain(max(numbers))} at most"
    more = ", ..." if len(different) > _MOST_VALUES else ""
    return " or ".join(sorted(different)[:_MOST_VALUES]) + more


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.10g}"
    return f'"{value}"' if isinstance(value, str) else str(value)


def find_slots() -> Slots:
    """All slots in the collector. Raises :class:`SlotsError`."""
    import classad2

    argv = ["condor_status", "-long"]
    try:
        asked = run_tool(argv, _TIMEOUT_S)
    except subprocess.TimeoutExpired:
        raise SlotsError(f"no answer within {_TIMEOUT_S} s") from None
    if asked.returncode:
        raise SlotsError(" ".join(asked.stderr.split()))
    texts = [text for text in asked.stdout.split("\n\n") if text.strip()]
    ads = [classad2.parseOne(text) for text in texts]
    users = Counter(
        str(ad.get("AccountingGroup") or ad["RemoteUser"]) for ad in ads if "RemoteUser" in ad
    )
    now = [ad for ad in ads if ad.get("DynamicSlot") is not True][:_MOST_SLOTS]
    whole = [_whole(classad2.parseOne(str(ad))) for ad in now]
    content = [classad2.parseOne(str(ad)) for ad in whole]
    for ad in content:
        ad["Requirements"] = True
    return Slots(now, whole, content, users)


def _whole(slot: Any) -> Any:
    for name in _PARTS:
        if f"TotalSlot{name}" in slot:
            slot[name] = slot[f"TotalSlot{name}"]
    return slot
