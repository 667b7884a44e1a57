"""Where the data come from, by a real server on this host."""

from __future__ import annotations

import contextlib
import io
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from roost.errors import RoostError, UsageError
from roost.events import Phase, Recorder, silent
from roost.images.advisories import TRACKER, source
from roost.images.advisories.source import locate, read_data
from roost.spec import Suite

Answer = Callable[[BaseHTTPRequestHandler], None]
Serve = Callable[[Answer], str]


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts a server that answers every question as told; gives its address."""
    servers: list[ThreadingHTTPServer] = []

    def start(answer: Answer) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answer(self)

            def log_message(self, *_arguments: object) -> None:
                """Nothing is told."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def reply(handler: BaseHTTPRequestHandler, body: bytes, code: int = 200, **headers: str) -> None:
    handler.send_response(code)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


def test_the_release_is_the_last_part_of_an_address() -> None:
    assert locate(TRACKER, Suite.TRIXIE) == (
        "https://security-tracker.debian.org/tracker/debsecan/release/1/trixie"
    )
    assert locate("http://mirror.example/x/", Suite.FORKY) == "http://mirror.example/x/forky"


def test_a_directory_has_a_file_for_each_release_and_a_file_any_name(tmp_path: Path) -> None:
    assert locate(str(tmp_path), Suite.TRIXIE) == str(tmp_path / "trixie")
    assert locate(str(tmp_path / "data"), Suite.TRIXIE) == str(tmp_path / "data")


@pytest.mark.parametrize("address", ["ftp://mirror.example/", "file:///etc", "://x"])
def test_an_address_of_another_kind(address: str) -> None:
    with pytest.raises(UsageError, match="no address of a web server"):
        locate(address, Suite.TRIXIE)


def test_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "trixie").write_bytes(b"data")
    assert read_data(str(tmp_path / "trixie"), silent) == b"data"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RoostError, match=r"from .*/forky: No such file or directory") as failed:
        read_data(str(tmp_path / "forky"), silent)
    assert TRACKER in str(failed.value.hint)


def test_a_file_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MOST_BYTES", 1 << 20)
    with (tmp_path / "trixie").open("wb") as file:
        file.truncate((1 << 20) + 1)
    with pytest.raises(RoostError, match="more than 1 MiB"):
        read_data(str(tmp_path / "trixie"), silent)


def test_from_a_server_and_how_far_it_is(serve: Serve) -> None:
    asked: list[tuple[str, str | None]] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        asked.append((handler.path, handler.headers["User-Agent"]))
        reply(handler, b"x" * 1_500_000)

    url, told = serve(answer), Recorder()
    assert read_data(f"{url}/data/trixie", told) == b"x" * 1_500_000
    ((path, agent),) = asked
    assert path == "/data/trixie"
    assert agent is not None
    assert agent.startswith("roost/")
    assert told.events[-1].phase is Phase.DONE
    assert told.events[-1].detail == f"{url}/data/trixie: 1.5 MB"


def failure(url: str) -> str:
    with pytest.raises(RoostError) as failed:
        read_data(url, silent)
    assert url in failed.value.message
    assert "--source" in str(failed.value.hint)
    return failed.value.message.removeprefix(f"cannot get vulnerability data from {url}: ")


def test_a_server_that_does_not_have_it(serve: Serve) -> None:
    url = serve(lambda handler: reply(handler, b"", 404))
    assert failure(f"{url}/sid") == "the server answers 404 Not Found"


def test_a_server_that_is_not_there() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/trixie"
        assert failure(url) == "Connection refused"


def test_a_name_that_nobody_has(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_arguments: object, **_options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr("socket.getaddrinfo", unknown)
    assert failure("http://nosuch.example/trixie") == "Name or service not known"


def test_a_name_that_is_none() -> None:
    assert "Invalid" in failure("http://[::1/trixie")


def test_a_server_that_speaks_something_else(serve: Serve) -> None:
    url = serve(lambda handler: void(handler.wfile.write(b"220 mail.example ESMTP\r\n")))
    assert "220 mail.example" in failure(url)


def test_a_server_that_says_nothing(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "_SILENCE_S", 0.1)
    over = threading.Event()
    try:
        assert failure(serve(lambda _handler: void(over.wait(10)))) == "no answer within 0.1 s"
    finally:
        over.set()


def test_a_server_that_never_ends(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "_DEADLINE_S", 0.2)
    over = threading.Event()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        reply(handler, b"")
        while not over.wait(0.05):
            try:
                handler.wfile.write(b"x")
            except OSError:
                return

    try:
        assert failure(serve(answer)).endswith("bytes came in 0.2 s")
    finally:
        over.set()


def test_a_server_that_sends_too_much(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MOST_BYTES", 1 << 20)

    def answer(handler: BaseHTTPRequestHandler) -> None:
        with contextlib.suppress(OSError):  # the other end has had enough
            reply(handler, b"x" * (4 << 20))

    assert "more than 1 MiB" in failure(serve(answer))


def test_a_server_that_leads_elsewhere(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    there = serve(lambda handler: reply(handler, b"data"))
    here = serve(lambda handler: reply(handler, b"", 302, Location=f"{there}/moved"))
    assert read_data(f"{here}/trixie", silent) == b"data"
    to_a_file = serve(lambda handler: reply(handler, b"", 302, Location="file:///etc/passwd"))
    assert "not allowed" in failure(f"{to_a_file}/trixie")


def test_a_secure_server_that_leads_to_an_insecure_one(monkeypatch: pytest.MonkeyPatch) -> None:
    class Moved(io.BytesIO):
        url = "http://other.example/trixie"

    monkeypatch.setattr("urllib.request.urlopen", lambda *_a, **_o: Moved(b"data"))
    assert failure("https://mirror.example/trixie") == "it leads to http://other.example/trixie"
    assert read_data("http://mirror.example/trixie", silent) == b"data"


def void(_value: object) -> None:
    """A statement where only an expression fits."""
