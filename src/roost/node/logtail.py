"""What one of HTCondor's logs has got since one looked last, for next to nothing while it does not grow."""

from __future__ import annotations

from pathlib import Path

_MOST_BYTES = 1 << 20


class LogTail:
    """Reads on in a log. Of more than a megabyte at once, it is the end that is read.

    What is there already is passed over: it may be of processes of an earlier life of the container.
    """

    def __init__(self, log: Path) -> None:
        self._log = log
        self._rotated = log.with_name(f"{log.name}.old")
        try:
            status = log.stat()
        except OSError:
            self._inode, self._read = 0, 0
        else:
            self._inode, self._read = status.st_ino, status.st_size

    def read(self) -> bytes:
        """The new text, also where the log was set aside as ``.old`` and begun anew meanwhile."""
        try:
            status = self._log.stat()
        except OSError:
            return b""
        if status.st_ino == self._inode and status.st_size == self._read:
            return b""
        rest = b""
        if status.st_ino != self._inode:
            rest = self._rest_of_rotated()
        if status.st_ino != self._inode or status.st_size < self._read:
            self._inode, self._read = status.st_ino, 0
        return rest + self._read_on(self._log)

    def _rest_of_rotated(self) -> bytes:
        try:
            same = self._rotated.stat().st_ino == self._inode
        except OSError:
            return b""
        return self._read_on(self._rotated) if same else b""

    def _read_on(self, log: Path) -> bytes:
        try:
            with log.open("rb") as file:
                file.seek(max(self._read, file.seek(0, 2) - _MOST_BYTES))
                data = file.read()
                self._read = file.tell()
        except OSError:
            return b""
        return data
