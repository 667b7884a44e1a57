"""Images: what is there, where it comes from, and its names."""

# ruff: noqa: D102 -- roost.engines.protocol.Engine says what each method does

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roost.engines.api import parse, payload
from roost.engines.api.connection import LONG_ANSWER_TIMEOUT_S, Connection
from roost.engines.api.names import split_tag
from roost.engines.protocol import Image
from roost.errors import EngineError, EngineUnavailableError, NotFoundError, RoostError

if TYPE_CHECKING:
    from requests import Response

PULL_SILENCE_TIMEOUT_S = 180.0
"""How long a pull may go on without a word; an engine gives up on a dead registry earlier."""

_CHUNK_BYTES = 1 << 20


def messages(response: Response) -> Iterator[dict[str, Any]]:
    """What an engine tells while it works: one JSON object a line."""
    for line in response.iter_lines(chunk_size=None):
        if line.strip():
            yield json.loads(line)


class ImageCalls:
    """The part of an engine that deals in images."""

    _connection: Connection
    _foreign_place = "localhost/"
    """What is before the name of an image that another engine has made."""

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
            if not self._pull(self._remote_name(reference)):
                return None
        except EngineUnavailableError:
            raise
        except (EngineError, NotFoundError):
            return None
        return self.find_image(reference)

    def save_images(self, references: Sequence[str]) -> Iterator[bytes]:
        for reference in references:
            self._get_known(reference)
        doing = "saving images"
        response = self._connection.request(
            "GET",
            "/images/get",
            doing,
            params={"names": [self._local_name(reference) for reference in references]},
            stream=True,
            timeout_s=LONG_ANSWER_TIMEOUT_S,
        )
        try:
            with self._connection.doing(doing, timeout_s=LONG_ANSWER_TIMEOUT_S):
                yield from response.iter_content(_CHUNK_BYTES)
        finally:
            response.close()

    def load_images(self, archive: Iterable[bytes], names: Sequence[str]) -> None:
        doing = "loading images"
        response = self._connection.request(
            "POST",
            "/images/load",
            doing,
            params={"quiet": True},
            data=iter(archive),
            headers={"Content-Type": "application/x-tar"},
            stream=True,
            timeout_s=LONG_ANSWER_TIMEOUT_S,
        )
        try:
            with self._connection.doing(doing, timeout_s=LONG_ANSWER_TIMEOUT_S):
                for message in messages(response):
                    if "error" in message:
                        raise EngineError(f"{doing}: {message['error']}")
        finally:
            response.close()
        for name in names:
            foreign = f"{self._foreign_place}{name}"
            if self.find_image(foreign):
                self.tag_image(foreign, name)
                self.remove_image(foreign)

    def _pull(self, reference: str) -> bool:
        """Whether a registry gave it. Not by the SDK's method, which would wait for ever."""
        from docker import auth
        from docker.utils import parse_repository_tag

        doing = f"pulling {reference}"
        repository, tag = parse_repository_tag(reference)
        registry, _ = auth.resolve_repository_name(repository)
        with self._connection.doing(doing) as client:
            credentials = auth.get_config_header(client, registry)
        response = self._connection.request(
            "POST",
            "/images/create",
            doing,
            params={"fromImage": repository, "tag": tag or "latest"},
            headers={"X-Registry-Auth": credentials} if credentials else {},
            stream=True,
            timeout_s=PULL_SILENCE_TIMEOUT_S,
        )
        try:
            with self._connection.doing(doing, timeout_s=PULL_SILENCE_TIMEOUT_S):
                return all("error" not in message for message in messages(response))
        finally:
            response.close()

    def _get_known(self, reference: str) -> Image:
        image = self.find_image(reference)
        if image is None:
            raise NotFoundError(f"there is no image {reference}")
        return image

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
