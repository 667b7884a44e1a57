"""supervisord as the process manager of a node, which ends with HTCondor.

``condor_master`` restarts HTCondor's daemons itself. When it dies, nothing of HTCondor may live on in
this container: a second schedd on the same spool, and jobs that run twice beside their orphaned
starters, were both seen. So supervisord does not restart it: it stops everything else and ends, and
since it is the container's first process, the kernel ends the rest.

Importing this imports supervisord, which takes a tenth of a second.
"""

from __future__ import annotations

from typing import Any

from supervisor import events
from supervisor.loggers import Handler, LevelsByName
from supervisor.medusa.asyncore_25 import ExitNow
from supervisor.options import ServerOptions
from supervisor.states import SupervisorStates
from supervisor.supervisord import Supervisor

from roost.logline import SUPERVISORD, Level
from roost.node.programs import HTCONDOR, SUPERVISOR_CONFIG
from roost.node.say import NodeError, say
from roost.node.settle import MARKER


def run_supervisord() -> int:
    """Become supervisord, in this process, until the node stops. The container's exit code.

    It is 0 when the engine asked for the stop, and 1 when ``condor_master`` ended by itself.
    """
    MARKER.unlink(missing_ok=True)
    options = _Options()
    supervisor = _Supervisor(options)
    try:
        options.realize(["-c", SUPERVISOR_CONFIG])
        options.first, options.test = True, False  # as supervisord's own main() says them
        options.poller = _EagerPoller(options.poller)
        supervisor.main()
    except ExitNow:
        pass
    except SystemExit as ending:
        if ending.code:
            raise NodeError(f"supervisord ended with {ending.code}") from None
    options.close_logger()
    return 1 if supervisor.htcondor_died else 0


class _Supervisor(Supervisor):  # type: ignore[misc]
    """supervisord, which stops when ``condor_master`` ends."""

    htcondor_died = False

    def runforever(self) -> None:
        # Not earlier: run(), which calls this, forgets what has subscribed before.
        events.subscribe(events.ProcessStateExitedEvent, self._program_ended)
        events.subscribe(events.ProcessStateFatalEvent, self._program_ended)
        super().runforever()

    def _program_ended(self, event: Any) -> None:
        if event.process.config.name == HTCONDOR:
            self.htcondor_died = True
            say(f"condor_master ended ({_ending(event)}): stopping this node", level=Level.ERROR)
            self.options.mood = SupervisorStates.SHUTDOWN


def _ending(event: Any) -> str:
    status = event.process.exitstatus
    if status is None:
        return "it could not be started"
    return f"exit status {status}" if status >= 0 else "by a signal"


class _Options(ServerOptions):  # type: ignore[misc]
    """supervisord's options, with its log in the form of the node's."""

    def make_logger(self) -> None:
        super().make_logger()
        self.logger.addHandler(_SayingHandler())


class _SayingHandler(Handler):  # type: ignore[misc]
    level = LevelsByName.WARN

    def emit(self, record: Any) -> None:
        level = Level.WARNING if record.level == LevelsByName.WARN else Level.ERROR
        say(record.asdict()["message"], level=level, daemon=SUPERVISORD)

    def close(self) -> None:
        """Nothing to close: the node's standard output stays."""

    reopen = remove = flush = close


class _EagerPoller:
    """supervisord's own poller, whose first wait is none.

    supervisord 4.2.5 starts its programs after its first poll, which lasts a whole second when nothing
    happens: a second of every node's start.
    """

    def __init__(self, poller: Any) -> None:
        self._poller = poller
        self._first = True

    def poll(self, timeout: float) -> Any:
        timeout, self._first = (0 if self._first else timeout), False
        return self._poller.poll(timeout)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._poller, name)
