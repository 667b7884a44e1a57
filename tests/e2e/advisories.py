"""Made-up vulnerabilities of real packages, in the format that Debian's tracker has for debsecan."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence

from roost.images.advisories import Advisories, InstalledPackage, Urgency

_OF_SOURCES = ("SHRF", "SM? ", "SL F", "S R ", " L F")
_OF_BINARIES = ("BHRF", "BM? ")


def made_up_data(packages: Sequence[InstalledPackage]) -> bytes:
    """For each package and source one vulnerability of each kind, with versions just beside its own."""
    sources = {(one.source, one.source_version, flags) for one in packages for flags in _OF_SOURCES}
    binaries = {(one.name, one.version, flags) for one in packages for flags in _OF_BINARIES}
    bugs: list[str] = []
    places: list[str] = []
    for name, own, flags in sorted(sources | binaries):
        for versions in _versions(own):
            places.append(f"{name},{len(bugs)},{flags},{versions}")
            bugs.append(f"CVE-2025-{len(bugs):05d},,{name}, made up")
    # What a source is not said to make now, debsecan calls obsolete, and what has its name alone is not
    # named.
    made: dict[str, list[str]] = {}
    for one in packages:
        made.setdefault(one.source, []).append(one.name)
    lines = [f"{source},{' '.join(names)}" for source, names in made.items() if names != [source]]
    return zlib.compress("\n".join(["VERSION 1", *bugs, "", *places, "", *lines, ""]).encode())


def _versions(own: str) -> tuple[str, ...]:
    """The fixed version in unstable, and those elsewhere: some fix ``own``, some do not."""
    epoch, colon, rest = own.rpartition(":")
    earlier = re.sub(r"[0-9]+", lambda found: str(max(int(found[0]) - 1, 0)), rest, count=2)
    return (
        ",",
        f"{own},",
        f"{own}+deb13u1,{own}~rc1",
        f"{own}~~,",
        f"{int(epoch or 0) + 1}:{rest},{own}",
        f"{own}+b1,{epoch}{colon}{earlier} {own}.1",
        f",{epoch}{colon}0{rest}",
        f"{epoch}{colon}{earlier},{own}~",
    )


def as_debsecan_tells(advisories: Advisories) -> list[str]:
    """The findings as lines of ``debsecan --format summary``, sorted."""
    lines = []
    for one in advisories.findings:
        known = one.vulnerability
        notes = ["fixed"] if known.fix_available else []
        notes += ["remotely exploitable"] if known.remote else []
        notes += [] if known.urgency is Urgency.UNKNOWN else [f"{known.urgency} urgency"]
        told = f" ({', '.join(notes)})" if notes else ""
        lines.append(f"{known.id} {one.package.name}{told}")
    return sorted(lines)
