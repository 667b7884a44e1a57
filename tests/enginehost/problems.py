"""What can be wrong with a machine that tests are to run on."""

from __future__ import annotations


class HostError(Exception):
    """The machine lacks something that only its owner can give it."""
