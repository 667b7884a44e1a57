"""What an engine or its socket says when it refuses, as errors that name the mend. Pure."""

from __future__ import annotations

import errno
import re
from typing import NamedTuple

from roost.errors import (
    ConflictError,
    EngineError,
    EngineUnavailableError,
    NotFoundError,
    PortTakenError,
    RoostError,
)

ErrorType = type[EngineError] | type[NotFoundError]

_DISK_HINT = (
    "free some disk space where the engine keeps its data; `docker system df` or"
    " `podman system df` shows what takes it"
)
_ENDED_HINT = "it has to run for that; its log says why it does not"
READ_ONLY_HINT = (
    "its root file system is read-only: put files into one of its volumes, or make the container anew with a"
    " volume or a writable root there"
)
NAMES_HINT = "names are made of letters, digits, '_', '.' and '-', and start with a letter or digit"


class _Rule(NamedTuple):
    """If an engine's words match (whatever their case), this is the kind of error and its mend.

    Compiled only when something failed: that costs more than a whole look for an engine.
    """

    words: str
    kind: ErrorType
    hint: str | None = None


_RULES = (
    _Rule(
        r"no space left on device|disk quota exceeded",
        EngineError,
        _DISK_HINT,
    ),
    _Rule(
        r"invalid (container|network|volume) name|names must match|invalid characters for"
        r"|invalid reference format",
        EngineError,
        NAMES_HINT,
    ),
    _Rule(
        r"port is already allocated|address already in use",
        PortTakenError,
        "another program or container holds that port: stop it, or choose another port",
    ),
    _Rule(
        r"non-overlapping ipv4 address pool|could not find free subnet"
        r"|all predefined address pools",
        EngineError,
        "every private subnet of the engine is taken: remove networks that nobody uses"
        " (`docker network ls`)",
    ),
    _Rule(
        r"range of cpus is from|as there are only \d+ cpus",
        EngineError,
        "ask for fewer CPUs than this machine has",
    ),
    _Rule(
        r"cgroup.*(permission denied|not (supported|available|mounted))"
        r"|controller .* not available",
        EngineError,
        "the engine may not set resource limits here; leave out cpus and memory",
    ),
    _Rule(
        r"log(ging)? driver.*(does not support reading|cannot read)|is not logging output",
        EngineError,
        "its output goes where the engine cannot read it back: make it anew with a log driver such as"
        " json-file (Docker) or k8s-file (Podman)",
    ),
    _Rule(
        # Podman (4.3) tells the cause at the first attempt only, and then what that left behind.
        r"slirp4netns failed|/dev/net/tun|rootless netns",
        EngineError,
        "Podman without root makes networks with slirp4netns, which has to be installed and needs a"
        " /dev/net/tun that its user may open (`chmod 666 /dev/net/tun`); then end Podman's processes of"
        " this user (`podman system migrate`) and try again",
    ),
    _Rule(
        r"error setting rlimit",
        EngineError,
        "Podman asks for more open files and processes than this host lets it have: write"
        " `default_ulimits = []` under `[containers]` in /etc/containers/containers.conf",
    ),
    _Rule(
        # Podman 4 keeps the back end that it found at its first run, also where that has gone since.
        r"failed to find plugin|cni plugin .* failed|could not find .*netavark",
        EngineError,
        "Podman lacks the programs that make its networks: run `roost setup --engine podman`, or install"
        " netavark and aardvark-dns, and name them in /etc/containers/containers.conf"
        ' (`network_backend = "netavark"` under `[network]`)',
    ),
    _Rule(
        r"rootfs is marked read-only|read-only file system",
        EngineError,
        READ_ONLY_HINT,
    ),
    _Rule(
        r"is not running|is restarting|container state improper|can only create exec sessions",
        EngineError,
        _ENDED_HINT,
    ),
    _Rule(
        r"is already in use by|already exists|already used|name is already"
        r"|removal of container .* is already in progress",
        ConflictError,
    ),
    _Rule(
        r"is in use|being used|has active endpoints|has associated containers|must force",
        EngineError,
        "remove the containers that use it first",
    ),
    _Rule(
        r"no such (container|image|volume|network|exec|object|pod)|network [^ ]+ not found"
        r"|network not found|image not known|no container with name or id|could not find the file"
        r"|dead or marked for removal",
        NotFoundError,
    ),
)


