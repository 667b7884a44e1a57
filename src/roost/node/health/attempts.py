"""Going on where the machine refuses something, as a full disk or too many processes do."""

from __future__ import annotations

from collections.abc import Callable

from roost.logline import Level
from roost.node.say import say


class Attempts:
    """Takes steps that will be taken again: what keeps one from its work is said once, and ends nothing.

    A job can fill a disk; what bounds its memory must not end with that.
    """

    def __init__(self) -> None:
        self._said: dict[str, str] = {}

    def take(self, what: str, step: Callable[[], object]) -> None:
        """One step of ``what``, which is named where it fails."""
        try:
            step()
        except OSError as error:
            if self._said.get(what) != str(error):
                say(f"{what}: {error}; it is tried again", level=Level.WARNING)
            self._said[what] = str(error)
        else:
            self._said.pop(what, None)
