"""Every place of a host where a secret of a pool could come to light, as bytes to be searched."""

from __future__ import annotations

import json
import os
import tarfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from roost.engines.protocol import Engine

Place = tuple[str, bytes]

_NOT_FILES = ("proc", "sys", "dev")
"""Of a root file system: what the kernel makes up. /dev/shm is searched for itself."""


def client_of(engine: Engine) -> Any:
    """The engine's own API, for what no pool asks of it."""
    return engine._connection.doing("looking for secrets")  # type: ignore[attr-defined]


def pid_of(engine: Engine, container: str) -> int:
    """The container's first process, on this host."""
    return int(engine.inspect(container)["State"]["Pid"])


def namespace_of(pid: int | str) -> str:
    """The process namespace that a process is in. Raises OSError where it has ended."""
    return str(Path(f"/proc/{pid}/ns/pid").readlink())


def inspections(engine: Engine, container: str) -> Iterator[Place]:
    yield f"inspect {container}", json.dumps(engine.inspect(container)).encode()


def engine_log(engine: Engine, container: str) -> Iterator[Place]:
    yield f"logs {container}", b"\n".join(engine.logs(container))


def image_descriptions(engine: Engine, image: str) -> Iterator[Place]:
    with client_of(engine) as client:
        yield f"inspect {image}", json.dumps(client.inspect_image(image)).encode()
        yield f"history {image}", json.dumps(client.history(image)).encode()


def image_layers(engine: Engine, image: str) -> Iterator[Place]:
    """The parts of an image as it is saved, its layers above all."""
    with client_of(engine) as client:
        saved = Chunks(client.get_image(image, chunk_size=1 << 20))
        with tarfile.open(fileobj=saved, mode="r|", bufsize=1 << 20) as tar:  # type: ignore[call-overload]
            for member in tar:
                file = tar.extractfile(member) if member.isfile() else None
                if file:
                    yield f"layers {image}:{member.name}", file.read()


class Chunks:
    """A stream of pieces as a file to be read once."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = b""

    def read(self, size: int) -> bytes:
        parts, have = [self._rest], len(self._rest)
        while have < size and (chunk := next(self._chunks, b"")):
            parts.append(chunk)
            have += len(chunk)
        data = b"".join(parts)
        self._rest = data[size:]
        return data[:size]


def process_texts(engine: Engine, container: str, what: str) -> Iterator[Place]:
    """``environ`` or ``cmdline`` of every process in the container's process namespace."""
    space = namespace_of(pid_of(engine, container))
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended
            if namespace_of(process.name) == space:
                yield f"{what} {container}", (process / what).read_bytes()


def files(engine: Engine, container: str) -> Iterator[Place]:
    """Every regular file of the container, mounts included, whoever may read it there."""
    root = Path(f"/proc/{pid_of(engine, container)}/root/")
    tops = [one for one in root.iterdir() if one.name not in _NOT_FILES]
    for top in [*tops, root / "dev/shm"]:
        for folder, _, names in os.walk(top):
            for name in names:
                path = Path(folder, name)
                with suppress(OSError):  # gone, or rotated
                    if path.is_file() and not path.is_symlink():
                        yield f"{container}:/{path.relative_to(root)}", path.read_bytes()


class KeepsTemporaries:
    """Keeps what comes into a directory, also what is gone a moment later, by a link to it."""

    def __init__(self, directory: Path, kept: Path) -> None:
        self._directory, self._kept = directory, kept
        for path in (directory, kept):
            path.mkdir()
        self._seen: set[int] = set()
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _t: TracebackType | None,
    ) -> None:
        self._ends.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ends.wait(0.01):
            for folder, _, names in os.walk(self._directory):
                for name in names:
                    with suppress(OSError):
                        self._keep(Path(folder, name))

    def _keep(self, path: Path) -> None:
        inode = path.lstat().st_ino
        if inode not in self._seen:
            os.link(path, self._kept / str(len(self._seen)), follow_symlinks=False)
            self._seen.add(inode)

    def places(self) -> Iterator[Place]:
        for path in self._kept.iterdir():
            if path.is_file():
                yield f"temporary {path.name}", path.read_bytes()
