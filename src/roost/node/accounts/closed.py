"""Directories that the daemons write and nobody else may look into.

HTCondor makes logs and histories with mode 0644, and sets its own umask, so what closes them is the
directory. They hold what jobs of others were started with: arguments, environments, paths. The group is
root's, since root may lack the capability to look into what is not its own: the log forwarder reads there.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping

from roost import contract
from roost.contract import Role
from roost.node.say import NodeError

_CLOSED = 0o750
_PASSED_THROUGH = 0o751
"""Whoever knows a name in it may use that, if the file's own mode allows it; nobody may list it."""


def closed_directories(role: Role) -> Mapping[str, int]:
    """Path and mode of each. On a submit node users' tools look up the schedd's address in the spool, and
    shadows, as a job's owner, its spooled files."""
    spool = _PASSED_THROUGH if role is Role.SUBMIT else _CLOSED
    return {contract.LOG_DIR: _CLOSED, contract.SPOOL_DIR: spool}


def close_directories(role: Role) -> None:
    """Close those of this node, also where its volume is an older one. Raises :class:`NodeError`."""
    for path, mode in closed_directories(role).items():
        close_directory(path, mode, owner=contract.CONDOR_UID)


def close_directory(path: str, mode: int, *, owner: int) -> None:
    """Give a directory of ``owner`` its mode, and our own group.

    Done as the owner, who keeps our group: no capability is needed but to become that.
    """
    # In a process of its own: one that was somebody else for a moment has a /proc of its own closed to
    # the rest of the node.
    child = os.fork()
    if child == 0:
        try:
            os.seteuid(owner)
            os.chown(path, -1, os.getegid())
            os.chmod(path, mode)
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    seen = os.stat(path)
    if (seen.st_uid, seen.st_gid, stat.S_IMODE(seen.st_mode)) != (owner, os.getegid(), mode):
        raise NodeError(
            f"{path} cannot be closed to jobs and users: it belongs to {seen.st_uid}:{seen.st_gid} with mode"
            f" {stat.S_IMODE(seen.st_mode):04o} instead of {owner}:{os.getegid()} with {mode:04o}; use a"
            " volume of the engine, which keeps owners and modes"
        )
