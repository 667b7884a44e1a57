"""The places of a node that are made anew at each of its starts.

``/run`` may be an empty file system in memory, as it is where the container's root is read-only, or the
image's own directory, as in a plain ``docker run``.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from roost import contract
from roost.logline import Level
from roost.node.say import NodeError, say

_EVERYBODYS = 0o1777
"""Mode of ``/tmp``."""


def ensure_run_dirs(
    run_dir: Path = Path(contract.RUN_DIR),
    condor_dir: Path = Path(contract.CONDOR_RUN_DIR),
    condor_gid: int = contract.CONDOR_GID,
) -> None:
    """Make both directories if they are missing. Raises :class:`NodeError` with the mend where nothing
    can be written.

    The daemons write theirs as its group: root may give a directory to a group that it is in, while giving
    it to another owner would need a capability (CAP_CHOWN) that most nodes have no other use for.
    """
    try:
        run_dir.mkdir(mode=0o755, parents=True, exist_ok=True)
        _check_writable(run_dir)
        if not condor_dir.is_dir():
            condor_dir.mkdir(mode=0o755, parents=True)
            groups = os.getgroups()
            os.setgroups([*groups, condor_gid])
            os.chown(condor_dir, -1, condor_gid)
            os.setgroups(groups)
        condor_dir.chmod(0o775)
    except OSError as error:
        raise NodeError(
            f"{error.filename or run_dir} cannot be made or written: {error.strerror}; start the container"
            " with a file system in memory there: --tmpfs /run"
        ) from None


def ensure_temporary_dirs(
    directories: Sequence[Path] = tuple(map(Path, contract.TEMPORARY_DIRS)),
) -> None:
    """See to it that everybody may write there and nobody may touch what is another's, whatever an engine
    or an operator made of a volume that is mounted there. Raises :class:`NodeError` with the mend."""
    for directory in directories:
        try:
            if stat.S_IMODE(directory.stat().st_mode) != _EVERYBODYS:
                directory.chmod(_EVERYBODYS)
        except OSError as error:
            raise NodeError(
                f"{directory} has to be a directory of mode {_EVERYBODYS:o}, and cannot be made one:"
                f" {error.strerror}; give what is mounted there to root"
            ) from None


def _check_writable(directory: Path) -> None:
    probe = directory / ".probe"
    probe.touch()
    probe.unlink()


def close_run_place(place: Path = Path(contract.RUN_DIR).parent) -> None:
    """Let nobody but root make anything in ``/run``: a stack of Swarm's has file systems in memory that are
    everybody's, as ``/tmp`` is. Raises :class:`NodeError`."""
    try:
        if place.stat().st_mode & 0o022:
            place.chmod(0o755)
    except OSError as error:
        raise NodeError(f"{place} is open to everybody, and stays so: {error.strerror}") from None


def close_secrets(directory: Path = Path(contract.SECRETS_DIR)) -> None:
    """Let nobody but root into the directory of mounted secrets: jobs and users have no business there,
    whatever the modes of the files are."""
    try:
        directory.chmod(0o700)
    except FileNotFoundError:
        return
    except OSError as error:
        say(f"{directory} stays open to jobs and users: {error.strerror}", level=Level.WARNING)
