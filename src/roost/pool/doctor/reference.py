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

A node that came by `roost join` is made by no `roost up`: its mends start its container again, or let it \
join anew. On a host that has only such nodes, the collector is not asked: run it on the host of the master \
too.

`roost doctor --json` gives `{"pool", "engine", "healthy", "nodes", "jobs", "findings"}`; each finding
has `cause` (the names below, which stay), `severity`, `nodes`, `jobs`, `title`, `seen` and `mend`.
`Pool.doctor()` is the same in Python. [`roost doctor --network`](#do-nodes-reach-each-other) measures \
the ways between nodes.

<!-- Written by `make docs` from src/roost/pool/doctor/causes.py: change it there. -->
"""

_NETWORK = """\
## Do nodes reach each other?

`roost doctor --network` sends each node of this host to every node that it must talk to, on whatever host
that is, all at once. It takes a second or two, and 40 s at most where little comes back.

```console
$ roost doctor --network
FROM       TO            AT              WAY     RESOLVED  ROUTE    TCP        RTT ms (min/avg/max)  MTU   \
CLOCK  HTCONDOR
master     submit        192.0.2.2:9618  direct  -         gateway  connected  0.21/0.24/0.31        1500  \
same   answers
submit     master        192.0.2.1:9618  direct  -         gateway  connected  0.19/0.22/0.30        1500  \
same   granted
submit     execute-lab7  10.7.0.3:9618   CCB     -         -        -          -                     -     \
same   answers

3 ways from here: all that jobs need serve
Nodes of other hosts: execute-lab7 (lab7). Ways to them are in the table; for those from them, run this on \
their hosts as well, or `docker exec CONTAINER roost-node network`
```

| column | tells |
|---|---|
| `AT` | where the other node says that it is, or the master as this node was told |
| `WAY` | `direct`: it is connected to there; `CCB`: it is asked through the master to connect. What a \
connection meets is then in the line of the way back |
| `RESOLVED` | the address of a master that is given by name |
| `ROUTE` | whether a `gateway` is in between, or the other node is `on link` |
| `TCP` | how far a connection to HTCondor's port gets: `connected`, `refused`, `silent`, `no route` |
| `RTT ms` | the round trips of five connections, by the kernel's clock |
| `MTU` | the most bytes in a packet, by what both ends and the routers on the way say |
| `CLOCK` | how far the other's clock is ahead, in whole seconds, by what both last told the master |
| `HTCONDOR` | what HTCondor there answers to a message that needs several packets |

The last column is a real exchange, as between daemons. The master grants what a node's token allows. Other \
nodes cannot prove whose a token is and refuse, which their logs say: that is an answer. `small only` means \
that a message in one packet is answered and a longer one is not, as where a router loses big packets \
and does not say so; `none`, that something takes connections there and no HTCondor answers.

The ways are those that HTCondor goes by itself: between the master and every other node, and both ways \
between submit nodes and executors. Each that fails is told below the table with its mend. The exit code \
is 1 where a way fails that jobs need, or a node of this host cannot be asked; the ways from the master to \
executors serve tools such as `condor_drain` only. Ways that begin at nodes of other hosts are not measured \
from here: run it there too. It needs no master on the same host.

Without Roost on the host, each container does it for itself, from any host:

```console
$ docker exec condorexecute roost-node network
```

`roost doctor --network --json` gives `{"pool", "engine", "healthy", "paths", "problems", "unmeasured", \
"elsewhere"}`; `Pool.network()` is the same in Python. [Why so](decisions/network-check.md).
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
    return "\n".join([*parts, _NETWORK.rstrip("\n") + "\n"])
