"""The page of all causes, rendered from the causes themselves."""

from __future__ import annotations

from collections.abc import Mapping

from roost.pool.doctor.causes import Cause

_INTRODUCTION = """\
# Why is nothing running?

`roost doctor` looks at engine, containers, network, credentials, configuration, daemons, ads and jobs,
and names what is wrong, the worst first: what it is about, what was seen, and the mend. It changes
nothing, and takes a second or two; a node that does not answer costs it fifteen.

```console
$ roost doctor
execute-1: error: its token allows less than its role needs
    seen: it lacks ADVERTISE_STARTD
    mend: `docker stop roost-execute-1 && roost up`
job 12.0: error: no slot can ever run the job
    seen: it requires TARGET.Memory >= RequestMemory (RequestMemory = 9000), which none of 2 slots \
fulfils; they have Memory = 2048
    mend: ask for less (`roost exec submit -- condor_qedit 12.0 ATTRIBUTE VALUE`, or submit it anew), or \
give the pool an executor that fits
```

An *error* keeps something from running, and makes the exit code 1. A *warning* will do so, or holds
back a part; an *info* is as it should be, and good to know: both leave the exit code 0. What another
finding explains is left out: where a node cannot reach the master, it is not told as well that the
collector does not know it.

`roost doctor --json` gives `{"pool", "engine", "healthy", "nodes", "jobs", "findings"}`; each finding
has `cause` (the names below, which stay), `severity`, `nodes`, `jobs`, `title`, `seen` and `mend`.
`Pool.doctor()` is the same in Python.

<!-- Written by `make docs` from src/roost/pool/doctor/causes.py: change it there. -->
"""

_SECTIONS: Mapping[str, Cause] = {
    "Engine and pool": Cause.ENGINE_UNREACHABLE,
    "Containers": Cause.CONTAINER_STOPPED,
    "What a node needs": Cause.CONFIG_BROKEN,
    "Network": Cause.NAME_UNRESOLVED,
    "Credentials": Cause.TOKEN_MISSING,
    "Daemons": Cause.DAEMON_RESTARTING,
    "Ads and configuration": Cause.STARTS_NOTHING,
    "Jobs": Cause.JOB_HELD,
}
"""Each with the cause that it begins with."""


def render_reference() -> str:
    """The whole page, in Markdown."""
    titles = {cause: title for title, cause in _SECTIONS.items()}
    parts = [_INTRODUCTION]
    for cause in Cause:
        if cause in titles:
            parts.append(f"## {titles[cause]}\n")
        about = cause.about
        parts.append(
            f"### `{cause.value}`\n\n{about.severity.capitalize()}: {about.title}.\n\n"
            f"- **Looks like:** {about.looks}\n- **Mend:** {about.mend}\n"
        )
    return "\n".join(parts)
