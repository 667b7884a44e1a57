"""Whole outputs, kept as files: a change of what Roost renders shows as a change of a file."""

from __future__ import annotations

import os
from pathlib import Path

HERE = Path(__file__).parent


def assert_golden(name: str, rendered: str) -> None:
    """``rendered`` must be what ``expected/<name>`` holds; ``UPDATE_GOLDEN=1`` writes it."""
    path = HERE / "expected" / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(rendered, encoding="utf-8")
    assert path.is_file(), f"no {path}: write it with `make golden`, then read it"
    expected = path.read_text(encoding="utf-8")
    assert rendered == expected, f"{path} differs: `make golden` writes it anew, then read the diff"
