"""Requests to engines that are not there, or do not answer as engines do."""

from __future__ import annotations

from pathlib import Path

import pytest

from roost.engines.docker import DockerEngine
from roost.engines.protocol import Container, ContainerState
from roost.errors import EngineError, EngineUnavailableError
from tests.unit.engines.sockets import answering, silent


def docker(url: str) -> DockerEngine:
    return DockerEngine(url, environ={}, api_version="1.41")


def answer(status: str, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body


def test_nobody_at_the_socket_is_told(tmp_path: Path) -> None:
    for url in (f"unix://{tmp_path}/none", silent(tmp_path / "silent")):
        for call in (docker(url).info, lambda url=url: list(docker(url).logs("lab"))):
            with pytest.raises(EngineUnavailableError, match=url) as caught:
                call()
            assert "roost setup" in (caught.value.hint or "")


def test_an_engines_own_words_are_in_the_error(tmp_path: Path) -> None:
    said = answer("500 Oops", b'{"message": "write /x: no space left on device"}')

    with answering(tmp_path / "s", said) as url:
        for call in (lambda: docker(url).start("lab"), lambda: docker(url).logs("lab")):
            with pytest.raises(EngineError, match="no space left on device") as caught:
                call()
            assert "lab" in caught.value.message
            assert "disk space" in (caught.value.hint or "")


@pytest.mark.parametrize("state", [ContainerState.RUNNING, ContainerState.PAUSED])
def test_only_what_is_paused_still_was_not_unpaused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: ContainerState
) -> None:
    said = answer("500 Oops", b'{"message": "Container lab is not paused"}')
    lab = Container("id", "lab", "lab:1", state, {})

    with answering(tmp_path / "s", said) as url:
        engine = docker(url)
        monkeypatch.setattr(engine, "find_container", lambda _name: lab)
        if state is ContainerState.PAUSED:
            with pytest.raises(EngineError, match="unpausing lab"):
                engine.unpause("lab")
        else:
            engine.unpause("lab")


def test_an_answer_that_is_no_json_is_quoted(tmp_path: Path) -> None:
    with (
        answering(tmp_path / "s", answer("502 Bad", b"<html>proxy</html>")) as url,
        pytest.raises(EngineError, match="proxy"),
    ):
        docker(url).logs("lab")


def test_a_connection_that_breaks_off_is_told(tmp_path: Path) -> None:
    with (
        answering(tmp_path / "s", b"") as url,
        pytest.raises(EngineUnavailableError, match="broke off"),
    ):
        docker(url).info()


def chunked(text: bytes) -> bytes:
    """The beginning of an answer of which more is to come."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"%x\r\n%s\r\n" % (len(text), text)


def test_a_pull_that_falls_silent_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("roost.engines.api.images.PULL_SILENCE_TIMEOUT_S", 0.2)

    with answering(tmp_path / "s", chunked(b'{"status": "Pulling"}\n'), then_silent=True) as url:
        assert docker(url).pull_image("example.org/lab:1") is None


def test_a_pull_without_an_engine_is_no_missing_image(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailableError):
        docker(f"unix://{tmp_path}/none").pull_image("lab:1")


def test_an_archive_that_stops_coming_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("roost.engines.api.containers.ANSWER_TIMEOUT_S", 0.2)

    with (
        answering(tmp_path / "s", chunked(b"beginning"), then_silent=True) as url,
        pytest.raises(EngineError, match="did not answer within") as caught,
    ):
        list(docker(url).get_archive("lab", "/x"))

    assert "/x" in caught.value.message
