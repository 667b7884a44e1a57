"""The bill of materials of an image, read out of it without starting anything."""

from __future__ import annotations

import io
import itertools
import os
import tarfile

from roost import contract
from roost.commandline import command_line
from roost.engines.protocol import ContainerSpec, Engine
from roost.errors import NotFoundError

LABEL_READING = "roost.reading"
"""On the container, never started, that an image is read through."""

_NUMBERS = itertools.count()


def get_sbom(engine: Engine, reference: str) -> bytes:
    """The file that the image's label names.

    Raises :class:`NotFoundError` for an image that is not there, that names no such file, or that does
    not hold it.
    """
    image = engine.find_image(reference)
    if image is None:
        raise NotFoundError(
            f"there is no image {reference}", hint=f"`{command_line('build')}` makes the images"
        )
    path = image.labels.get(contract.LABEL_SBOM)
    if path is None:
        raise NotFoundError(
            f"the image {reference} has no label {contract.LABEL_SBOM}",
            hint="only images of Roost 0.1.0 or newer list their packages:"
            f" `{command_line('build --refresh')}`",
        )
    return _read_file(engine, image.id, path)


def _read_file(engine: Engine, image: str, path: str) -> bytes:
    name = f"roost-reading-{os.getpid()}-{next(_NUMBERS)}"
    labels = {LABEL_READING: name}
    network = engine.ensure_network(name, labels)
    try:
        engine.ensure_container(
            ContainerSpec(name, image, name, network.name, labels=labels, restart=False)
        )
        archive = b"".join(engine.get_archive(name, path))
    finally:
        engine.remove_container(name)
        engine.remove_network(name)
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        member = tar.next()
        file = tar.extractfile(member) if member else None
        if file is None:
            raise NotFoundError(f"{path} is no file in the image {image}")
        return file.read()
