"""Docker: what differs from the shared implementation."""

# ruff: noqa: D102 -- roost.engines.protocol.Engine says what each method does

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from roost.engines.api.connection import Connection
from roost.engines.api.frames import Frame
from roost.engines.protocol import StreamName
from roost.engines.sdk import SdkEngine

if TYPE_CHECKING:
    from docker.tls import TLSConfig

_REFUSALS = (b"OCI runtime exec failed", b"cannot exec in a stopped state", b"unable to find user")


class DockerEngine(SdkEngine):
    """The Docker daemon at ``url``.

    ``environ`` gives the certificates of a remote daemon, as for Docker's own client.
    """

    name = "docker"

    def __init__(
        self, url: str, *, environ: Mapping[str, str], api_version: str | None = None
    ) -> None:
        super().__init__(Connection(url, api_version=api_version, tls=_tls(url, environ)))

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

    def _create_network(self, name: str, labels: Mapping[str, str]) -> dict[str, Any] | None:
        # Docker (until 25) lets two callers at once make two networks of one name, and then takes
        # that name for neither. Between the processes of one user on one host, this keeps order.
        from roost.locks import held  # 4 ms, for what is rarely done

        with held("network"):
            there = next(iter(self._networks_named(name)), None)
            return there or super()._create_network(name, labels)

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
