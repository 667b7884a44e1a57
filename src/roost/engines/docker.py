"""Docker: what differs from the shared implementation."""

# ruff: noqa: D102 -- roost.engines.protocol.Engine says what each method does

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from roost.engines.api.connection import Connection
from roost.engines.api.frames import Frame
from roost.engines.protocol import Network, StreamName
from roost.engines.sdk import SdkEngine

if TYPE_CHECKING:
    from docker.tls import TLSConfig

_REFUSALS = (b"OCI runtime exec failed", b"unable to find user")


class DockerEngine(SdkEngine):
    """The Docker daemon at ``url``.

    ``environ`` gives the certificates of a remote daemon, as for Docker's own client.
    """

    name = "docker"

    def __init__(
        self, url: str, *, environ: Mapping[str, str], api_version: str | None = None
    ) -> None:
        super().__init__(Connection(url, api_version=api_version, tls=_tls(url, environ)))

    def ensure_network(self, name: str, labels: Mapping[str, str]) -> Network:
        network = super().ensure_network(name, labels)
        # Docker (20.10) lets two callers at once make two networks of one name. Both see both then,
        # and both keep the older one.
        oldest, *others = self._networks_named(name)
        if others and network.id != oldest["Id"]:
            with self._connection.doing(f"removing a second network {name}") as client:
                client.remove_network(network.id)
            return super().ensure_network(name, labels)
        return network

    def interactive_argv(
        self, name: str, argv: Sequence[str], *, user: str = "root", tty: bool = True
    ) -> list[str]:
        flags = ["--interactive", "--tty"] if tty else ["--interactive"]
        return [
            "docker",
            "--host",
            self._connection.url,
            "exec",
            *flags,
            "--user",
            user,
            name,
            *argv,
        ]

    def _engine_words(self, frame: Frame) -> Frame | None:
        stream, data = frame
        if stream is StreamName.STDOUT and data.startswith(_REFUSALS):
            return StreamName.STDERR, data
        return frame


def _tls(url: str, environ: Mapping[str, str]) -> TLSConfig | None:
    wanted = environ.get("DOCKER_TLS_VERIFY") or environ.get("DOCKER_CERT_PATH")
    if not wanted or not url.startswith("tcp:"):
        return None
    from docker.utils import kwargs_from_env

    tls: TLSConfig | None = kwargs_from_env(dict(environ)).get("tls")
    return tls
