"""The page about what a container may do, rendered from the plan's own tables."""

from __future__ import annotations

from roost import contract
from roost.contract import Role
from roost.plan.roles import EXECUTOR_OVERHEAD_MB, RUN_MB, TRAITS
from roost.spec import PoolSpec

_INTRODUCTION = """\
# What a container may do

Each container runs with the fewest rights that its role needs: all Linux capabilities are dropped but the
ones below, `no-new-privileges` is set, the engine's default seccomp filter applies, the root file system is
read-only, no namespace is shared with the host, and no engine's socket is inside.

Jobs have none of the capabilities: they run as an account of their slot, and `no-new-privileges` keeps any
setuid program from giving them one.

<!-- Written by `make docs` from src/roost/plan/rights.py and roles.py: change it there. -->

## Capabilities

What fails without each was measured with HTCondor 23.9.6, and for executors with 25.14.1 too, by taking away
this one alone.

| role | capability | without it |
|---|---|---|
"""

_TEMPORARY = ", ".join(f"`{path}`" for path in contract.TEMPORARY_DIRS)

_PLACES = f"""
## What can be written

| place | what it is | what is there |
|---|---|---|
| `{contract.STATE_DIR}` | the node's volume | what outlives the container, and sandboxes of jobs |
| {_TEMPORARY} | volumes of the container's own, on disk, gone with it | temporary files |
| `/run` | in memory, at most {RUN_MB} MB, empty at each start | configuration, locks, sockets |
| `/dev/shm` | in memory; on executors as large as what they offer to jobs | shared memory of jobs |

What jobs keep in `/dev/shm` counts as memory of the executor, what they keep in `/tmp` does not. Nothing else
can be written, also by root: software is added with the pool file (`[software]`) or in an image of your own,
and files are put into a volume. A plain `docker run` of an image works with and without a read-only root;
with one, it wants `--read-only --tmpfs /run -v /tmp -v NAME:{contract.STATE_DIR}`.

## Limits

| role | memory | processes and threads | log |
|---|---|---|---|
"""


def render_reference() -> str:
    """The whole page, in Markdown."""
    rights = (
        f"| {role} | `{right.capability}` | {right.without} |\n"
        for role, traits in TRAITS.items()
        for right in traits.rights
    )
    limits = (
        f"| {role} | {_memory(role)} | {traits.pids} | {traits.log_mb} MB |\n"
        for role, traits in TRAITS.items()
    )
    return _INTRODUCTION + "".join(rights) + _PLACES + "".join(limits)


def _memory(role: Role) -> str:
    default = PoolSpec()
    if role is Role.EXECUTE:
        return f"`executors.memory` and {EXECUTOR_OVERHEAD_MB} MB for the node itself"
    memory_mb = default.master_memory_mb if role is Role.MASTER else default.submit_memory_mb
    return f"`memory.{role}` ({memory_mb // 1024} GB)"
