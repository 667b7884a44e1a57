"""The seam between Roost and a container engine: one narrow protocol and the plain data it speaks.

Nothing here, and nothing that implements it, knows HTCondor. Nothing above it knows which engine it
has: differences are stated as :class:`Capabilities`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol


class ContainerState(StrEnum):
    """Life of a container, in the engines' common words."""

    CREATED = "created"
    RUNNING = "running"
    PAUSED = "paused"
    RESTARTING = "restarting"
    REMOVING = "removing"
    EXITED = "exited"
    DEAD = "dead"


class StreamName(StrEnum):
    """Where a piece of output came from."""

    STDOUT = "stdout"
    STDERR = "stderr"


@dataclass(frozen=True)
class Capabilities:
    """What an engine can do on this host, so that nobody asks for its name."""

    rootless: bool = False
    """The engine runs without root, so container addresses are not reachable from the host."""
    resource_limits: bool = True
    """CPU, memory and pids limits are enforced."""
    stacks: bool = False
    """It brings up stacks of services over several hosts: a manager of a Docker Swarm."""


@dataclass(frozen=True)
class EngineInfo:
    """What an engine says of itself. ``free_bytes`` is the space where it keeps images, if
    known."""

    name: str
    version: str
    host: str
    root_dir: str
    free_bytes: int | None
    capabilities: Capabilities


@dataclass(frozen=True)
class Image:
    """An image that the engine holds. ``size`` in bytes."""

    id: str
    tags: tuple[str, ...]
    labels: Mapping[str, str]
    size: int
    created: str


@dataclass(frozen=True)
class Container:
    """A container as the engine lists it.

    ``address`` is None while it has none, ``exit_code`` unless it has ended, and ``started_at``
    (RFC 3339) in a list, which engines do not tell it in, and before the first start. Nor is
    ``restarts`` told there: how often the engine has started it again by itself.
    """

    id: str
    name: str
    image: str
    state: ContainerState
    labels: Mapping[str, str]
    address: str | None = None
    exit_code: int | None = None
    started_at: str | None = None
    restarts: int = 0
    unhealthy: bool = False
    """The image's HEALTHCHECK fails. An engine that runs none never says so."""


@dataclass(frozen=True)
class Network:
    """A network that containers of one pool share."""

    id: str
    name: str
    labels: Mapping[str, str]


@dataclass(frozen=True)
class Volume:
    """A named volume."""

    name: str
    labels: Mapping[str, str]


@dataclass(frozen=True)
class Mount:
    """A named volume or (with an absolute ``source``) a host path, mounted at ``target``. Without a
    source: a volume of the container's own, which starts as the image has the place and goes with the
    container."""

    source: str
    target: str
    read_only: bool = False


@dataclass(frozen=True)
class Tmpfs:
    """A file system in memory at ``target``, empty at each start and root's. Nothing in it is executed,
    and nothing can be put into it from outside; what is in it counts as the container's memory."""

    target: str
    size_mb: int
    mode: int = 0o755


@dataclass(frozen=True)
class Limits:
    """Resource limits of a container; None leaves the engine's default."""

    cpus: float | None = None
    memory_mb: int | None = None
    pids: int | None = None
    shm_mb: int | None = None
    """Size of ``/dev/shm``, whose content counts as memory."""
    log_mb: int | None = None
    """What is kept of the container's output: about the last so many MiB. Whatever the limit, and
    whatever the host's default is, the output can be read back."""


@dataclass(frozen=True)
class Port:
    """A TCP port of a container, published at a port of an address of the engine's host."""

    address: str
    host_port: int
    port: int

    def __str__(self) -> str:
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{host}:{self.host_port}"


@dataclass(frozen=True)
class ContainerSpec:
    """Everything needed to create a container; equal specs make equal containers."""

    name: str
    image: str
    hostname: str
    network: str
    labels: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    mounts: tuple[Mount, ...] = ()
    tmpfs: tuple[Tmpfs, ...] = ()
    read_only: bool = False
    """Nothing can be written but in ``mounts``, ``tmpfs`` and what every container has of the kernel's
    (``/dev/shm``, ``/dev/mqueue``)."""
    ports: tuple[Port, ...] = ()
    """All others can be reached on the network alone."""
    limits: Limits = Limits()
    capabilities: tuple[str, ...] = ()
    """Linux capabilities to keep; all others are dropped."""
    no_new_privileges: bool = True
    stop_timeout_s: int = 30
    restart: bool = True
    """Start again when it ends by itself or the engine restarts."""
    command: tuple[str, ...] | None = None


