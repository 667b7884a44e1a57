"""The SDK's client of one engine, shared by all threads, and the translation of its errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from roost.engines.api import failures
from roost.errors import EngineError

if TYPE_CHECKING:
    from docker.api.client import APIClient
    from docker.tls import TLSConfig
    from requests import Response

CONNECT_TIMEOUT_S = 10.0
ANSWER_TIMEOUT_S = 60.0
"""How long an engine may think before it answers an ordinary request."""
LONG_ANSWER_TIMEOUT_S = 900.0
"""The same for requests that move an image's worth of data."""

_POOL_SIZE = 20
"""Connections kept open: somewhat more than the threads of a parallel step."""


class Connection:
    """A connection to the engine that listens at ``url``.

    The SDK's client is a ``requests.Session``. One is shared by all threads: what they share of it
    is urllib3's pool, which locks, and a cookie jar, which locks and stays empty; the contract
    tests run it from 16 threads at once. ``before_use`` is called before each use of the client.

    Raises :class:`roost.errors.EngineUnavailableError` from any request when nothing answers.
    """

    def __init__(
        self,
        url: str,
        *,
        api_version: str | None = None,
        tls: TLSConfig | None = None,
        before_use: Callable[[], None] = lambda: None,
    ) -> None:
        self.url = url
        self._api_version = api_version
        self._tls = tls
        self._before_use = before_use
        self._client: APIClient | None = None

    @contextmanager
    def doing(self, what: str, *, timeout_s: float = ANSWER_TIMEOUT_S) -> Iterator[APIClient]:
        """The client, for one step: whatever it raises comes out as an error that starts with
        ``what``.

        ``timeout_s`` is only for the message; the client's own timeout is :data:`ANSWER_TIMEOUT_S`.
        """
        from docker.errors import APIError, DockerException
        from requests.exceptions import RequestException, Timeout

        try:
            yield self._ready_client()
        except APIError as error:
            raise failures.from_response(
                error.status_code or 500, str(error.explanation or error), what
            ) from error
        except Timeout as error:
            raise failures.timed_out(self.url, what, timeout_s) from error
        except RequestException as error:
            if _ran_out_of_time(error):
                raise failures.timed_out(self.url, what, timeout_s) from error
            raise failures.from_connection(error, self.url) from error
        except DockerException as error:
            raise EngineError(f"{what}: {error}") from error

    def request(
        self,
        method: str,
        path: str,
        what: str,
        *,
        timeout_s: float | None = ANSWER_TIMEOUT_S,
        stream: bool = False,
        versioned: bool = True,
        **arguments: Any,
    ) -> Response:
        """One request that the SDK has no fitting method for; ``arguments`` are those of
        ``requests``.

        ``timeout_s`` bounds each wait for data, None waits for ever. With ``versioned`` false the
        path stands as it is, for Podman's own API. Raises as :meth:`doing` does, also for the
        status.
        """
        with self.doing(what, timeout_s=timeout_s or 0.0) as client:
            base = f"{client.base_url}/v{client.api_version}" if versioned else client.base_url
            response = client.request(
                method,
                base + path,
                timeout=(CONNECT_TIMEOUT_S, timeout_s),
                stream=stream,
                **arguments,
            )
            if response.status_code >= 400:
                raise failures.from_response(response.status_code, _said(response), what)
            return response

    def close(self) -> None:
        """Give back the connections."""
        if self._client is not None:
            self._client.close()

    def _ready_client(self) -> APIClient:
        self._before_use()
        if self._client is None:
            self._client = self._open()
        return self._client

    def _open(self) -> APIClient:
        """Opening two at once by two first callers is harmless: one of them is dropped."""
        from docker.api.client import APIClient

        client = APIClient(
            self.url,
            version=self._api_version or "auto",
            timeout=int(ANSWER_TIMEOUT_S),
            tls=self._tls or False,
            max_pool_size=_POOL_SIZE,
            use_ssh_client=True,
        )
        if self.url.startswith("unix:"):
            # Else requests reads ~/.netrc and the proxy variables before each request.
            client.trust_env = False
        return client


def in_path(name: str) -> str:
    """A name as part of a request's path."""
    return quote(name, safe="")


def _ran_out_of_time(error: Exception) -> bool:
    """Whether a body stopped coming: requests takes that for a broken connection."""
    from urllib3.exceptions import ReadTimeoutError

    return any(isinstance(cause, ReadTimeoutError) for cause in error.args)


def _said(response: Response) -> str:
    """The engine's own words in a refusal."""
    try:
        answer: Mapping[str, Any] = response.json()
        return str(answer["message"])
    except (ValueError, KeyError, TypeError):
        return response.text
    finally:
        response.close()
