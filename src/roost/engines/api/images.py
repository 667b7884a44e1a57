"""Images: what is there, where it comes from, and its names."""

# ruff: noqa: D102 -- roost.engines.protocol.Engine says what each method does

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from roost.engines.api import parse, payload
from roost.engines.api.connection import LONG_ANSWER_TIMEOUT_S, Connection
from roost.engines.api.names import split_tag
from roost.engines.protocol import Image
from roost.errors import EngineError, NotFoundError, RoostError


class ImageCalls:
    """The part of an engine that deals in images."""

    _connection: Connection

    def find_image(self, reference: str) -> Image | None:
        try:
            with self._connection.doing(f"looking for image {reference}") as client:
                found = client.inspect_image(reference)  # type: ignore[no-untyped-call]
            return parse.inspected_image(found)
        except NotFoundError:
            return None

    def list_images(self, labels: Mapping[str, str | None]) -> list[Image]:
        with self._connection.doing("listing images") as client:
            found = client.images(filters=payload.label_filter(labels))
        return sorted(map(parse.listed_image, found), key=lambda one: (one.tags, one.id))

    def import_image(
        self, archive: Path, tag: str, labels: Mapping[str, str], config: Mapping[str, str]
    ) -> Image:
        changes = [f"{instruction} {value}" for instruction, value in config.items()]
        changes += [
            f"LABEL {self._quoted(key)}={self._quoted(value)}" for key, value in labels.items()
        ]
        doing = f"importing {archive} as {tag}"
        try:
            with archive.open("rb") as source:
                self._connection.request(
                    "POST",
                    "/images/create",
                    doing,
                    # The name whole: Podman (4.3) overlooks a tag that comes by itself.
                    params={"fromSrc": "-", "repo": self._local_name(tag), "changes": changes},
                    data=source,
                    headers={"Content-Type": "application/x-tar"},
                    timeout_s=LONG_ANSWER_TIMEOUT_S,
                )
        except OSError as error:
            raise RoostError(f"cannot read {archive}: {error.strerror or error}") from error
        return self._get_image(tag)

    def tag_image(self, reference: str, tag: str) -> None:
        repository, version = split_tag(self._local_name(tag))
        with self._connection.doing(f"tagging {reference} as {tag}") as client:
            client.tag(reference, repository, version)

    def remove_image(self, reference: str) -> None:
        try:
            with self._connection.doing(f"removing image {reference}") as client:
                client.remove_image(reference)
        except NotFoundError:
            return

    def pull_image(self, reference: str) -> Image | None:
        try:
            with self._connection.doing(f"pulling {reference}") as client:
                for told in client.pull(self._remote_name(reference), stream=True, decode=True):
                    if "error" in told:
                        return None
        except (EngineError, NotFoundError):
            return None
        return self.find_image(reference)

    def _get_image(self, tag: str) -> Image:
        image = self.find_image(tag)
        if image is None:
            raise NotFoundError(f"image {tag} is gone right after it was made", hint="try again")
        return image

    def _quoted(self, text: str) -> str:
        """A label's key or value as a Dockerfile writes it."""
        escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$")
        return f'"{escaped}"'

    def _local_name(self, tag: str) -> str:
        """Hook: the full name of an image that is made here."""
        return tag

    def _remote_name(self, reference: str) -> str:
        """Hook: the full name of an image that a registry may have."""
        return reference
