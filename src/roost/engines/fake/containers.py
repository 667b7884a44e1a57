"""Containers in memory, with the files that were put into them."""

# ruff: noqa: D102, ARG002 -- roost.engines.protocol.Engine says what each method does and takes

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

from roost.engines.api.names import carries, check_name, check_ours, check_writable
from roost.engines.api.tarring import tar_stream
from roost.engines.fake.images import FakeImages
from roost.engines.fake.state import A_TIME, ContainerBox, VolumeBox, made_id, recorded
from roost.engines.fake.streams import Log
from roost.engines.protocol import Container, ContainerSpec, ContainerState, File, Volume
from roost.errors import EngineError, NotFoundError, PortTakenError, RoostError


class FakeContainers(FakeImages):
    """The part of the engine in memory that deals in containers."""

    @recorded
    def list_containers(self, labels: Mapping[str, str | None]) -> list[Container]:
        with self._lock:
            shown = [box.shown for box in self._containers.values()]
        return sorted(
            (one for one in shown if carries(one.labels, labels)), key=lambda one: one.name
        )

    @recorded
    def find_container(self, name: str) -> Container | None:
        with suppress(NotFoundError):
            return self._box(name).shown
        return None

    @recorded
    def inspect(self, name: str) -> Mapping[str, Any]:
        box = self._box(name)
        return {"shown": dataclasses.asdict(box.shown), "spec": dataclasses.asdict(box.spec)}

    @recorded
    def ensure_container(self, spec: ContainerSpec) -> Container:
        check_name("container", spec.name)
        with self._lock:
            if spec.name not in self._containers:
                self._create(spec)
            shown = self._containers[spec.name].shown
        check_ours("container", spec.name, spec.labels, shown.labels)
        return shown

    @recorded
    def start(self, name: str) -> None:
        with self._lock:
            box = self._box(name)
            if box.shown.state is ContainerState.RUNNING:
                return
            self._refuse_paused("starting", box)
            self._refuse_taken_ports(box)
            high, low = divmod(next(self._addresses), 256)
            address = f"10.0.{high}.{low}"
            box.log.set_ended(False)
            box.become(
                state=ContainerState.RUNNING, address=address, exit_code=None, started_at=A_TIME
            )

    @recorded
    def unpause(self, name: str) -> None:
        with self._lock:
            box = self._box(name)
            if box.shown.state is ContainerState.PAUSED:
                box.become(state=ContainerState.RUNNING)

    @recorded
    def stop(self, name: str, timeout_s: int | None = None) -> None:
        with self._lock:
            box = self._box(name)
            self._refuse_paused("stopping", box)
            if box.shown.state is ContainerState.RUNNING:
                self._end(box, 0)

    @recorded
    def remove_container(self, name: str) -> None:
        with self._lock, suppress(NotFoundError):
            box = self._box(name)
            del self._containers[box.shown.name]
            box.log.set_ended(True)

    @recorded
    def put_files(self, name: str, directory: str, files: Sequence[File]) -> None:
        kept = [(f"{directory.rstrip('/')}/{file.path}", _in_memory(file)) for file in files]
        with self._lock:
            box = self._box(name)
            volumes = [mount.target for mount in box.spec.mounts]
            check_writable(name, directory, read_only=box.spec.read_only, volumes=volumes)
            for path, file in kept:
                home, key = self._home(box, path)
                home[key] = file

    @recorded
    def get_archive(self, name: str, path: str) -> Iterator[bytes]:
        wanted = PurePosixPath(path)
        with self._lock:
            found = [
                File(
                    str(place.relative_to(wanted.parent)), file.data, file.mode, file.uid, file.gid
                )
                for place, file in ((PurePosixPath(p), f) for p, f in self.files(name).items())
                if place.is_relative_to(wanted)
            ]
        if not found:
            raise NotFoundError(f"getting {path} from {name}: there is no {path}")
        if found[0].path != wanted.name:
            found.insert(0, File(wanted.name, None, 0o755))
        return tar_stream(found)

    def files(self, name: str) -> dict[str, File]:
        """All files that were put into a container and into its volumes, by absolute path; their
        data is in them, whether it came from memory or from the host's disk."""
        box = self._box(name)
        found = dict(box.files)
        for mount in box.spec.mounts:
            if volume := self._volumes.get(mount.source):
                found |= {f"{mount.target}/{path}": file for path, file in volume.files.items()}
        return found

    def say(self, name: str, text: str) -> None:
        """Let a container print the lines of ``text``."""
        self._box(name).log.say(text)

    def fail_check(self, name: str) -> None:
        """Let the HEALTHCHECK of a container fail."""
        self._box(name).become(unhealthy=True)

    def pause(self, name: str) -> None:
        """Let a container stand still, as an engine's own client does: no pool needs that."""
        self._box(name).become(state=ContainerState.PAUSED)

    def crash(self, name: str, exit_code: int, *, restarting: bool = False) -> None:
        """Let a container end by itself, and not come back, or wait for its next start."""
        with self._lock:
            box = self._box(name)
            self._end(box, exit_code)
            if restarting:
                box.become(state=ContainerState.RESTARTING)

    def _create(self, spec: ContainerSpec) -> None:
        image = self._get_image(spec.image)
        if spec.network not in self._networks:
            raise NotFoundError(f"creating container {spec.name}: there is no {spec.network}")
        for mount in spec.mounts:
            if mount.source and not mount.source.startswith("/"):
                self._volumes.setdefault(mount.source, VolumeBox(Volume(mount.source, {})))
        shown = Container(
            id=made_id(f"{spec.name}{len(self.calls)}"),
            name=spec.name,
            image=spec.image,
            state=ContainerState.CREATED,
            labels={**image.labels, **spec.labels},
        )
        most_bytes = None if spec.limits.log_mb is None else spec.limits.log_mb * 1024 * 1024
        self._containers[spec.name] = ContainerBox(spec, shown, log=Log(most_bytes))

    def _refuse_paused(self, doing: str, box: ContainerBox) -> None:
        """As Podman does; Docker lets a paused container be stopped."""
        if box.shown.state is ContainerState.PAUSED:
            raise EngineError(f"{doing} {box.shown.name}: it is paused")

    def _refuse_taken_ports(self, box: ContainerBox) -> None:
        taken = {
            (port.address, port.host_port)
            for other in self._containers.values()
            if other.shown.state is ContainerState.RUNNING
            for port in other.spec.ports
        }
        for port in box.spec.ports:
            if (port.address, port.host_port) in taken:
                raise PortTakenError(f"starting {box.shown.name}: port {port} is taken")

    def _end(self, box: ContainerBox, exit_code: int) -> None:
        box.become(state=ContainerState.EXITED, address=None, exit_code=exit_code)
        box.log.set_ended(True)

    def _box(self, name: str) -> ContainerBox:
        """By name or by id, as real engines do."""
        if box := self._containers.get(name):
            return box
        for box in self._containers.values():
            if box.shown.id == name:
                return box
        raise NotFoundError(f"there is no container {name}")

    def _home(self, box: ContainerBox, path: str) -> tuple[dict[str, File], str]:
        """Where a path of a container is kept: in one of its volumes, or in itself."""
        for mount in box.spec.mounts:
            if path.startswith(f"{mount.target}/") and mount.source in self._volumes:
                return self._volumes[mount.source].files, path.removeprefix(f"{mount.target}/")
        return box.files, path


def _in_memory(file: File) -> File:
    """The file with its data in it, read now as a real engine reads it."""
    if not isinstance(file.data, Path):
        return file
    try:
        data = file.data.read_bytes()
    except OSError as error:
        raise RoostError(f"cannot read {file.data}: {error.strerror or error}") from error
    return File(file.path, data, file.mode, file.uid, file.gid)
