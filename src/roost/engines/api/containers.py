"""Life of containers, and files in and out of them."""

# ruff: noqa: D102 -- roost.engines.protocol.Engine says what each method does

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from roost.engines.api import parse, payload, tarring
from roost.engines.api.connection import (
    ANSWER_TIMEOUT_S,
    LONG_ANSWER_TIMEOUT_S,
    Connection,
    in_path,
)
from roost.engines.api.names import check_name, check_ours, check_writable
from roost.engines.protocol import Container, ContainerSpec, ContainerState, File
from roost.errors import ConflictError, EngineError, NotFoundError
from roost.waiting import wait_for

if TYPE_CHECKING:
    from requests import Response

_CHUNK_BYTES = 256 * 1024

_GONE_TIMEOUT_S = 60.0
_NAME_TIMEOUT_S = 30.0
_STOP_GRACE_S = 60.0
"""What an engine may need beyond a container's own time to stop."""
_DEFAULT_STOP_S = 10


class ContainerCalls:
    """The part of an engine that deals in containers."""

    restart_policy = "unless-stopped"

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list_containers(self, labels: Mapping[str, str | None]) -> list[Container]:
        with self._connection.doing("listing containers") as client:
            found = client.containers(all=True, filters=payload.label_filter(labels))
        return sorted(map(parse.listed_container, found), key=lambda one: one.name)

    def find_container(self, name: str) -> Container | None:
        try:
            with self._connection.doing(f"looking for container {name}") as client:
                return parse.inspected_container(client.inspect_container(name))
        except NotFoundError:
            return None

    def inspect(self, name: str) -> Mapping[str, Any]:
        with self._connection.doing(f"looking into container {name}") as client:
            found: Mapping[str, Any] = client.inspect_container(name)
        return found

    def ensure_container(self, spec: ContainerSpec) -> Container:
        check_name("container", spec.name)
        container = wait_for(
            f"creating container {spec.name}",
            lambda: self._create(spec) or self.find_container(spec.name),
            timeout_s=_NAME_TIMEOUT_S,
            hint="something keeps its name and never shows: try again",
        )
        check_ours("container", spec.name, spec.labels, container.labels)
        return container

    def start(self, name: str) -> None:
        with self._connection.doing(f"starting {name}") as client:
            client.start(name)

    def unpause(self, name: str) -> None:
        try:
            with self._connection.doing(f"unpausing {name}") as client:
                client.unpause(name)
        except EngineError:
            # Engines refuse it for one that is not paused, or not any more.
            found = self.find_container(name)
            if found is None or found.state is ContainerState.PAUSED:
                raise

    def stop(self, name: str, timeout_s: int | None = None) -> None:
        allowed_s = self._stop_timeout_s(name) if timeout_s is None else timeout_s
        self._connection.request(
            "POST",
            f"/containers/{in_path(name)}/stop",
            f"stopping {name}",
            params={} if timeout_s is None else {"t": timeout_s},
            timeout_s=allowed_s + _STOP_GRACE_S,
        )

    def remove_container(self, name: str) -> None:
        try:
            self._remove(name)
        except NotFoundError:
            return
        except ConflictError:
            # Somebody else is removing it: nothing to do but to see it go.
            wait_for(
                f"removing {name}",
                lambda: self.find_container(name) is None or None,
                timeout_s=_GONE_TIMEOUT_S,
            )

    def put_files(self, name: str, directory: str, files: Sequence[File]) -> None:
        found = self.inspect(name)
        check_writable(
            name,
            directory,
            read_only=found["HostConfig"].get("ReadonlyRootfs", False),
            volumes=[mount["Destination"] for mount in found["Mounts"] if mount["Type"] != "tmpfs"],
        )
        self._prepare_for_files(name, directory, found)
        archive = tarring.tar_stream(files, mtime=int(time.time()))
        self._connection.request(
            "PUT",
            f"/containers/{in_path(name)}/archive",
            f"putting files into {name}:{directory}",
            params={"path": directory},
            data=archive,
            headers={"Content-Type": "application/x-tar"},
            timeout_s=LONG_ANSWER_TIMEOUT_S,
        )

    def _prepare_for_files(self, name: str, directory: str, found: Mapping[str, Any]) -> None:
        """Hook: what an engine needs before files are put into the container that was ``found``."""

    def get_archive(self, name: str, path: str) -> Iterator[bytes]:
        doing = f"getting {path} from {name}"
        response = self._connection.request(
            "GET",
            f"/containers/{in_path(name)}/archive",
            doing,
            params={"path": path},
            stream=True,
            timeout_s=ANSWER_TIMEOUT_S,
        )
        return self._body(response, doing)

    def _log_config(self, log_mb: int | None) -> dict[str, Any]:
        """Hook: the log driver, one whose logs can be read, with its limit. The host's own default may
        be one that cannot (syslog, none)."""
        if log_mb is None:
            return {"Type": "json-file"}
        # Four files, so that a rotation takes a quarter away. Packed ones would be slow to read.
        limit = {"max-size": f"{log_mb * 1024 // 4}k", "max-file": "4", "compress": "false"}
        return {"Type": "json-file", "Config": limit}

    def _create(self, spec: ContainerSpec) -> Container | None:
        """Create it and look at it; None when its name is taken already."""
        body = payload.container(
            spec,
            image=spec.image,
            restart_policy=self.restart_policy,
            log_config=self._log_config(spec.limits.log_mb),
        )
        try:
            with self._connection.doing(f"creating container {spec.name}") as client:
                made = client.create_container_from_config(body, spec.name)  # type: ignore[no-untyped-call]
                return parse.inspected_container(client.inspect_container(made["Id"]))
        except ConflictError:
            return None

    def _remove(self, name: str) -> None:
        with self._connection.doing(f"removing {name}") as client:
            client.remove_container(name, v=True, force=True)

    def _stop_timeout_s(self, name: str) -> int:
        with self._connection.doing(f"stopping {name}") as client:
            config = client.inspect_container(name)["Config"]
        return int(config.get("StopTimeout") or _DEFAULT_STOP_S)

    def _body(self, response: Response, doing: str) -> Iterator[bytes]:
        try:
            with self._connection.doing(doing, timeout_s=ANSWER_TIMEOUT_S):
                yield from response.iter_content(chunk_size=_CHUNK_BYTES)
        finally:
            response.close()