def from_response(status: int, text: str, doing: str) -> RoostError:
    """The error for an HTTP answer of ``status`` with the engine's own ``text``.

    The words decide before the status does: Podman answers 500 to most of what Docker answers 4xx.
    """
    message = f"{doing}: {text.strip() or f'the engine answered {status}'}"
    for rule in _RULES:
        if re.search(rule.words, text, re.IGNORECASE):
            return rule.kind(message, hint=rule.hint)
    if status == 404:
        return NotFoundError(message)
    return EngineError(message)


def from_connection(error: BaseException, url: str) -> EngineUnavailableError:
    """The error for an engine that could not be reached at ``url``."""
    number = _errno(error)
    if number in (errno.EACCES, errno.EPERM):
        return denied(url)
    if number in (errno.ENOENT, errno.ECONNREFUSED):
        return EngineUnavailableError(
            f"no engine answers at {url}",
            hint="start it, or let `roost setup` install and start one",
        )
    return EngineUnavailableError(
        f"the engine at {url} broke off: {error}", hint="see whether it still runs: `roost setup`"
    )


def denied(url: str) -> EngineUnavailableError:
    """The error for a socket that this user may not use."""
    return EngineUnavailableError(
        f"no permission to use the engine at {url}",
        hint="add yourself to its group (`sudo usermod -aG docker $USER`, then log in again),"
        " or use Podman without root: `--engine podman`",
    )


def ended_meanwhile(doing: str) -> EngineError:
    """The error for a command whose container ended before the command did."""
    return EngineError(f"{doing}: its container ended meanwhile", hint=_ENDED_HINT)


def timed_out(url: str, doing: str, timeout_s: float) -> EngineError:
    """The error for an engine that took a request and did not answer in time."""
    return EngineError(
        f"{doing}: the engine at {url} did not answer within {timeout_s:g} s",
        hint="it may be overloaded or stuck: try again, or restart the engine",
    )


def _errno(error: BaseException) -> int | None:
    """The operating system's error number at the bottom of the wrappers around it."""
    seen: set[int] = set()
    todo: list[object] = [error]
    while todo:
        current = todo.pop()
        if not isinstance(current, BaseException) or id(current) in seen:
            continue
        seen.add(id(current))
        if isinstance(current, OSError) and current.errno is not None:
            return current.errno
        todo += [current.__cause__, current.__context__, getattr(current, "reason", None)]
        todo += current.args
    return None


_BUILD_HINTS = (
    (
        r"no space left on device|disk quota exceeded",
        _DISK_HINT,
    ),
    (
        r"temporary failure resolving|could not connect|failed to fetch|unable to connect"
        r"|connection timed out|temporary failure in name resolution|network is unreachable",
        "a package mirror could not be reached from inside the build: check the network"
        " (proxy, DNS) and build again; finished steps are kept",
    ),
    (
        r"dial tcp: lookup|pinging container registry|pull access denied",
        "the base image is not on this machine and no registry gave it: build the base first",
    ),
    (
        r"unable to locate package|has no installation candidate",
        "the distribution has no package of that name: check its spelling",
    ),
    (
        r"no matching distribution found",
        "the Python package index has no package of that name and version: check its spelling",
    ),
)


def build_hint(log_tail: str) -> str | None:
    """The mend for a failed build, by the words at the end of its log; None where they are
    unknown."""
    for words, hint in _BUILD_HINTS:
        if re.search(words, log_tail, re.IGNORECASE):
            return hint
    return None
