"""A look at a socket."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from roost.engines.probe import Standing, look_at, socket_path
from tests.unit.engines.sockets import DOCKER, PODMAN, answering, silent


@pytest.mark.parametrize(("answer", "is_podman"), [(DOCKER, False), (PODMAN, True)])
def test_an_engine_tells_its_kind_and_version(
    tmp_path: Path, answer: bytes, is_podman: bool
) -> None:
    with answering(tmp_path / "s", answer) as url:
        finding = look_at(url)

    assert finding.standing is Standing.ANSWERS
    assert (finding.api_version, finding.is_podman) == ("1.41", is_podman)


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-x\r\n\r\n", b"HTTP/1.1 500 Oops\r\n\r\n"])
def test_what_answers_otherwise_is_no_engine(tmp_path: Path, answer: bytes) -> None:
    with answering(tmp_path / "s", answer) as url:
        assert look_at(url).standing is Standing.SILENT


def test_nobody_on_a_socket_is_silence(tmp_path: Path) -> None:
    assert look_at(silent(tmp_path / "s")).standing is Standing.SILENT


def test_no_socket_is_nothing(tmp_path: Path) -> None:
    assert look_at(f"unix://{tmp_path}/s").standing is Standing.ABSENT
    assert look_at(f"unix://{tmp_path}/s/below").standing is Standing.ABSENT


def test_a_socket_that_may_not_be_used_is_denied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    with answering(tmp_path / "s", DOCKER) as url:
        if os.geteuid() == 0:  # whom no mode keeps out
            with monkeypatch.context() as patched:
                patched.setattr("socket.socket.connect", refuse)
                standing = look_at(url).standing
        else:
            (tmp_path / "s").chmod(0)
            standing = look_at(url).standing
            (tmp_path / "s").chmod(0o600)

    assert standing is Standing.DENIED


def test_what_is_far_away_is_left_to_the_first_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(socket, "socket")

    assert look_at("tcp://192.0.2.1:2375").standing is Standing.ANSWERS
    assert look_at("ssh://nobody@192.0.2.1").standing is Standing.ANSWERS


@pytest.mark.parametrize("url", ["unix:///run/x.sock", "unix://run/x.sock"])
def test_a_url_names_a_path(url: str) -> None:
    assert socket_path(url) == "/run/x.sock"
