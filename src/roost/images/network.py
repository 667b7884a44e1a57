"""What a build needs to reach the network as this host does. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

_PROXIES = ("http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy")
_LOOPBACK = ("localhost", "127.", "::1")

_APT = {"Acquire::Retries": "1", "Acquire::http::Timeout": "10", "Acquire::https::Timeout": "10"}
"""A mirror that takes connections and never answers costs two minutes; by default it is eight."""
_EXPIRED = {"Acquire::Check-Valid-Until": "false"}


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


def apt_settings(*, allow_expired_release: bool) -> dict[str, str]:
    """Settings of apt for one build: a mirror that breaks off is tried again, and not for ever."""
    return {**_APT, **_EXPIRED} if allow_expired_release else _APT


def apt_options(*, allow_expired_release: bool) -> str:
    """The same as options for apt's command line."""
    settings = apt_settings(allow_expired_release=allow_expired_release)
    return " ".join(f"-o {name}={value}" for name, value in settings.items())
