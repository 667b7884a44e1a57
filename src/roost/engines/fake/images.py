"""Images in memory."""

# ruff: noqa: D102 -- roost.engines.protocol.Engine says what each method does

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from roost.engines.api.names import carries, split_tag
from roost.engines.fake.archives import read_archive, write_archive
from roost.engines.fake.state import A_TIME, BuildHandler, State, made_id, recorded
from roost.engines.protocol import BuildSpec, Image
from roost.errors import EngineError, NotFoundError, RoostError


class FakeImages(State):
    """The part of the engine in memory that deals in images."""

    _on_build: BuildHandler
    _registry: Mapping[str, Mapping[str, str]]

    @recorded
    def find_image(self, reference: str) -> Image | None:
        return self._look_up(reference)

    @recorded
    def list_images(self, labels: Mapping[str, str | None]) -> list[Image]:
        with self._lock:
            by_id = {image.id: image for image in self._images.values()}
        found = [image for image in by_id.values() if carries(image.labels, labels)]
        return sorted(found, key=lambda one: (one.tags, one.id))

    @recorded
    def import_image(
        self, archive: Path, tag: str, labels: Mapping[str, str], config: Mapping[str, str]
    ) -> Image:
        try:
            content = archive.read_bytes()
        except OSError as error:
            raise RoostError(f"cannot read {archive}: {error.strerror or error}") from error
        return self._keep_image(tag, labels, f"{content!r}{sorted(config.items())}")

    @recorded
    def build_image(self, spec: BuildSpec, on_output: Callable[[str], None]) -> Image:
        self._on_build(spec, on_output)
        return self._keep_image(spec.tag, spec.labels, repr(spec))

    @recorded
    def tag_image(self, reference: str, tag: str) -> None:
        with self._lock:
            image = self._get_image(reference)
            self._tag(image, tag)

    @recorded
    def remove_image(self, reference: str) -> None:
        with self._lock:
            self._refuse_if_used(
                "image", reference, lambda spec: _full(spec.image) == _full(reference)
            )
            if image := self._images.pop(_full(reference), None):
                self._retag(image)

    @recorded
    def pull_image(self, reference: str) -> Image | None:
        labels = self._registry.get(reference)
        return None if labels is None else self._keep_image(reference, labels, reference)

    @recorded
    def save_images(self, references: Sequence[str]) -> Iterator[bytes]:
        labels: dict[str, Mapping[str, str]] = {}
        names: dict[str, list[str]] = {}
        for reference in references:
            image = self._get_image(reference)
            labels[image.id] = image.labels
            names.setdefault(image.id, []).append(_full(reference))
        return iter([write_archive((labels[one], names[one]) for one in names)])

    @recorded
    def load_images(self, archive: Iterable[bytes], names: Sequence[str]) -> None:
        try:
            found = read_archive(b"".join(archive))
        except tarfile.TarError as error:
            raise EngineError(f"loading images: {error}") from error
        for labels, called in found:
            for name in set(called) & set(names):
                self._keep_image(name, labels, name)

    def _get_image(self, reference: str) -> Image:
        image = self._look_up(reference)
        if image is None:
            raise NotFoundError(f"there is no image {reference}")
        return image

    def _look_up(self, reference: str) -> Image | None:
        """By tag or by id, as real engines do."""
        with self._lock:
            by_id = {image.id: image for image in self._images.values()}
            return self._images.get(_full(reference)) or by_id.get(reference)

    def _keep_image(self, tag: str, labels: Mapping[str, str], content: str) -> Image:
        with self._lock:
            image_id = made_id(content + repr(sorted(labels.items())))
            made = Image(image_id, (), dict(labels), size=1, created=A_TIME)
            self._tag(made, tag)
            return self._images[_full(tag)]

    def _tag(self, image: Image, tag: str) -> None:
        older = self._images.pop(_full(tag), None)
        self._images[_full(tag)] = image
        self._retag(image)
        if older:
            self._retag(older)

    def _retag(self, image: Image) -> None:
        """Let every entry of an image show all of its tags."""
        tags = tuple(sorted(tag for tag, one in self._images.items() if one.id == image.id))
        for tag in tags:
            self._images[tag] = Image(image.id, tags, image.labels, image.size, image.created)


def _full(reference: str) -> str:
    return ":".join(split_tag(reference))
