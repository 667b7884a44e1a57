"""Why a build failed, from the end of its log: what was seen, and what to do about it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from roost.errors import ImageBuildError

_ANSI = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class _Cause:
    sign: re.Pattern[str]
    said: str
    hint: str


def _cause(sign: str, said: str, hint: str) -> _Cause:
    return _Cause(re.compile(sign, re.IGNORECASE | re.MULTILINE), said, hint)


_CAUSES = (
    _cause(
        r"^E: these packages do not leave HTCondor \S+ as it is",
        "the packages asked for would replace or remove HTCondor",
        "take the one that conflicts off the list, or build with --refresh first",
    ),
    _cause(
        r"no space left on device|not enough free space|don't have enough free space",
        "the disk is full",
        "make room where the container engine keeps its images, and in TMPDIR",
    ),
    _cause(
        r"Release file .* is expired|Release file .* is not valid (anymore|yet)",
        "the mirror's release file is out of date",
        "use another mirror, or, if you trust this one, --allow-expired-release",
    ),
    _cause(
        r"NO_PUBKEY|public key is not available|Missing key|is not signed",
        "the archive's signature could not be checked",
        "update the package debian-archive-keyring on this host",
    ),
    _cause(
        r"Hash Sum mismatch|has unexpected size",
        "what the mirror gave is not what its signed index names",
        "build again, as a mirror may be in the middle of an update; if that does not help, use another",
    ),
    _cause(
        r"Temporary failure resolving|Could not resolve|Could not connect|Connection timed out"
        r"|Connection failed|Connection refused|Network is unreachable|Failed to fetch"
        r"|Unable to fetch|Unable to connect",
        "the package mirror could not be reached, or broke off",
        "check the network and the mirror in the apt sources, then build again",
    ),
    _cause(
        r"Unable to locate package (?P<what>\S+)"
        r"|Package '?(?P<other>[^\s']+)'? has no installation",
        "a package does not exist in this suite",
        "check the package's name, and that this suite has it",
    ),
    _cause(
        r"No matching distribution found for (?P<what>\S+)",
        "pip found no such package",
        "check the name and version, and that the package index can be reached",
    ),
    _cause(
        r"unable to pick chroot mode|failed to unshare|cannot.*newuidmap|no suitable mode",
        "this user may not make a root file system",
        "install the package uidmap and give the user a range in /etc/subuid and /etc/subgid, "
        "or build once as root",
    ),
)


def explain(what: str, log: str, *, otherwise: str | None = None) -> ImageBuildError:
    """The error for a failed build of ``what``; ``otherwise`` is the hint for an unknown cause."""
    log = _ANSI.sub("", log)
    for cause in _CAUSES:
        if found := cause.sign.search(log):
            name = next((word for word in found.groupdict().values() if word), None)
            said = f"{cause.said}: {name}" if name else cause.said
            return ImageBuildError(f"{what}: {said}", hint=cause.hint, log_tail=log)
    last = _last_error(log)
    message = f"{what} could not be built: {last}" if last else f"{what} could not be built"
    return ImageBuildError(message, hint=otherwise, log_tail=log)


def _last_error(log: str) -> str:
    """The last line that calls itself an error, else the last line at all."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"(E:|ERROR|error)", line)]
    return (errors or lines or [""])[-1]
