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
    try:
        ours = os.geteuid()
        os.seteuid(owner)
        try:
            os.chown(path, -1, os.getegid())
            os.chmod(path, mode)
        finally:
            os.seteuid(ours)
        seen = stat.S_IMODE(os.stat(path).st_mode)
        if seen != mode:
            raise PermissionError(f"its mode stays {seen:04o} instead of {mode:04o}")
    except OSError as error:
        raise NodeError(
            f"{path} cannot be closed to jobs and users ({error}): it must belong to uid {owner}, on a"
            " file system that keeps owners and modes; use a volume of the engine"
        ) from None
