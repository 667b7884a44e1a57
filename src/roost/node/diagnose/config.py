"""HTCondor's configuration, as HTCondor reads it, and the operator's part in it."""

from __future__ import annotations

import difflib
import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from roost import contract
from roost.nodefacts import Config

_ASSIGNMENT = re.compile(r"\s*([A-Za-z_][\w.]*)\s*(?:=|@=(\w+)\s*$)")
_USE_SECURITY = re.compile(r"\s*use\s+security\s*:", re.IGNORECASE)
_DIGITS = re.compile(r"[0-9]+")
_NAME = re.compile(r"^([A-Za-z_][\w.]*) =", re.MULTILINE)
_TIMEOUT_S = 5.0
_NEAR = 0.9
"""How like a known name an unknown one has to be: other unknown names are the operator's own macros."""


@dataclass(frozen=True)
class Read:
    """What there is to say of the configuration; the daemons and directories that it names."""

    config: Config
    daemons: tuple[str, ...] = ()
    directories: tuple[str, ...] = ()


def read_config() -> Read:
    """The configuration as every daemon of this node would read it now."""
    own = sorted({name for text in _own_files() for name in names_set(text)})
    asked = _config_val("DAEMON_LIST", "USE_SHARED_PORT", "EXECUTE", "SPOOL", "LOG")
    if asked.returncode:
        said = " ".join((asked.stderr or asked.stdout).split())
        return Read(Config(said or "condor_config_val gave no reason", tuple(own)))
    listed, shared, *directories = asked.stdout.splitlines()
    daemons = re.findall(r"\w+", listed.upper())
    daemons += ["SHARED_PORT"] if shared.strip().lower() == "true" else []
    unknown = tuple(find_unknown(own, _known_names())) if own else ()
    config = Config("", tuple(own), unknown)
    return Read(config, tuple(dict.fromkeys(daemons)), tuple(directories))


def names_set(text: str) -> Iterator[str]:
    """Upper-case names of the settings in a configuration file, and ``USE SECURITY``."""
    end: str | None = None
    continued = False
    for line in text.splitlines():
        if end is not None:
            end = None if line.strip() == f"@{end}" else end
            continue
        if not continued and (match := _ASSIGNMENT.match(line)):
            end = match[2]
            yield match[1].upper()
        elif not continued and _USE_SECURITY.match(line):
            yield "USE SECURITY"
        continued = line.rstrip().endswith("\\") and end is None


def find_unknown(own: Iterable[str], known: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Names that HTCondor does not have and that are nearly those of one that it has."""
    for name in own:
        plain = name.rpartition(".")[2]
        near = [] if plain in known else difflib.get_close_matches(plain, known, 1, _NEAR)
        if near and _DIGITS.sub("", plain) != _DIGITS.sub("", near[0]):  # SLOT_TYPE_7 is not known
            yield name, near[0]


def _own_files() -> Iterator[str]:
    for path in sorted(Path(contract.EXTRA_CONFIG_DIR).glob("*.config")):
        try:
            yield path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue


def _known_names() -> frozenset[str]:
    """Every parameter that HTCondor has a default of."""
    dump = _config_val("-dump", environment={"CONDOR_CONFIG": "ONLY_ENV"}).stdout
    return frozenset(name.upper() for name in _NAME.findall(dump))


def _config_val(
    *arguments: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    argv = ["condor_config_val", *arguments]
    try:
        return subprocess.run(
            argv,
            capture_output=True,
            text=True,
            errors="replace",
            env=os.environ | dict(environment or {}),
            timeout=_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(argv, 1, "", f"it does not end within {_TIMEOUT_S:g} s")
