"""supervisord as the process manager of a node, which ends with HTCondor.

``condor_master`` restarts HTCondor's daemons itself. When it dies, nothing of HTCondor may live on in
this container: a second schedd on the same spool, and jobs that run twice beside their orphaned
starters, were both seen. So supervisord does not restart it: it stops everything else and ends, and
since it is the container's first process, the kernel ends the rest.

Importing this imports supervisord, which takes a tenth of a second.
"""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar, NoReturn

from roost import contract


class _StandIn(ModuleType):
    """A module of which names are asked for, and nothing is used."""

    def __getattr__(self, name: str) -> type[Exception]:
        if name.startswith("__"):
            raise AttributeError(name)
        return Exception


# supervisor 4.2.5 imports these to find plug-ins that its configuration names, and to be controlled over
# HTTP, with a password. Our configuration has none of that, and empty ones in their place save more than half
# of the memory and of the time.
_UNUSED = (
    *("pkg_resources", "supervisor.xmlrpc", "xmlrpc", "xmlrpc.client", "http", "http.client"),
    *("hashlib", "html", "html.entities", "html.parser"),
)
# Of these it uses one function each, as it would without what they import and compile.
_STINTED = {
    "platform": {"node": lambda: os.uname().nodename},
    "tempfile": {"gettempdir": lambda: contract.RUN_DIR},
}
_stand_ins = {name: _StandIn(name) for name in (*_UNUSED, *_STINTED) if name not in sys.modules}
for _name, _functions in _STINTED.items():
    if _name in _stand_ins:
        vars(_stand_ins[_name]).update(_functions)
sys.modules.update(_stand_ins)

from supervisor import events  # noqa: E402
from supervisor.loggers import Handler, LevelsByName  # noqa: E402
from supervisor.medusa.asyncore_25 import ExitNow  # noqa: E402
from supervisor.options import ServerOptions  # noqa: E402
from supervisor.states import SupervisorStates  # noqa: E402
from supervisor.supervisord import Supervisor  # noqa: E402

for _name in _stand_ins:
    del sys.modules[_name]  # whoever else imports them gets the real ones

from roost.logline import CONSOLE, SUPERVISORD, Level  # noqa: E402
from roost.node import heldoff  # noqa: E402
from roost.node.__main__ import main  # noqa: E402
from roost.node.lastwork import LastWork  # noqa: E402
from roost.node.programs import HTCONDOR, PROGRAMS, SUPERVISOR_CONFIG  # noqa: E402
from roost.node.say import NodeError, say  # noqa: E402
from roost.node.settle import MARKER  # noqa: E402

_SIGNALS = (signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP, signal.SIGCHLD, signal.SIGUSR2)


def run_supervisord(stop_grace_s: int = 0) -> int:
    """Become supervisord, in this process, until the node stops. The container's exit code.

    When the engine asks for the stop, an executor's jobs may go on for ``stop_grace_s``.

    It is 0 when the engine asked for the stop, and 1 when ``condor_master`` ended by itself.
    """
    MARKER.unlink(missing_ok=True)
    heldoff.forget()
    options = _Options()
    supervisor = _Supervisor(options)
    supervisor.last_work = LastWork(stop_grace_s)
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
    last_work: LastWork

    def runforever(self) -> None:
        # Not earlier: run(), which calls this, forgets what has subscribed before.
        events.subscribe(events.ProcessStateExitedEvent, self._program_ended)
        events.subscribe(events.ProcessStateFatalEvent, self._program_ended)
        events.subscribe(events.ProcessLogEvent, _program_wrote)
        super().runforever()

    def handle_signal(self) -> None:
        """A request to stop waits until the jobs have ended, where they may; a second one does not."""
        mood = self.options.mood
        super().handle_signal()
        if mood != self.options.mood == SupervisorStates.SHUTDOWN and self.last_work.begin():
            self.options.mood = mood

    def tick(self, now: float | None = None) -> None:
        super().tick(now)
        if self.last_work.is_done():
            self.options.mood = SupervisorStates.SHUTDOWN

    def _program_ended(self, event: Any) -> None:
        if event.process.config.name == HTCONDOR:
            self.htcondor_died = True
            say(f"condor_master ended ({_ending(event)}): stopping this node", level=Level.ERROR)
            self.options.mood = SupervisorStates.SHUTDOWN


def _program_wrote(event: Any) -> None:
    for line in event.data.decode("utf-8", "backslashreplace").splitlines():
        say(line, daemon=CONSOLE)


def _ending(event: Any) -> str:
    status = event.process.exitstatus
    if status is None:
        return "it could not be started"
    return f"exit status {status}" if status >= 0 else "by a signal"


class _Options(ServerOptions):  # type: ignore[misc]
    """supervisord's options, with its log in the form of the node's, and programs that are forks of it."""

    _PROGRAMS: ClassVar = {tuple(program.command.split()): program for program in PROGRAMS}

    def __init__(self) -> None:
        super().__init__()
        self._began = time.monotonic()

    def make_logger(self) -> None:
        super().make_logger()
        self.logger.addHandler(_SayingHandler())

    def execve(self, filename: str, argv: list[str], env: dict[str, str]) -> None:
        """Called in the child, which has its own output already: become the program."""
        program = self._PROGRAMS[tuple(argv)]
        _forget_signals()
        time.sleep(max(0.0, self._began + program.idle_after_s - time.monotonic()))
        if program.forked:
            _become(argv, env)
        super().execve(filename, argv, env)


def _forget_signals() -> None:
    """supervisord's handlers, which only an exec would take from a child."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _become(argv: list[str], env: dict[str, str]) -> NoReturn:
    """Be one of our own programs, in this process, to its end."""
    from setproctitle import setproctitle  # 8 ms, which the first process need not wait for

    code = 1
    try:
        setproctitle(" ".join((Path(argv[0]).name, *argv[1:])))
        os.environ.clear()
        os.environ.update(env)
        code = main(argv[1:])
    except Exception:  # noqa: BLE001  (as Python itself ends a program)
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(code)


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
