"""What a job asks for and what slots offer: ``request_cpus`` and its like in condor_submit."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from roost.errors import UsageError

_AMOUNT = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)\s*([KMGT]?)(?:I?B)?", re.IGNORECASE)
_MB_PER_UNIT = {"K": 1 / 1024, "": 1, "M": 1, "G": 1024, "T": 1024 * 1024}


@dataclass(frozen=True)
class Request:
    """What a job asks for; None leaves HTCondor's default."""

    cpus: int | None = None
    memory_mb: int | None = None
    disk_mb: int | None = None

    def submit_commands(self) -> dict[str, str]:
        """The lines of a submit file."""
        lines = {
            "request_cpus": self.cpus,
            "request_memory": self.memory_mb,
            "request_disk": None if self.disk_mb is None else self.disk_mb * 1024,  # in KiB
        }
        return {key: str(value) for key, value in lines.items() if value is not None}

    def __bool__(self) -> bool:
        return self != Request()

    def __str__(self) -> str:
        return _in_words(self.cpus, self.memory_mb, self.disk_mb)


@dataclass(frozen=True)
class Slot:
    """What a whole slot offers to one job."""

    name: str
    cpus: int
    memory_mb: int
    disk_mb: int

    def fits(self, request: Request) -> bool:
        """Whether a job that asks for this can ever run here."""
        return (
            (request.cpus or 1) <= self.cpus
            and (request.memory_mb or 0) <= self.memory_mb
            and (request.disk_mb or 0) <= self.disk_mb
        )

    def __str__(self) -> str:
        return _in_words(self.cpus, self.memory_mb, self.disk_mb)


def parse_request(cpus: int | None, memory: int | str | None, disk: int | str | None) -> Request:
    """Check what a user asked for. Amounts are MB or texts such as ``2GB``, in powers of 1024."""
    if cpus is not None and (isinstance(cpus, bool) or not isinstance(cpus, int) or cpus < 1):
        raise UsageError(f"a job cannot have {cpus} CPUs", hint="ask for a whole number from 1 on")
    return Request(cpus, _parse_amount(memory, "memory"), _parse_amount(disk, "disk"))


def _parse_amount(value: int | str | None, what: str) -> int | None:
    if value is None:
        return None
    match = _AMOUNT.fullmatch(str(value).strip())
    amount_mb = math.ceil(float(match[1]) * _MB_PER_UNIT[match[2].upper()]) if match else 0
    if amount_mb < 1:
        raise UsageError(
            f"{value!r} is not an amount of {what} that a job can have",
            hint='write a number of MB such as 2048, or a text such as "2GB"',
        )
    return amount_mb


def explain_misfit(request: Request, slots: Sequence[Slot]) -> str | None:
    """Why no slot can ever hold the job, naming the biggest there is; None if one can, or if there
    are no slots at all."""
    if not slots or any(slot.fits(request) for slot in slots):
        return None
    biggest = max(slots, key=lambda slot: (slot.cpus, slot.memory_mb, slot.disk_mb))
    return f"it asks for {request}; the biggest, {biggest.name}, has {biggest}"


def _in_words(cpus: int | None, memory_mb: int | None, disk_mb: int | None) -> str:
    words = []
    if cpus is not None:
        words.append(f"{cpus} CPU{'s' if cpus != 1 else ''}")
    if memory_mb is not None:
        words.append(f"{memory_mb} MB of memory")
    if disk_mb is not None:
        words.append(f"{disk_mb} MB of disk")
    return ", ".join(words)
