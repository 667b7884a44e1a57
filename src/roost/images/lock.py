"""One build at a time for one user on one engine: the second one waits, and finds the work done.

This saves work and nothing else: stages are tagged by the digest of their recipe and names are
given at the end, so two builds that do run at once (of two users, or of two hosts on one engine)
end well too.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from roost.engines.protocol import Engine
from roost.events import Reporter, note


@contextmanager
def build_lock(engine: Engine, report: Reporter) -> Iterator[None]:
    """Hold the lock of this user's builds on the engine. The lock ends with the process."""
    info = engine.info()
    name = hashlib.sha256(f"{info.name} {info.host} {info.root_dir}".encode()).hexdigest()[:12]
    path = Path(tempfile.gettempdir()) / f"roost-build-{os.getuid()}-{name}.lock"
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    descriptor = os.open(path, flags, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            note(report, "another build is at work on this engine: waiting for it")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
