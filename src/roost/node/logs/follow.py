"""One log, followed through its rotations.

Rotation renames, so a file is known by what it begins with: a checksum of the log's name and the first
line, which has the time to the millisecond. It is the same after a restart, on a copy of the volume, and
under every name that rotation gives the file.
"""

from __future__ import annotations

import os
import re
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from roost.node.logs.files import kind_of
from roost.node.logs.splitter import RawEvent, Splitter

_CHUNK_BYTES = 64 * 1024
_FIRST_BYTES = 256
# The event log's first event is written anew when the file is rotated; this part of it stays.
_EVENT_LOG_ID = re.compile(rb"Global JobLog: ctime=\d+ id=\S+")
_OPEN_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_WRITING_NS = 20_000_000
_OPEN_FILES = 2
"""Of each log: the one that is written to, and the one before, which somebody may still write to."""

Saved = tuple[str, int, int]
"""A file's checksum, the offset up to which it was told, and how often it was truncated."""


class LogFile:
    """One file of a log, open. It has no checksum before its first line is there."""

    def __init__(self, base: str, descriptor: int, inode: int) -> None:
        self.base = base
        self.descriptor = descriptor
        self.inode = inode
        self.checksum: str | None = None
        self.id = ""
        """What the positions of its lines say."""
        self.size = 0
        """As measured: so far is it read."""
        self.truncated = 0
        self.removed = False
        """It has no name any more."""
        self.splitter = Splitter(kind_of(base).shape, 0)

    def identify(self, known: Mapping[str, Saved]) -> None:
        """Learn from its first line who it is, and so where to go on."""
        self.checksum = _checksum(self.base, os.pread(self.descriptor, _FIRST_BYTES, 0))
        if self.checksum is None:
            return
        _, offset, self.truncated = known.get(self.checksum, ("", 0, 0))
        self.splitter = Splitter(kind_of(self.base).shape, offset)
        salted = f"{self.checksum}.{self.truncated}".encode()
        self.id = f"{zlib.crc32(salted):08x}" if self.truncated else self.checksum

    @property
    def saved(self) -> Saved:
        """What to remember of it, once it is identified."""
        return (self.checksum or "", self.splitter.safe, self.truncated)

    @property
    def told(self) -> bool:
        """Whether everything in it has been told by now."""
        size = os.fstat(self.descriptor).st_size
        return size == self.splitter.end == self.splitter.safe

    @property
    def was_written_just_now(self) -> bool:
        """Whether somebody may be in the middle of it."""
        return time.time_ns() - os.fstat(self.descriptor).st_mtime_ns < _WRITING_NS

    def read(self) -> Iterator[list[RawEvent]]:
        """The events up to the measured size, some at a time."""
        while self.checksum and (missing := self.size - self.splitter.end) > 0:
            data = os.pread(self.descriptor, min(missing, _CHUNK_BYTES), self.splitter.end)
            if not data:
                return
            yield list(self.splitter.feed(data))


