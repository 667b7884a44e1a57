"""Commands in running containers, and what containers say."""

# ruff: noqa: D102 -- roost.engines.protocol.Engine says what each method does

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from roost.engines.api import failures
from roost.engines.api.connection import ANSWER_TIMEOUT_S, Connection, in_path
from roost.engines.api.frames import Frame, buffered, log_lines, read_frames
from roost.engines.protocol import ExecResult, ExecStream, LineStream, StreamName
from roost.errors import NotFoundError
from roost.waiting import wait_for

if TYPE_CHECKING:
    from requests import Response

_ENDED = (b"cannot exec in a stopped", b"cannot exec a container that has stopped")
"""What containerd and runc say of a container that ended after it was asked to run a command."""
_EXIT_CODE_TIMEOUT_S = 10.0
"""An engine may close the output of a command a moment before it knows the exit code."""


class CommandCalls:
    """The part of an engine that deals in commands and logs."""

    _connection: Connection

    def exec(
        self,
        name: str,
        argv: Sequence[str],
        *,
        user: str = "root",
        workdir: str | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> ExecResult:
        command = self.exec_stream(name, argv, user=user, workdir=workdir, environment=environment)
        output: dict[StreamName, list[bytes]] = {StreamName.STDOUT: [], StreamName.STDERR: []}
        try:
            for stream, data in command:
                output[stream].append(data)
            return ExecResult(
                exit_code=command.exit_code,
                stdout=b"".join(output[StreamName.STDOUT]),
                stderr=b"".join(output[StreamName.STDERR]),
            )
        finally:
            command.close()

    def exec_stream(
        self,
        name: str,
        argv: Sequence[str],
        *,
        user: str = "root",
        workdir: str | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> ExecStream:
        doing = f"running {argv[0]} in {name}"
        with self._connection.doing(doing) as client:
            exec_id = client.exec_create(
                name, list(argv), user=user, workdir=workdir, environment=dict(environment or {})
            )["Id"]
        # Without the headers that ask for an upgrade, as the SDK sends them, the output is an
        # ordinary body: no byte of it can get lost in the buffer that the status line was read
        # from.
        response = self._connection.request(
            "POST",
            f"/exec/{exec_id}/start",
            doing,
            json={"Detach": False, "Tty": False},
            stream=True,
            timeout_s=None,
        )
        return _Command(
            response,
            self._connection.url,
            doing,
            self._engine_words,
            lambda: self._exit_code(exec_id, doing),
        )

    def logs(
        self, name: str, *, follow: bool = False, tail: int | None = None, since: int | None = None
    ) -> LineStream:
        parameters: dict[str, Any] = {"stdout": 1, "stderr": 1, "timestamps": 1}
        parameters["follow"] = int(follow)
        parameters["tail"] = "all" if tail is None else tail
        if since is not None:
            parameters["since"] = since
        response = self._connection.request(
            "GET",
            f"/containers/{in_path(name)}/logs",
            f"reading the log of {name}",
            params=parameters,
            stream=True,
            timeout_s=None if follow else ANSWER_TIMEOUT_S,
        )
        return _Lines(response, self._connection.url, follow=follow)

    def _exit_code(self, exec_id: str, doing: str) -> int:
        def look() -> int | None:
            try:
                with self._connection.doing(doing) as client:
                    found = client.exec_inspect(exec_id)
            except NotFoundError:
                # Engines forget the commands of a container that has ended.
                raise failures.ended_meanwhile(doing) from None
            return None if found["Running"] else found["ExitCode"]

        return wait_for(f"{doing}: its exit code", look, timeout_s=_EXIT_CODE_TIMEOUT_S)

    def _engine_words(self, frame: Frame) -> Frame | None:
        """Hook: the frame in which this engine says itself why a command did not start, made
        stderr's; None for noise; every other frame as it is."""
        return frame


class _Open:
    """An open response whose reader any thread can end."""

    def __init__(self, response: Response, items: Iterator[Any], url: str) -> None:
        from docker.types import CancellableStream

        self._response = response
        self._stream = CancellableStream(items, response)
        self._url = url
        self._reading = False
        self._closed = False

    def close(self) -> None:
        """Idempotent; a reader that waits for more sees the end."""
        self._closed = True
        if not self._response.raw.closed:
            # The peer may have closed it first; the SDK then looks for a socket that is gone.
            with suppress(OSError, AttributeError):
                self._stream.close()
        if not self._reading:
            self._response.close()

    def _items(self) -> Iterator[Any]:
        from urllib3.exceptions import HTTPError

        self._reading = True
        try:
            yield from self._stream
        except HTTPError as error:
            if not self._closed:
                raise failures.from_connection(error, self._url) from error
        except (AttributeError, OSError, ValueError):
            # What the layers below make of a socket that was closed under them.
            if not self._closed:
                raise
        finally:
            self._reading = False
            self._response.close()


class _Command(_Open):
    """Implements :class:`ExecStream`."""

    def __init__(
        self,
        response: Response,
        url: str,
        doing: str,
        engine_words: Callable[[Frame], Frame | None],
        ask_exit_code: Callable[[], int],
    ) -> None:
        super().__init__(response, read_frames(response.raw.read), url)
        self._doing = doing
        self._engine_words = engine_words
        self._ask_exit_code = ask_exit_code
        self._exit_code: int | None = None
        self._not_found = False

    def __iter__(self) -> Iterator[Frame]:
        for frame in self._items():
            told = self._engine_words(frame)
            if told is None:
                continue
            if told != frame:
                if any(words in told[1] for words in _ENDED):
                    raise failures.ended_meanwhile(self._doing)
                self._not_found |= b"not found" in told[1]
            yield told

    @property
    def exit_code(self) -> int:
        if self._exit_code is None:
            code = self._ask_exit_code()
            self._exit_code = 127 if code == 126 and self._not_found else code
        return self._exit_code


class _Lines(_Open):
    """Implements :class:`LineStream`."""

    def __init__(self, response: Response, url: str, *, follow: bool) -> None:
        # A frame is a line, read in two parts: a buffer halves what a long log takes. It waits until it
        # is full, so it is not for lines that are to come.
        read = response.raw.read if follow else buffered(response.raw.read)
        super().__init__(response, log_lines(read_frames(read)), url)

    def __iter__(self) -> Iterator[bytes]:
        return self._items()
