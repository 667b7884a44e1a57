"""Ending and removing everything of one account: processes, files, shared memory.

It is done as that account, which needs no capability but to become it, and cannot touch anything else:
``kill(-1)`` reaches all processes of the account at once, however fast they fork, and what it cannot
remove is not its own. Imports little, since every job's start waits for it.
"""

from __future__ import annotations

import errno
import os
import stat
import time

TYPE_CHECKING = False  # as roost/__init__.py has it
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

FIXED_PLACES = ("/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run/lock")  # noqa: S108
"""Where every account may write, in every image."""

_SIGKILL = 9
"""The module ``signal`` takes half as long to import as Python to start."""
_KILL_TIMEOUT_S = 5.0
_DEEPEST = 32
"""Directories of other accounts are looked into to this depth: whoever makes deeper ones keeps nobody
from working."""
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_IPCRM = "/usr/bin/ipcrm"
_IPC_KINDS = {"shm": "-m", "msg": "-q", "sem": "-s"}


class SweepError(Exception):
    """Something of the account is left, in words: no job may start under it."""


def sweep(uid: int, gid: int, places: Iterable[str]) -> None:
    """Leave nothing of the account below ``places``, nor a process of it. Needs root.

    Raises SweepError that says what stays.
    """
    directories = [fd for place in places if (fd := _open(place)) is not None]
    try:
        said = _as_account(uid, gid, lambda: _leftovers(uid, directories))
    finally:
        for descriptor in directories:
            os.close(descriptor)
    if said:
        raise SweepError(said)


def _open(place: str) -> int | None:
    """Opened by root: the account may have no right to list it."""
    try:
        return os.open(place, _DIRECTORY)
    except OSError:
        return None  # it is not there: nothing is in it


def _as_account(uid: int, gid: int, work: Callable[[], Iterator[str]]) -> str:
    """What a process of that account yields, at most a few pieces, in one text."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.setgroups([])
            os.setresgid(gid, gid, gid)
            os.setresuid(uid, uid, uid)
            said = "; ".join(piece for piece, _ in zip(work(), range(3), strict=False))
            os.write(writing, said.encode(errors="replace")[:1000])
            code = 0
        except BaseException as error:  # noqa: BLE001  (a forked child must not return)
            os.write(writing, f"{type(error).__name__}: {error}".encode(errors="replace")[:1000])
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading, "rb") as file:
        text = file.read().decode(errors="replace")
    _, status = os.waitpid(child, 0)
    return text or ("" if status == 0 else f"the sweep ended with status {status}")


def _leftovers(uid: int, directories: Iterable[int]) -> Iterator[str]:
    """Sweep, as the account, and tell what cannot be removed."""
    yield from kill_all(uid)
    for descriptor in directories:
        yield from clear(descriptor, uid)
    yield from _remove_ipc(uid)


def kill_all(uid: int) -> Iterator[str]:
    """SIGKILL to every process of this account but this one, until none is left."""
    if not uid or os.getresuid() != (uid, uid, uid):
        raise SweepError(f"uid {os.getuid()} does not end the processes of uid {uid}")
    deadline = time.monotonic() + _KILL_TIMEOUT_S
    while True:
        try:
            os.kill(-1, _SIGKILL)
        except ProcessLookupError:
            return
        left = processes_of(uid)
        if not left:
            return
        if time.monotonic() > deadline:
            yield f"process {left[0]} cannot be ended"
            return
        time.sleep(0.005)


def processes_of(uid: int) -> list[int]:
    """Processes whose real user it is, without this one and those that have ended."""
    found = []
    for name in os.listdir("/proc"):
        if not name.isdecimal() or int(name) == os.getpid():
            continue
        try:
            with open(f"/proc/{name}/status", encoding="ascii", errors="replace") as file:
                fields = dict(line.split(":", 1) for line in file if ":" in line)
        except OSError:
            continue  # it ended meanwhile
        if int(fields["Uid"].split()[0]) == uid and fields["State"].split()[0] not in "ZX":
            found.append(int(name))
    return found


def clear(top: int, uid: int, depth: int = 0) -> Iterator[str]:
    """Remove what is the account's in an open directory that is not its own, and yield what stays.

    A directory of the account is emptied by moving the ones in it up here: however deep a job has
    nested them, no path gets too long and no stack too deep. Directories of other accounts are looked
    into where they let the account in; what two jobs have hidden in each other's directories stays out of
    reach of both, and keeps nobody from working.
    """
    moved = 0
    pending = os.listdir(top)
    while pending:
        name = pending.pop()
        try:
            facts = os.lstat(name, dir_fd=top)
            if facts.st_uid != uid:
                if stat.S_ISDIR(facts.st_mode) and depth < _DEEPEST:
                    yield from _clear_within(top, name, uid, depth + 1)
            elif not stat.S_ISDIR(facts.st_mode):
                os.unlink(name, dir_fd=top)
            else:
                for inner in _flatten(top, name):
                    moved += 1
                    free = f".sweep-{uid}-{moved}"
                    os.rename(inner, free, src_dir_fd=top, dst_dir_fd=top)
                    pending.append(free)
                os.rmdir(name, dir_fd=top)
        except FileNotFoundError:
            continue
        except OSError as error:
            if depth == 0 and error.errno != errno.ENOTEMPTY:
                yield f"{name!r} cannot be removed: {error.strerror}"


def _flatten(top: int, name: str) -> Iterator[str]:
    """Remove the files in a directory of the account, and yield the paths of directories to move."""
    os.chmod(name, 0o700, dir_fd=top)
    directory = os.open(name, _DIRECTORY, dir_fd=top)
    try:
        for entry in os.listdir(directory):
            facts = os.lstat(entry, dir_fd=directory)
            if not stat.S_ISDIR(facts.st_mode):
                os.unlink(entry, dir_fd=directory)
                continue
            if facts.st_uid == os.getuid():
                os.chmod(entry, 0o700, dir_fd=directory)
            # Moving it writes its `..`, so one that does not let us write has to stay.
            if os.access(entry, os.W_OK, dir_fd=directory):
                yield f"{name}/{entry}"
    finally:
        os.close(directory)


def _clear_within(above: int, name: str, uid: int, depth: int) -> Iterator[str]:
    """The account's own in a directory of somebody else, where that lets it in."""
    try:
        directory = os.open(name, _DIRECTORY, dir_fd=above)
    except OSError:
        return
    try:
        yield from clear(directory, uid, depth)
    finally:
        os.close(directory)


def _remove_ipc(uid: int) -> Iterator[str]:
    """System V shared memory, queues and semaphores: `sysvipc(7)`."""
    for kind, option in _IPC_KINDS.items():
        for identifier in ipc_of(uid, f"/proc/sysvipc/{kind}"):
            import subprocess  # 6 ms, which hardly any job has to wait for

            done = subprocess.run([_IPCRM, option, identifier], capture_output=True, check=False)
            if done.returncode:
                yield f"{kind} {identifier} cannot be removed: {done.stderr.decode().strip()}"


def ipc_of(uid: int, table: str) -> list[str]:
    """Ids of the objects in a table of ``/proc/sysvipc`` that the account owns or made."""
    owned = (row for row in ipc_rows(table) if str(uid) in (row["uid"], row["cuid"]))
    return [list(row.values())[1] for row in owned]


def ipc_rows(table: str) -> list[dict[str, str]]:
    """A table of ``/proc/sysvipc``, by its columns; nothing where there is none."""
    try:
        with open(table, encoding="ascii") as file:
            names, *rows = (line.split() for line in file)
    except (OSError, ValueError):
        return []
    return [dict(zip(names, row, strict=False)) for row in rows]
