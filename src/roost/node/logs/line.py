"""An event of a log with what its header says, before it becomes a line of output."""

from __future__ import annotations

import re

from roost.logline import Level

# formatTimeHeader() and _format_global_header() in dprintf.cpp; the older form of the time is that of
# the procd (dprintf_lite.cpp), and of logs from before the node wrote its own configuration.
HEADER = (
    r"(?:(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)|(\d\d)/(\d\d)/(\d\d) (\d\d:\d\d:\d\d))(?:(\.\d{3}))? (?:: )?"
    r"((?:\((?:fd|pid|tid|cid|bt):[^)]*\) )*)"
    r"(?:\((D_\w+)(:\d)?(\|D_FAILURE)?\) )?"
)
_HEADER = re.compile(HEADER)
_PID = re.compile(r"\(pid:(\d+)\) ")


class Line:
    """What becomes one line, or several where it is long. ``time`` None: the header says none."""

    def __init__(
        self,
        daemon: str,
        time: str | None,
        message: str,
        *,
        pid: str | None = None,
        category: str = "D_ALWAYS",
        verbose: bool = False,
        failed: bool = False,
        banner: bool = False,
        slot: str | None = None,
        job: str | None = None,
        level: Level = Level.INFO,
    ) -> None:
        self.daemon = daemon
        self.time = time
        self.message = message
        self.pid = pid
        self.category = category
        self.verbose = verbose
        self.failed = failed
        self.banner = banner
        self.slot = slot
        self.job = job
        self.level = level


def parse_event(text: str, daemon: str) -> Line:
    """An event of a daemon's log."""
    found = _HEADER.match(text)
    if not found:
        return Line(daemon, None, text.rstrip("\n"))
    message = text[found.end() :]
    banner = message.startswith("*****")
    if banner:
        message = _banner(message)
    tags = found[7]
    pid = _PID.search(tags)
    tags = _PID.sub("", tags) if pid else tags
    date = found[1] or f"20{found[4]}-{found[2]}-{found[3]}T{found[5]}"
    return Line(
        daemon,
        f"{date}{found[6] or '.000'}Z",
        tags + message.strip(),
        pid=pid[1] if pid else None,
        category=found[8] or "D_ALWAYS",
        verbose=bool(found[9]),
        failed=bool(found[10]),
        banner=banner,
    )


def _banner(text: str) -> str:
    """What a daemon says of itself at its start: its lines have a header each, and a frame of stars."""
    lines = [_HEADER.sub("", line, count=1) for line in text.splitlines()]
    said = [line for line in lines if line.strip("*")]
    return "\n".join(said).removeprefix("** ") if said else lines[0]
