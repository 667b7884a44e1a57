"""What engines say, as errors that name the mend. The words are real ones."""

from __future__ import annotations

import errno

import pytest

from roost.engines.api import failures
from roost.errors import (
    ConflictError,
    EngineError,
    EngineUnavailableError,
    NotFoundError,
    PortTakenError,
)

URL = "unix:///var/run/docker.sock"


@pytest.mark.parametrize(
    ("status", "words", "kind"),
    [
        # Docker 20.10
        (404, "No such container: lab", NotFoundError),
        (404, "no such image: lab:1: No such image: lab:1", NotFoundError),
        (404, "network lab not found", NotFoundError),
        (404, "get lab: no such volume", NotFoundError),
        (404, "Could not find the file /x in container lab", NotFoundError),
        (409, "can not get logs from container which is dead or marked for removal", NotFoundError),
        (409, 'Conflict. The name "/lab" is already in use by container "1".', ConflictError),
        (409, "network with name lab already exists", ConflictError),
        (409, "removal of container lab is already in progress", ConflictError),
        (409, "Container 12ab is not running", EngineError),
        (409, "Container 12ab is restarting, wait until the container is running", EngineError),
        (409, "remove lab: volume is in use - [12ab]", EngineError),
        (500, "Bind for 127.0.0.1:9620 failed: port is already allocated", PortTakenError),
        (500, "listen tcp4 127.0.0.1:9620: bind: address already in use", PortTakenError),
        (403, "error while removing network: network lab id 1 has active endpoints", EngineError),
        (500, "configured logging driver does not support reading", EngineError),
        (403, "container rootfs is marked read-only", EngineError),
        # Podman 4.3
        (500, "this container is using the 'none' log driver, cannot read logs", EngineError),
        (404, 'no container with name or ID "lab" found: no such container', NotFoundError),
        (404, "failed to find image lab:1: image not known", NotFoundError),
        (500, "unable to find network with name or ID lab: network not found", NotFoundError),
        (500, 'the container name "lab" is already in use by 12ab.', ConflictError),
        (500, "network name lab already used: network already exists", ConflictError),
        (500, "adding volume to state: name lab is in use: volume already exists", ConflictError),
        (500, "can only create exec sessions on running containers", EngineError),
        (500, '"lab" has associated containers with it: network is being used', EngineError),
        (409, "volume lab is being used by the following container(s): 12ab", EngineError),
        (500, "failed to mount runtime directory for rootless netns: no such file", EngineError),
        (500, "copier: put: error creating: unlinkat /opt/x: read-only file system", EngineError),
        # neither's
        (404, "", NotFoundError),
        (500, "", EngineError),
        (500, "something new", EngineError),
    ],
)  # fmt: skip
def test_an_answer_is_an_error_of_its_kind(status: int, words: str, kind: type[Exception]) -> None:
    error = failures.from_response(status, words, "doing it")

    assert type(error) is kind
    assert error.message.startswith("doing it: ")
    assert words in error.message


@pytest.mark.parametrize(
    ("words", "mend"),
    [
        ("write /x: no space left on device", "disk space"),
        ("Invalid container name (a b), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed", "letters"),
        ("names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument", "letters"),
        ("Bind for 0.0.0.0:9618 failed: port is already allocated", "port"),
        ("listen tcp4 0.0.0.0:9618: bind: address already in use", "port"),
        ("could not find an available, non-overlapping IPv4 address pool", "networks"),
        ("Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available", "fewer CPUs"),
        ("Container 12ab is not running", "log"),
        ("Container 12ab is restarting, wait until the container is running", "log"),
        ("remove lab: volume is in use - [12ab]", "containers"),
        ("container rootfs is marked read-only", "volume"),
        (
            '/usr/bin/slirp4netns failed: "open(\\"/dev/net/tun\\"): Permission denied',
            "/dev/net/tun",
        ),
        (
            "runc: runc create failed: unable to start container process: error during container init:"
            " error setting rlimits for ready process: error setting rlimit type 7: operation not"
            " permitted: OCI permission denied",
            "default_ulimits",
        ),
        (
            'plugin type="bridge" failed (add): cni plugin bridge failed: failed to find plugin'
            ' "bridge" in path [/usr/lib/cni]',
            "netavark",
        ),
    ],
)
def test_a_known_trouble_has_a_mend(words: str, mend: str) -> None:
    hint = failures.from_response(500, words, "doing it").hint

    assert hint
    assert mend in hint


def wrapped(error: OSError) -> Exception:
    """As requests and urllib3 wrap it."""
    return ConnectionError(RuntimeError("Connection aborted.", error))


def test_a_socket_that_may_not_be_used_names_the_group() -> None:
    error = failures.from_connection(wrapped(PermissionError(errno.EACCES, "denied")), URL)

    assert isinstance(error, EngineUnavailableError)
    assert "permission" in error.message
    assert URL in error.message
    assert "group" in (error.hint or "")
    assert "podman" in (error.hint or "")


@pytest.mark.parametrize("number", [errno.ENOENT, errno.ECONNREFUSED])
def test_an_engine_that_does_not_run_names_setup(number: int) -> None:
    error = failures.from_connection(wrapped(OSError(number, "gone")), URL)

    assert URL in error.message
    assert "roost setup" in (error.hint or "")


def test_a_broken_connection_says_what_broke() -> None:
    error = failures.from_connection(ConnectionError("Connection reset by peer"), URL)

    assert "Connection reset by peer" in error.message
    assert error.hint


def test_an_error_that_holds_itself_ends() -> None:
    error = RuntimeError("loop")
    error.__cause__ = error

    assert "loop" in failures.from_connection(error, URL).message


@pytest.mark.parametrize(
    ("tail", "mend"),
    [
        ("Err:1 trixie InRelease\n  Temporary failure resolving 'mirror'", "mirror"),
        ("E: Failed to fetch x  Could not connect to mirror:80", "mirror"),
        ("tar: write error: No space left on device", "disk space"),
        ("E: Unable to locate package hello-wurld", "spelling"),
        ("ERROR: No matching distribution found for numpyy", "spelling"),
        ("lookup registry on 127.0.0.53:53: dial tcp: lookup registry: no such host", "base image"),
    ],
)
def test_a_failed_build_has_a_mend(tail: str, mend: str) -> None:
    assert mend in (failures.build_hint(tail) or "")


def test_a_failed_build_of_unknown_cause_has_none() -> None:
    assert failures.build_hint("make: *** [all] Error 2") is None
