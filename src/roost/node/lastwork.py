"""What an executor still does when it is asked to stop: its running jobs may end, for a limited time."""

from __future__ import annotations

import subprocess
import time

from roost import contract
from roost.logline import Level
from roost.node.say import say


class LastWork:
    """The end of the jobs, by ``roost-node drain`` beside the node's other programs. With no grace there is
    none of it: jobs go back into the queue at once."""

    def __init__(
        self, grace_s: float, argv: tuple[str, ...] = (contract.NODE_PROGRAM, "drain")
    ) -> None:
        self._grace_s = grace_s
        self._argv = argv
        self._drain: subprocess.Popen[bytes] | None = None
        self._until = 0.0
        self._over = grace_s <= 0

    def begin(self) -> bool:
        """Whether the stop has to wait: False without a grace, and when it is asked for again."""
        if self._over or self._drain:
            self._over = True
            return False
        say(f"asked to stop: no new jobs, and those that run have {self._grace_s:.0f} s to end")
        self._until = time.monotonic() + self._grace_s
        self._drain = subprocess.Popen(
            self._argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        return True

    def is_done(self) -> bool:
        """True once, when the jobs have ended or their time has."""
        if self._over or self._drain is None:
            return False
        late = time.monotonic() > self._until
        if self._drain.poll() is None and not late:
            return False
        if late:
            self._drain.kill()
            say(
                f"jobs did not end within {self._grace_s:.0f} s: they go back into the queue",
                level=Level.WARNING,
            )
        self._over = True
        return True
