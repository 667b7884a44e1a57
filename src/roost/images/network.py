"""What a build needs to reach the network as this host does. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

_PROXIES = ("http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy")
_LOOPBACK = ("localhost", "127.", "::1")

_APT_OPTIONS = "-o Acquire::Retries=3 -o Acquire::http::Timeout=30 -o Acquire::https::Timeout=30"
_EXPIRED = "-o Acquire::Check-Valid-Until=false"


def proxy_arguments(environment: Mapping[str, str]) -> dict[str, str]:
    """The host's proxies as build arguments, which an engine keeps out of the image's history.

    A proxy on the host's loopback is left out: a container would look for it on its own.
    """
    arguments = {}
    for name in (*_PROXIES, *(name.upper() for name in _PROXIES)):
        value = environment.get(name)
        if value and not (urlsplit(value).hostname or "").startswith(_LOOPBACK):
            arguments[name] = value
    return arguments


def apt_options(*, allow_expired_release: bool) -> str:
    """Options for apt in a build: a mirror that breaks off is tried again, and not for ever."""
    return f"{_APT_OPTIONS} {_EXPIRED}" if allow_expired_release else _APT_OPTIONS