class Log:
    """All files of one log. ``warn`` is told in words what may be missing."""

    def __init__(
        self,
        directory: Path,
        base: str,
        saved: Iterable[Saved],
        warn: Callable[[str], None],
    ) -> None:
        self.base = base
        self.kind = kind_of(base)
        self._directory = directory
        self._warn = warn
        self._closed: dict[str, Saved] = {file[0]: file for file in saved}  # oldest first
        self._present: set[str] = set()  # of the closed, those that are still there
        self._expected = next(reversed(self._closed), None)
        self._files: list[LogFile] = []
        self._listed: list[tuple[str, int]] | None = None

    @property
    def saved(self) -> list[Saved]:
        """What to remember of its files, the newest last."""
        opened = {file.checksum: file.saved for file in self._files if file.checksum}
        closed = [saved for checksum, saved in self._closed.items() if checksum not in opened]
        return [*closed, *opened.values()]

    @property
    def stale(self) -> bool:
        """Whether its files must be looked for again, although none came or went."""
        return self._listed is None

    @property
    def unsettled(self) -> bool:
        """Whether there is something to find or to tell that is not told yet."""
        return self.stale or any(f.splitter.end > f.splitter.safe for f in self._files)

    def find(self, names: list[str], inode_of: Mapping[str, int]) -> None:
        """Take up the files that there are now, given from the oldest on."""
        listed = [(name, inode_of[name]) for name in names]
        if listed == self._listed:
            return
        held = {file.inode: file for file in self._files}
        opened = [held.get(inode) or self._open(name) for name, inode in listed]
        files = [file for file in opened if file]
        newest = self._files[-1] if self._files else None
        for file in [file for file in self._files if file not in files]:
            if file is newest and file.checksum and not file.removed:
                self._warn(f"lines of {self.base} may be missing: the file was removed")
            file.removed = True
            self._leave(file, files, is_newest=file is newest)
        self._present = set()
        while len(files) > _OPEN_FILES and files[0].checksum and files[0].told:
            self._closed[files[0].checksum] = files[0].saved
            self._present.add(files[0].checksum)
            os.close(files.pop(0).descriptor)
        self._files = files
        self._listed = listed if None not in opened else None

    def _open(self, name: str) -> LogFile | None:
        try:
            descriptor = os.open(self._directory / name, _OPEN_FLAGS)
        except OSError:  # gone, or renamed, since it was listed: the next look sees that
            return None
        file = LogFile(self.base, descriptor, os.fstat(descriptor).st_ino)
        file.identify(self._closed)
        return file

    def _leave(self, file: LogFile, files: list[LogFile], *, is_newest: bool) -> None:
        """A removed file is told to its end, before newer ones; the newest may still be written to."""
        newer = [other for other in files if other not in self._files and not other.splitter.end]
        if file.told and (newer or not is_newest):
            os.close(file.descriptor)
        else:
            files.insert(len(files) - len(newer) if is_newest else 0, file)

    def measure(self) -> None:
        """Note how far each file goes: :meth:`read` reads so far and no farther."""
        for file in list(self._files):
            file.size = os.fstat(file.descriptor).st_size
            if not file.checksum:
                file.identify(self._closed)
            if file.size < file.splitter.end:
                self._truncated(file)
        if not self.stale and all(file.checksum for file in self._files):
            self._forget_what_is_gone()

    def _forget_what_is_gone(self) -> None:
        present = self._present | {file.checksum for file in self._files}
        if self._expected and self._expected not in present:
            self._warn(f"lines of {self.base} may be missing: the file read last is gone")
        self._expected = None
        self._closed = {key: saved for key, saved in self._closed.items() if key in self._present}

    def _truncated(self, file: LogFile) -> None:
        self._warn(f"lines of {self.base} may be missing: the file was truncated")
        self._expected = None
        self._files.remove(file)
        os.close(file.descriptor)
        self._closed[file.saved[0]] = (file.saved[0], 0, file.truncated + 1)
        self._listed = None

    def read(self) -> Iterator[tuple[LogFile, list[RawEvent]]]:
        """The news of all files, older ones first, in lists that are never large."""
        for file in self._files:
            news = False
            for events in file.read():
                news = True
                yield file, events
            if news and file.was_written_just_now:
                continue
            last = news or file is self._files[-1]
            events = list(file.splitter.settle() if last else file.splitter.flush())
            if events:
                yield file, events

    def finish(self) -> Iterator[tuple[LogFile, list[RawEvent]]]:
        """What is left when nobody writes any more."""
        for file in self._files:
            yield file, list(file.splitter.flush())


def _checksum(base: str, beginning: bytes) -> str | None:
    """Eight hexadecimal digits; None while the first line is not there yet."""
    line, end, _ = beginning.partition(b"\n")
    if not end and len(beginning) < _FIRST_BYTES:
        return None
    found = _EVENT_LOG_ID.search(line)
    return f"{zlib.crc32(base.encode() + (found[0] if found else line)):08x}"
