"""Images from one engine to another without a registry: into a file, and out of it."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from roost import contract
from roost.contract import Role
from roost.engines.protocol import Engine
from roost.errors import ConflictError, NotFoundError, RoostError
from roost.events import Reporter, step
from roost.images.archive import ArchivedImage, read_archive
from roost.images.derived import find_derived
from roost.images.find import find_images
from roost.images.model import repository
from roost.images.space import ensure_engine_space
from roost.spec.model import Suite

_CHUNK_BYTES = 1 << 20
_MB = 1_000_000


@dataclass(frozen=True)
class Loaded:
    """What came out of an archive."""

    images: tuple[str, ...]
    """Their names, sorted."""
    used_here: bool
    """Whether this Roost would use them, and not build its own."""


def carried_images(
    engine: Engine,
    suite: Suite,
    *,
    apt: Sequence[str] = (),
    pip: Sequence[str] = (),
    hint: str | None = None,
) -> list[str]:
    """The names of all images that another host needs for a pool. Raises NotFoundError, with the hint, where
    they are not built."""
    images = find_images(engine, suite)
    derived = images and find_derived(engine, images, apt=apt, pip=pip)
    if images is None or derived is None:
        raise NotFoundError(
            f"the images of {suite} are not built on this host",
            hint=hint,
        )
    names = {images[role].reference for role in Role} | {derived[Role.EXECUTE].reference}
    ids = set(images.ids().values())
    for role in Role:
        latest = f"{repository(role)}:latest"
        if (found := engine.find_image(latest)) and found.id in ids:
            names.add(latest)
    return sorted(names)


def save_images(engine: Engine, names: Sequence[str], to: IO[bytes], report: Reporter) -> None:
    """Write the archive."""
    with step(report, "save", f"{len(names)} images") as update:
        for chunk in counted(engine.save_images(names), update, "saved"):
            to.write(chunk)


@contextmanager
def whole_file(path: Path, *, force: bool) -> Iterator[IO[bytes]]:
    """A file that has its name once all of it is written. Raises ConflictError for one that is there."""
    if path.exists() and not force:
        raise ConflictError(f"{path} is there already", hint="give --force to replace it")
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with new.open("xb") as file:
            yield file
        new.rename(path)
    except OSError as error:
        raise RoostError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        new.unlink(missing_ok=True)


def load_images(engine: Engine, source: IO[bytes], report: Reporter) -> Loaded:
    """Check an archive and take its images, under the names that they had.

    Raises :class:`roost.images.archive.ArchiveError`; then nothing has changed.
    """
    with _at_rest(source, report) as file:
        with step(report, "check", "every layer's digest"):
            images = read_archive(file)
        names = sorted(name for image in images for name in image.names)
        size = file.seek(0, 2)
        file.seek(0)
        ensure_engine_space(engine, size)
        with step(report, "load", f"{len(images)} images") as update:
            engine.load_images(counted(_chunks(file), update, "loaded"), names)
    for image in images:
        _check(engine, image)
    suites = {Suite(suite) for image in images if (suite := image.labels.get(contract.LABEL_SUITE))}
    used = all(find_images(engine, suite) for suite in suites)
    return Loaded(tuple(names), used)


def counted(chunks: Iterable[bytes], update: Callable[[str], None], done: str) -> Iterator[bytes]:
    """The same chunks; how much of them has gone through is told at every tenth megabyte."""
    seen = told = 0
    for chunk in chunks:
        yield chunk
        seen += len(chunk)
        if seen - told >= 10 * _MB:
            told = seen
            update(f"{seen // _MB} MB {done}")
    update(f"{seen // _MB} MB {done}")


@contextmanager
def _at_rest(source: IO[bytes], report: Reporter) -> Iterator[IO[bytes]]:
    """A file that can be read twice: once to check it, once to load it."""
    if source.seekable():
        yield source
        return
    with tempfile.TemporaryFile(prefix="roost-images-") as file:
        with step(report, "read", "the archive") as update:
            for chunk in counted(_chunks(source), update, "read"):
                file.write(chunk)
        file.seek(0)
        yield file


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK_BYTES):
        yield chunk


def _check(engine: Engine, image: ArchivedImage) -> None:
    """By the labels, which tell the recipe and the moment of the build: an engine may put the same image
    into other words, which have another digest."""
    for name in image.names:
        found = engine.find_image(name)
        if found is None or dict(found.labels) != dict(image.labels):
            raise RoostError(f"{engine.name} took the archive, and has no image {name} from it")
