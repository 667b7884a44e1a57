"""``roost-node write-sbom``: the last thing that a build of an image does with its packages."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

from roost import contract
from roost.node.say import NodeError
from roost.node.sbom.document import render_document
from roost.node.sbom.packages import read_packages


def write_sbom(arguments: list[str]) -> int:
    """Write the file that the image's label names. Takes no arguments."""
    if arguments:
        raise NodeError(f"write-sbom takes no arguments, and was given {arguments}")
    write_document(Path("/"))
    return 0


def read_release(root: Path) -> dict[str, str]:
    """The variables of os-release(5)."""
    words = shlex.split((root / "etc/os-release").read_text(encoding="utf-8"), comments=True)
    return dict(word.split("=", 1) for word in words if "=" in word)


def write_document(root: Path) -> None:
    """Write the bill of materials of what is below ``root``."""
    file = root / contract.SBOM_FILE.lstrip("/")
    document = render_document(read_packages(root), read_release(root))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    file.chmod(0o644)
