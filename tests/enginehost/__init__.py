"""The engines that tests need: installs, starts and stops them, so that no test has to be skipped.

``python -m tests.enginehost run -- CMD`` runs CMD with Docker and Podman there, and stops what it
started. In a program, :func:`running` does the same as a context manager.
"""

from __future__ import annotations

from tests.enginehost.host import running
from tests.enginehost.problems import HostError

__all__ = ["HostError", "running"]
