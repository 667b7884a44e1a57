"""The host's own settings for pip, for the builds that use it: index, proxy, certificates.

Only what a container can use is taken: an index in a directory of the host is left out. The
settings may hold a password, so they go into a stage of the build that is thrown away.
"""

from __future__ import annotations

import configparser
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

_URL_KEYS = ("index-url", "extra-index-url", "find-links")
_PLAIN_KEYS = ("trusted-host", "proxy", "timeout", "retries")
_ENVIRONMENT = {"PIP_DEFAULT_TIMEOUT": "timeout"}

CERTIFICATES = "/tmp/roost/cert.pem"  # noqa: S108  (a place inside the build)


@dataclass(frozen=True)
class PipSettings:
    """``config`` is a pip.conf for the build, ``certificates`` the content of its ``cert`` file."""

    config: str = ""
    certificates: bytes = b""


def read_host_settings(
    environment: Mapping[str, str] = os.environ, files: Iterable[Path] | None = None
) -> PipSettings:
    """The settings in force on this host: pip's files in its own order, then the environment."""
    values: dict[str, str] = {}
    for file in config_files(environment) if files is None else files:
        values.update(_read_file(file))
    values.update(_read_environment(environment))
    return render_settings(values)


def render_settings(values: Mapping[str, str]) -> PipSettings:
    """The settings that make sense inside a build, without a certificate file that is not there."""
    kept = {key: _web_urls(values[key]) for key in _URL_KEYS if key in values}
    kept |= {key: values[key] for key in _PLAIN_KEYS if key in values}
    certificates = _read_certificates(values.get("cert"))
    if certificates:
        kept["cert"] = CERTIFICATES
    lines = [f"{key} = {' '.join(value.split())}" for key, value in kept.items() if value.split()]
    return PipSettings("\n".join(["[global]", *lines, ""]) if lines else "", certificates)


def config_files(environment: Mapping[str, str]) -> list[Path]:
    """Where pip looks, the last one winning (pip's "Configuration" chapter)."""
    home = Path(environment.get("HOME", "/"))
    config_home = Path(environment.get("XDG_CONFIG_HOME") or home / ".config")
    system = (environment.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(":")
    files = [Path(directory) / "pip/pip.conf" for directory in system if directory]
    files += [Path("/etc/pip.conf"), home / ".pip/pip.conf", config_home / "pip/pip.conf"]
    files.append(Path(sys.prefix) / "pip.conf")
    if named := environment.get("PIP_CONFIG_FILE"):
        files.append(Path(named))
    return files


def _read_file(file: Path) -> dict[str, str]:
    parser = configparser.RawConfigParser()
    try:
        parser.read(file, encoding="utf-8")
    except (OSError, UnicodeDecodeError, configparser.Error):
        return {}
    values: dict[str, str] = {}
    for section in ("global", "install"):
        if parser.has_section(section):
            values |= {key.replace("_", "-"): value for key, value in parser.items(section)}
    return values


def _read_environment(environment: Mapping[str, str]) -> dict[str, str]:
    return {
        _ENVIRONMENT.get(name, name.removeprefix("PIP_").lower().replace("_", "-")): value
        for name, value in environment.items()
        if name.startswith("PIP_") and value
    }


def _web_urls(value: str) -> str:
    return " ".join(url for url in value.split() if url.startswith(("http://", "https://")))


def _read_certificates(path: str | None) -> bytes:
    try:
        return Path(path).expanduser().read_bytes() if path else b""
    except OSError:
        return b""
