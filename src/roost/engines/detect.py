"""Which engine: the one asked for, else one that answers, else one that can be started.

Sockets are looked at before anything big is imported.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from roost.commandline import command_line
from roost.engines.api import failures
from roost.engines.probe import Finding, Standing, look_at
from roost.errors import EngineUnavailableError, UsageError

if TYPE_CHECKING:
    from roost.engines.protocol import Engine

ENGINES = ("docker", "podman")
ENV_ENGINE = "ROOST_ENGINE"

DOCKER_SOCKET = "/var/run/docker.sock"
PODMAN_SOCKET = "/run/podman/podman.sock"
DAEMON_PATHS = ("/usr/sbin", "/sbin")


def open_engine(wanted: str | None, environ: Mapping[str, str]) -> Engine:
    """The engine to work with; the caller closes it.

    ``wanted`` (from ``--engine``) comes before ROOST_ENGINE, and that before what is found: Docker
    if it answers, Podman's socket if it answers, Podman's program if it is installed. Raises
    :class:`UsageError` for a name that is no engine's and :class:`EngineUnavailableError`, with
    what was found and the mend, when there is none to work with.
    """
    name = wanted or environ.get(ENV_ENGINE) or None
    if name is None:
        return _open_any(environ)
    if name not in ENGINES:
        source = "--engine" if wanted else ENV_ENGINE
        raise UsageError(
            f"{source}: there is no engine {name!r}", hint=f"known are {' and '.join(ENGINES)}"
        )
    return _open_docker(environ) if name == "docker" else _open_podman(environ)


def _open_any(environ: Mapping[str, str]) -> Engine:
    docker = _best(_docker_urls(environ))
    podman = _best(_podman_urls(environ))
    for finding in (docker, podman):
        if finding.standing is Standing.ANSWERS:
            return _connect(finding, environ)
    if _has_program("podman", environ):
        return _start_podman(environ)
    if docker.standing is Standing.ABSENT and not _has_program("dockerd", environ):
        raise EngineUnavailableError(
            "there is no container engine on this machine", hint=_setup_hint()
        )
    raise _docker_trouble(docker, environ)


def _open_docker(environ: Mapping[str, str]) -> Engine:
    finding = _best(_docker_urls(environ))
    if finding.standing is Standing.ANSWERS:
        return _connect(finding, environ)
    raise _docker_trouble(finding, environ)


def _open_podman(environ: Mapping[str, str]) -> Engine:
    finding = _best(_podman_urls(environ))
    if finding.standing is Standing.ANSWERS:
        return _connect(finding, environ)
    if environ.get("CONTAINER_HOST"):
        raise EngineUnavailableError(
            f"CONTAINER_HOST names {finding.url}, and no Podman answers there",
            hint="start its service, or unset CONTAINER_HOST",
        )
    if _has_program("podman", environ):
        return _start_podman(environ)
    raise EngineUnavailableError("Podman is not installed", hint=_setup_hint())


def _docker_trouble(finding: Finding, environ: Mapping[str, str]) -> EngineUnavailableError:
    if finding.standing is Standing.DENIED:
        return failures.denied(finding.url)
    if environ.get("DOCKER_HOST"):
        return EngineUnavailableError(
            f"DOCKER_HOST names {finding.url}, and no Docker answers there",
            hint="start it, or unset DOCKER_HOST",
        )
    if finding.standing is Standing.ABSENT and not _has_program("dockerd", environ):
        return EngineUnavailableError("Docker is not installed", hint=_setup_hint())
    return EngineUnavailableError(
        f"Docker is installed but does not run: nothing answers at {finding.url}",
        hint=f"start it with `sudo systemctl start docker`, or run `{command_line('setup')}`",
    )


def _setup_hint() -> str:
    return f"run `{command_line('setup')}`, which installs and starts one"


def _connect(finding: Finding, environ: Mapping[str, str]) -> Engine:
    if finding.is_podman:
        from roost.engines.podman import PodmanEngine

        return PodmanEngine(finding.url, api_version=finding.api_version)
    from roost.engines.docker import DockerEngine

    return DockerEngine(finding.url, environ=environ, api_version=finding.api_version)


def _start_podman(environ: Mapping[str, str]) -> Engine:
    from roost.engines.podman import PodmanEngine
    from roost.engines.podman_service import PodmanService

    return PodmanEngine(PodmanService(environ))


def _best(urls: Iterator[str]) -> Finding:
    """The first that answers, else the one that came nearest to it, else the first."""
    findings: list[Finding] = []
    for url in urls:
        finding = look_at(url)
        if finding.standing is Standing.ANSWERS:
            return finding
        findings.append(finding)
    nearest = (Standing.DENIED, Standing.SILENT, Standing.ABSENT)
    return min(findings, key=lambda finding: nearest.index(finding.standing))


def _docker_urls(environ: Mapping[str, str]) -> Iterator[str]:
    """DOCKER_HOST alone if it is set; else where Docker listens by default, as root or not."""
    if host := environ.get("DOCKER_HOST"):
        yield host
        return
    yield f"unix://{DOCKER_SOCKET}"
    if runtime := environ.get("XDG_RUNTIME_DIR"):
        yield f"unix://{Path(runtime) / 'docker.sock'}"
    if home := environ.get("HOME"):
        yield f"unix://{Path(home) / '.docker/run/docker.sock'}"


def _podman_urls(environ: Mapping[str, str]) -> Iterator[str]:
    """CONTAINER_HOST alone if it is set; else where a systemd socket of Podman's would be.

    Root's socket is for root alone: a user's containers are in the user's own storage.
    """
    if host := environ.get("CONTAINER_HOST"):
        yield host
        return
    if os.geteuid() == 0:
        yield f"unix://{PODMAN_SOCKET}"
    else:
        runtime = environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.geteuid()}"
        yield f"unix://{Path(runtime) / 'podman/podman.sock'}"


def _has_program(name: str, environ: Mapping[str, str]) -> bool:
    """Whether it is installed, also where daemons are, which a user's PATH leaves out."""
    path = os.pathsep.join((environ.get("PATH", os.defpath), *DAEMON_PATHS))
    return shutil.which(name, path=path) is not None
