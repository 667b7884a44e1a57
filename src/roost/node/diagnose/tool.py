"""Asking by HTCondor's own tools, which read this node's credential as its bindings (23.9.6) do not."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence


def run_tool(argv: Sequence[str], timeout_s: float) -> subprocess.CompletedProcess[str]:
    """What the tool said, as text, whatever its exit code. Raises ``subprocess.TimeoutExpired``."""
    return subprocess.run(
        argv, capture_output=True, text=True, errors="replace", timeout=timeout_s, check=False
    )
