"""Where the vulnerability data come from: the tracker, another server, a directory or a file."""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from roost.errors import RoostError, UsageError
from roost.events import Reporter, step
from roost.images.advisories.data import MOST_BYTES
from roost.spec.model import Suite
from roost.version import __version__

TRACKER = "https://security-tracker.debian.org/tracker/debsecan/release/1"

_SILENCE_S = 20.0
"""Longest that a server may say nothing."""
_DEADLINE_S = 300.0
"""Longest that all of it may take."""
_CHUNK = 64 * 1024


def locate(source: str, suite: Suite) -> str:
    """The address or path of the release's data: as debsecan does, the release is the last part of it.

    A file is taken as it is, whatever its name.
    """
    if "://" in source:
        if urlsplit(source).scheme not in ("http", "https"):
            raise UsageError(
                f"--source {source}: that is no address of a web server",
                hint="an https:// or http:// address, a directory or a file",
            )
        return f"{source.rstrip('/')}/{suite}"
    path = Path(source)
    return str(path / suite if path.is_dir() else path)


def read_data(place: str, report: Reporter) -> bytes:
    """What is at a place of :func:`locate`, at most :data:`MOST_BYTES`. Raises :class:`RoostError`."""
    with step(report, "vulnerability data", place) as update:
        if "://" in place:
            return _download(place, lambda size: update(f"{place}: {size / 1e6:.1f} MB"))
        return _read_file(place)


def _read_file(path: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise RoostError(
            f"cannot read vulnerability data from {path}: {error.strerror or error}",
            hint=f"get it from {TRACKER}/ on a host that reaches it; a directory has a file for each"
            " release, named after it",
        ) from error
    _check_size(path, len(data))
    return data


def _download(url: str, tell: Callable[[int], None]) -> bytes:
    data = bytearray()
    deadline = time.monotonic() + _DEADLINE_S
    try:
        request = urllib.request.Request(url, headers={"User-Agent": f"roost/{__version__}"})  # noqa: S310
        # The scheme is checked in `locate`, and again for where a redirection led.
        with urllib.request.urlopen(request, timeout=_SILENCE_S) as response:  # noqa: S310
            if urlsplit(response.url).scheme not in ("https", urlsplit(url).scheme):
                raise _unreachable(url, f"it leads to {response.url}")
            # Not `read`, which a server that sends a byte now and then could keep for ever.
            while chunk := response.read1(_CHUNK):
                data += chunk
                _check_size(url, len(data))
                if time.monotonic() > deadline:
                    raise _unreachable(url, f"{len(data)} bytes came in {_DEADLINE_S:g} s")
                tell(len(data))
    except (OSError, HTTPException, ValueError) as error:
        raise _unreachable(url, _seen(error)) from error
    return bytes(data)


def _seen(error: Exception) -> str:
    """What a person can do something with, of the many errors of a download."""
    if isinstance(error, HTTPError):
        return f"the server answers {error.code} {error.reason}"
    if isinstance(error, URLError):
        reason = error.reason
        return _seen(reason) if isinstance(reason, Exception) else str(reason)
    if isinstance(error, TimeoutError):
        return f"no answer within {_SILENCE_S:g} s"
    strerror = error.strerror if isinstance(error, OSError) else None
    return strerror or str(error) or type(error).__name__


def _unreachable(url: str, seen: str) -> RoostError:
    return RoostError(
        f"cannot get vulnerability data from {url}: {seen}",
        hint="set https_proxy where the network needs a proxy; or get that file on a host that reaches"
        " it, and name it with --source FILE",
    )


def _check_size(place: str, size: int) -> None:
    if size > MOST_BYTES:
        raise RoostError(
            f"{place} has more than {MOST_BYTES >> 20} MiB, which is no vulnerability data",
            hint="--source names the tracker's files for debsecan",
        )
