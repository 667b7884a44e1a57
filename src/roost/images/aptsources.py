"""The host's own Debian mirror, from its apt sources: what works for the host works for a build.

Reads the one-line and the deb822 format of sources.list(5). Only what is plainly Debian's own
archive is taken: third parties' archives are passed over, and so are URIs with a user name, since
the sources stay in the image.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from roost.spec.model import Suite

APT_DIR = Path("/etc/apt")

_ONE_LINE = re.compile(r"^deb\s+(?:\[(?P<options>[^]]*)\]\s+)?(?P<uri>\S+)\s+(?P<rest>\S.*)$")
_SECURITY = "debian-security"


@dataclass(frozen=True)
class Source:
    """One archive that the host uses: where it is, and the keyring that vouches for it."""

    uri: str
    components: tuple[str, ...]
    signed_by: str | None = None


@dataclass(frozen=True)
class Mirror:
    """Debian's archive as the host reaches it; ``security`` is None where the host has none."""

    main: Source
    security: Source | None = None

    def sources_list(self, suite: Suite) -> str:
        """The one-line sources of a suite, with its updates and its security fixes."""
        uri = self.main.uri
        lines = [f"deb {uri} {suite} main", f"deb {uri} {suite}-updates main"]
        if self.security:
            lines.append(f"deb {self.security.uri} {suite}-security main")
        return "".join(f"{line}\n" for line in lines)

    def keyring(self) -> str | None:
        """The file of keys that the host names for the archive."""
        return self.main.signed_by


def find_mirror(apt_dir: Path = APT_DIR) -> Mirror | None:
    """The Debian mirror among the host's sources, or None."""
    sources = [source for source in read_sources(apt_dir) if "main" in source.components]
    main = next((source for source in sources if _is_debian(source, "debian")), None)
    security = next((source for source in sources if _is_debian(source, _SECURITY)), None)
    return Mirror(main, security) if main else None


def read_sources(apt_dir: Path = APT_DIR) -> list[Source]:
    """All binary sources that are switched on, in apt's order. Unreadable files are passed over."""
    files = [apt_dir / "sources.list", *sorted((apt_dir / "sources.list.d").glob("*"))]
    sources: list[Source] = []
    for file in files:
        parse = {".list": parse_one_line, ".sources": parse_deb822}.get(file.suffix)
        try:
            text = file.read_text(encoding="utf-8") if parse else ""
        except (OSError, UnicodeDecodeError):
            continue
        if parse:
            sources += parse(text)
    return sources


def parse_one_line(text: str) -> Iterator[Source]:
    """Sources of a ``sources.list``."""
    for line in text.splitlines():
        found = _ONE_LINE.match(line.partition("#")[0].strip())
        if found:
            options = dict(
                option.split("=", 1) for option in (found["options"] or "").split() if "=" in option
            )
            _suite, *components = found["rest"].split()
            yield Source(found["uri"], tuple(components), options.get("signed-by"))


def parse_deb822(text: str) -> Iterator[Source]:
    """Sources of a ``*.sources`` file."""
    for paragraph in re.split(r"\n\s*\n", text):
        fields = _fields(paragraph.splitlines())
        if "deb" not in fields.get("types", "").split() or fields.get("enabled", "yes") == "no":
            continue
        signed_by = fields.get("signed-by", "")
        keyring = signed_by if signed_by.startswith("/") else None
        for uri in fields.get("uris", "").split():
            yield Source(uri, tuple(fields.get("components", "").split()), keyring)


def _fields(lines: Iterable[str]) -> dict[str, str]:
    """Fields of a paragraph by lower-case name, continuation lines joined, comments dropped."""
    fields: dict[str, str] = {}
    name = ""
    for line in lines:
        if line.startswith("#"):
            continue
        if line[:1].isspace() and name:
            fields[name] = f"{fields[name]} {line.strip()}".strip()
        elif ":" in line:
            name, _, value = line.partition(":")
            name = name.strip().lower()
            fields[name] = value.strip()
    return fields


def _is_debian(source: Source, archive: str) -> bool:
    """Whether the source is Debian's ``archive``: by its path, its scheme and its keyring."""
    uri = urlsplit(source.uri)
    return (
        uri.scheme in ("http", "https")
        and "@" not in uri.netloc
        and uri.path.rstrip("/").rpartition("/")[2] == archive
        and (source.signed_by is None or "debian-archive" in source.signed_by)
    )
