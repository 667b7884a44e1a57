"""Asking by HTCondor's own tools, which read this node's credential as its bindings (23.9.6) do not."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence


def run_tool(
    argv: Sequence[str], timeout_s: float, *, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """What the tool said, as text, whatever its exit code; ``environment`` is beside this process's own.

    Raises ``subprocess.TimeoutExpired``.
    """
    return subprocess.run(
        argv,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=timeout_s,
        check=False,
        env={**os.environ, **(environment or {})},
    )
