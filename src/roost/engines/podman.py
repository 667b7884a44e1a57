"""Podman through its Docker-compatible socket: what differs from the shared implementation."""

# ruff: noqa: D102 -- roost.engines.protocol.Engine says what each method does

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from roost.engines.api.connection import Connection, in_path
from roost.engines.api.frames import Frame
from roost.engines.api.names import carries
from roost.engines.api.parse import container_state
from roost.engines.api.tarring import with_top
from roost.engines.podman_service import PodmanService
from roost.engines.protocol import Container, ContainerSpec, ContainerState, Volume
from roost.engines.sdk import SdkEngine
from roost.errors import EngineError, NotFoundError

_LIBPOD = "/v4.0.0/libpod"
"""Podman's own API, in the oldest version that has what is used here."""

_RESTART_S = 1.0
"""Podman starts a container that ended sooner than this, if it does."""
_LOOK_S = 0.05

_NOISE = b"read unixpacket @->"


class PodmanEngine(SdkEngine):
    """Podman, by the socket of a running service, or by one that is started when it is needed."""

    name = "podman"
    _foreign_place = "docker.io/library/"

    # Without a daemon, it is podman-restart.service that starts containers after a reboot, and it
    # takes this policy for its word alone.
    restart_policy = "always"

    def __init__(self, service: PodmanService | str, *, api_version: str | None = None) -> None:
        self._service = service if isinstance(service, PodmanService) else None
        if isinstance(service, PodmanService):
            connection = Connection(
                service.url, api_version=api_version, before_use=service.ensure_running
            )
        else:
            connection = Connection(service, api_version=api_version)
        super().__init__(connection)

    def close(self) -> None:
        super().close()
        if self._service:
            self._service.stop()

    def start(self, name: str) -> None:
        try:
            super().start(name)
        except EngineError:
            # Podman (4.3) refuses to start what another call started while this one waited its turn.
            found = self.find_container(name)
            if found is None or found.state is not ContainerState.RUNNING:
                raise

    def stop(self, name: str, timeout_s: int | None = None) -> None:
        # Podman (4.3) takes no note of a stop that meets a container between its end and its next
        # start: one that starts again and again is watched for a while, and stopped again.
        before = self.find_container(name)
        watch_s = _RESTART_S if before and before.restarts else 0.0
        super().stop(name, timeout_s)
        stopped = time.monotonic()
        while time.monotonic() - stopped < watch_s:
            time.sleep(_LOOK_S)
            again = self.find_container(name)
            if again and again.state is ContainerState.RUNNING:
                super().stop(name, timeout_s)
                stopped = time.monotonic()

    def list_volumes(self, labels: Mapping[str, str | None]) -> list[Volume]:
        # Podman (4.3) lists volumes that have any of the labels, not all.
        return [one for one in super().list_volumes(labels) if carries(one.labels, labels)]

    def _prepare_for_files(self, name: str, directory: str, found: Mapping[str, Any]) -> None:
        if container_state(found["State"]["Status"]) is ContainerState.CREATED:
            # Volumes are filled from the image when the container is made ready to start, and not
            # any more if they hold something by then. What this costs, the start saves.
            self._libpod("POST", f"/containers/{in_path(name)}/init", f"preparing {name}")
        self._check_directory(name, directory)

    def get_archive(self, name: str, path: str) -> Iterator[bytes]:
        return with_top(super().get_archive(name, path), path.rstrip("/").rpartition("/")[2])

    def interactive_argv(
        self, name: str, argv: Sequence[str], *, user: str = "root", tty: bool = True
    ) -> list[str]:
        # A service of our own holds the same containers as the plain client, and may end under it.
        where = [] if self._service else ["--url", self._connection.url]
        flags = ["--interactive", "--tty"] if tty else ["--interactive"]
        return ["podman", *where, "exec", *flags, "--user", user, name, *argv]

    def _create(self, spec: ContainerSpec) -> Container | None:
        on_this_host = self._connection.url.startswith("unix:")
        for mount in spec.mounts if on_this_host else ():
            # Podman (4.3) would make a missing directory, owned by root, where Docker refuses.
            if mount.source.startswith("/") and not Path(mount.source).exists():
                raise NotFoundError(f"creating container {spec.name}: there is no {mount.source}")
        return super()._create(spec)

    def _log_config(self, log_mb: int | None) -> dict[str, Any]:
        # Its default, journald, needs systemd. At the limit, conmon (2.1) begins the file anew: all of
        # it goes at once, so half of the limit is what is kept on average.
        limit = {} if log_mb is None else {"Config": {"max-size": f"{log_mb * 1024 * 1024}b"}}
        return {"Type": "k8s-file", **limit}

    def _remove(self, name: str) -> None:
        """At once: the compatible call would first wait for the container to stop by itself."""
        path = f"/containers/{in_path(name)}"
        try:
            # Podman 4 reads ``volumes``, its documentation says ``v``.
            with_volumes = {"v": True, "volumes": True}
            self._libpod("DELETE", path, f"removing {name}", force=True, timeout=0, **with_volumes)
        except EngineError as error:
            if self.find_container(name) is None:
                return
            raise error

    def _check_directory(self, name: str, directory: str) -> None:
        """Raise :class:`NotFoundError` where Podman would make a missing directory on the quiet."""
        doing = f"putting files into {name}:{directory}"
        path = f"/containers/{in_path(name)}/archive"
        try:
            self._connection.request("HEAD", path, doing, params={"path": directory})
        except NotFoundError as error:
            missing = directory if self.find_container(name) else f"container {name}"
            raise NotFoundError(f"{doing}: there is no {missing}") from error

    def _libpod(self, method: str, path: str, doing: str, **parameters: object) -> None:
        self._connection.request(method, _LIBPOD + path, doing, versioned=False, params=parameters)

    def _engine_words(self, frame: Frame) -> Frame | None:
        return None if _NOISE in frame[1] else frame

    def _quoted(self, text: str) -> str:
        # Podman (4.3) takes the outer quotes off and keeps everything else as it is.
        return f'"{text}"'

    def _local_name(self, tag: str) -> str:
        """Without a place, Podman's compatible API would call it an image of Docker's registry."""
        return tag if _has_registry(tag) else f"localhost/{tag}"

    def _remote_name(self, reference: str) -> str:
        if _has_registry(reference):
            return reference
        return f"docker.io/{reference if '/' in reference else f'library/{reference}'}"


def _has_registry(reference: str) -> bool:
    first, slash, _ = reference.partition("/")
    return bool(slash) and (first == "localhost" or "." in first or ":" in first)