@dataclass(frozen=True)
class File:
    """A file (or, with ``data`` None, a directory) to put into a container, by relative path."""

    path: str
    data: bytes | Path | None
    mode: int = 0o644
    uid: int = 0
    gid: int = 0


@dataclass(frozen=True)
class ExecResult:
    """How a command in a container ended."""

    exit_code: int
    stdout: bytes
    stderr: bytes


class ExecStream(Protocol):
    """A running command: iterate it for its output as it comes, then read ``exit_code``."""

    def __iter__(self) -> Iterator[tuple[StreamName, bytes]]: ...

    @property
    def exit_code(self) -> int:
        """The command's exit code; valid once the iteration has ended."""
        ...

    def close(self) -> None:
        """Stop listening; a reader in another thread sees the end. The command itself goes on."""
        ...


class LineStream(Protocol):
    """Lines as they come, without their line ends."""

    def __iter__(self) -> Iterator[bytes]: ...

    def close(self) -> None:
        """Stop listening; a reader in another thread sees the end."""
        ...


@dataclass(frozen=True)
class BuildSpec:
    """An image build: a context of files, one of which is the ``Dockerfile``."""

    tag: str
    context: tuple[File, ...]
    build_args: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)


class Engine(Protocol):
    """A container engine. Every method may be called from several threads at once. Containers that are there
    may be named by their id as well, which is never given twice.

    All ``ensure_*``, ``start``, ``unpause``, ``stop`` and ``remove_*`` methods are idempotent: asking
    for what is already so succeeds. Everything an engine refuses is an :class:`roost.errors.EngineError`; a
    missing container, image, volume or network that is not being removed is a
    :class:`roost.errors.NotFoundError`; a name taken by something without the wanted labels is a
    :class:`roost.errors.ConflictError`.
    """

    @property
    def name(self) -> str:
        """``docker``, ``podman`` or ``fake``: for people, never for decisions."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What this engine can do here."""
        ...

    def info(self) -> EngineInfo:
        """Ask the engine about itself; the cheapest proof that it answers."""
        ...

    # containers

    def list_containers(self, labels: Mapping[str, str | None]) -> list[Container]:
        """All containers, running or not, that carry the labels (None: any value), sorted by
        name."""
        ...

    def find_container(self, name: str) -> Container | None:
        """The container of that name, whoever it belongs to."""
        ...

    def inspect(self, name: str) -> Mapping[str, Any]:
        """All that the engine knows of a container, in its own words and not the same for each
        engine: for people to read, never for decisions."""
        ...

    def ensure_container(self, spec: ContainerSpec) -> Container:
        """Create the container, not started. One that is there with the same labels is returned as
        it is; any other of that name is a conflict. Safe against another caller doing the same."""
        ...

    def start(self, name: str) -> None:
        """Start it; nothing to do if it runs. Raises :class:`roost.errors.PortTakenError` for a
        published port that somebody else has; once it is free, the container starts. One that is
        paused is refused: see :meth:`unpause`."""
        ...

    def unpause(self, name: str) -> None:
        """Let its processes go on; nothing to do if it is not paused."""
        ...

    def stop(self, name: str, timeout_s: int | None = None) -> None:
        """SIGTERM, then SIGKILL after ``timeout_s`` (default: the container's own)."""
        ...

    def remove_container(self, name: str) -> None:
        """Kill and remove it, with its anonymous volumes, and return once it is gone."""
        ...

    def put_files(self, name: str, directory: str, files: Sequence[File]) -> None:
        """Put files below ``directory`` of a container, running or not, with their owner and mode.

        ``directory`` has to be there, in the image or as a mount; directories between it and a file
        are made. A volume that is mounted for the first time holds what the image has in that
        place, as after a start. Raises :class:`roost.errors.RoostError` for a host file that cannot
        be read.
        """
        ...

    def get_archive(self, name: str, path: str) -> Iterator[bytes]:
        """A tar stream of ``path``, whose members start with the last part of ``path``. Modes are
        true; owners may not be: some engines give everything to root."""
        ...

    def exec(
        self,
        name: str,
        argv: Sequence[str],
        *,
        user: str = "root",
        workdir: str | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> ExecResult:
        """Run a command in a running container to its end. A non-zero exit is a result, no error:
        also 126 and 127, with the engine's words on stderr, for a command that cannot be run or is
        not there."""
        ...

    def exec_stream(
        self,
        name: str,
        argv: Sequence[str],
        *,
        user: str = "root",
        workdir: str | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> ExecStream:
        """The same, with the output as it comes."""
        ...

    def interactive_argv(
        self, name: str, argv: Sequence[str], *, user: str = "root", tty: bool = True
    ) -> list[str]:
        """The engine's own client command that runs ``argv`` in the container on the caller's
        terminal, for a shell or for standard input."""
        ...

    def logs(
        self, name: str, *, follow: bool = False, tail: int | None = None, since: int | None = None
    ) -> LineStream:
        """The container's output, stdout and stderr together, as lines with the engine's time stamp
        first (RFC 3339 in UTC with nine digits of a second, then one space), so that lines of
        several containers sort by time. ``since`` is in seconds of the epoch. Close it when
        done.

        Who follows may be told the last lines before a rotation again (Docker 20.10),
        and who is slower than the container may miss some. :class:`roost.errors.EngineError` with the
        mend where the container's log driver keeps nothing to be read."""
        ...

    # networks and volumes

    def list_networks(self, labels: Mapping[str, str | None]) -> list[Network]: ...  # noqa: D102

    def ensure_network(self, name: str, labels: Mapping[str, str]) -> Network:
        """A bridge network with name resolution between its containers."""
        ...

    def remove_network(self, name: str) -> None: ...  # noqa: D102

    def list_volumes(self, labels: Mapping[str, str | None]) -> list[Volume]: ...  # noqa: D102

    def ensure_volume(self, name: str, labels: Mapping[str, str]) -> Volume: ...  # noqa: D102

    def remove_volume(self, name: str) -> None: ...  # noqa: D102

    # images

    def find_image(self, reference: str) -> Image | None: ...  # noqa: D102

    def list_images(self, labels: Mapping[str, str | None]) -> list[Image]: ...  # noqa: D102

    def import_image(
        self, archive: Path, tag: str, labels: Mapping[str, str], config: Mapping[str, str]
    ) -> Image:
        """Make a one-layer image of a root file system in a tar file. ``config`` holds ``Cmd``-like
        Dockerfile instructions by name, for example ``{"CMD": '["/bin/sh"]'}``. An older image of
        that tag loses it."""
        ...

    def build_image(self, spec: BuildSpec, on_output: Callable[[str], None]) -> Image:
        """Build an image and tell its output line by line. Raises
        :class:`roost.errors.ImageBuildError` with the tail of the output. When it is interrupted,
        the engine stops and removes the containers of the build."""
        ...

    def tag_image(self, reference: str, tag: str) -> None: ...  # noqa: D102

    def remove_image(self, reference: str) -> None: ...  # noqa: D102

    def pull_image(self, reference: str) -> Image | None:
        """Pull from a registry; None where no registry answers or it has no such image."""
        ...

    def save_images(self, references: Sequence[str]) -> Iterator[bytes]:
        """An archive (tar) of these images with these names, as it comes; layers that they share are in it
        once. Close the iterator when done. Raises :class:`roost.errors.NotFoundError` before the first
        bytes where one is missing."""
        ...

    def load_images(self, archive: Iterable[bytes], names: Sequence[str]) -> None:
        """Take the images of such an archive, whichever engine wrote it. They have these names then, without
        what another engine puts before its own."""
        ...

    def close(self) -> None:
        """Give back connections, and end a service that was started for this engine alone."""
        ...
