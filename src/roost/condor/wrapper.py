#!/usr/bin/python3 -IS
"""What HTCondor runs for ``roost run``: the command, with three things seen to around it.

This file travels with each run and starts on the executor, on the standard library alone, as
``wrapper.py PROCESS CLUSTER``, beside a file that says what to run. It is there because:

- ``stream_output`` loses what the command wrote last (HTCondor 23.9): condor_starter reads 4 KiB at
  a time and stops when the process has ended, with up to 64 KiB still in the pipe. So this process
  ends only once the pipes are empty.
- An output that the command did not make would put the job on hold, and block its slot until
  MachineMaxVacateTime is over. So what there is of the outputs is moved into a directory that is
  always there.
- An argument with a line end cannot be written in a job's ad. So it stands in a file.
"""

# pathlib would cost each job 10 ms; and this starts processes, as a shell does
# ruff: noqa: PTH101, PTH103, PTH104, PTH105, PTH108, PTH109, PTH112, PTH113, PTH114, PTH120
# ruff: noqa: PTH123, PTH208, S606

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import re
import signal
import stat
import sys
import termios
import time
from types import FrameType
from typing import NoReturn

JOB_FILE = ".roost-job.json"
"""``{"argv": [...], "environment": {...}, "outputs": [...]}``, relative to the sandbox."""
OUTPUT_DIR = ".roost-outputs"
_DEFAULTS = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
}
"""HTCondor gives a job no PATH, and without one only /bin and /usr/bin are searched."""
_FORWARDED = (
    *(signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT),
    *(signal.SIGUSR1, signal.SIGUSR2),
)
MACRO = re.compile(r"(?<!\$)\$\((Process|Cluster)\)", re.IGNORECASE)
_DRAIN_S = 10.0
"""A process that the command left behind may write for ever."""
_CANNOT_RUN, _NOT_FOUND = 126, 127
"""A shell's exit codes for a command that may not be run, and for one that is not there."""


def expand(text: str, process: str, cluster: str) -> str:
    """Replace ``$(Process)`` and ``$(Cluster)``; a ``$`` before one keeps it as it is."""
    values = {"process": process, "cluster": cluster}
    return MACRO.sub(lambda match: values[match[1].lower()], text)


def run(argv: list[str], environment: dict[str, str]) -> int:
    """Run a command to its end and pass signals on to it. Returns what ``waitpid`` says."""
    child = os.fork()
    if child == 0:
        _become(argv, environment)

    def forward(number: int, _frame: FrameType | None) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, number)

    for number in _FORWARDED:
        signal.signal(number, forward)
    return os.waitpid(child, 0)[1]


def _become(argv: list[str], environment: dict[str, str]) -> NoReturn:
    """Never returns, whatever happens: this is a copy of the parent."""
    try:
        # Python ignores these two, and what it ignores its children would too.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        os.execvpe(argv[0], argv, environment)
    except OSError as error:
        if error.errno == errno.ENOEXEC:  # a script without a first line is the shell's
            with contextlib.suppress(OSError):
                os.execve("/bin/sh", ["sh", *argv], environment)
        missing = isinstance(error, FileNotFoundError)
        why = "command not found" if missing and "/" not in argv[0] else error.strerror
        sys.stderr.write(f"roost: {argv[0]}: {why}\n")
        sys.stderr.flush()
        os._exit(_NOT_FOUND if missing else _CANNOT_RUN)
    finally:
        os._exit(_CANNOT_RUN)


def drain(descriptors: tuple[int, ...], patience_s: float = _DRAIN_S) -> None:
    """Wait until everything written to the pipes among these was read by the other side."""
    pipes = [one for one in descriptors if stat.S_ISFIFO(os.fstat(one).st_mode)]
    deadline = time.monotonic() + patience_s
    while any(_unread(pipe) for pipe in pipes) and time.monotonic() < deadline:
        time.sleep(0.002)


def _unread(pipe: int) -> int:
    return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), sys.byteorder)


def gather(outputs: list[str]) -> None:
    """Move the outputs that are there into one directory, each to its own path below it."""
    os.makedirs(OUTPUT_DIR, exist_ok=True)
    for path in outputs:
        if os.path.lexists(path):
            make_transferable(path)
    for path in sorted(outputs):
        destination = f"{OUTPUT_DIR}/{path}"
        if os.path.lexists(path) and not os.path.lexists(destination):
            os.makedirs(os.path.dirname(destination), exist_ok=True)
            os.rename(path, destination)


def make_transferable(path: str) -> None:
    """Leave nothing in a tree that condor_starter would hold the job for, or wait for without end
    (a FIFO): what is no file, directory or link to a file is removed, and told."""
    if os.path.islink(path):
        if os.path.isfile(path):
            _put_target_in_place(path)
        else:
            _leave_out(path, "a link to a directory" if os.path.isdir(path) else "a broken link")
    elif os.path.isdir(path):
        os.chmod(path, 0o700)
        for name in os.listdir(path):
            make_transferable(f"{path}/{name}")
    elif os.path.isfile(path):
        if not os.access(path, os.R_OK):
            os.chmod(path, 0o600)
    else:
        _leave_out(path, "neither a file nor a directory")


def _put_target_in_place(link: str) -> None:
    """A copy of the file: where the link is going to be, its path may lead nowhere."""
    import shutil

    temporary = f"{link}.roost"
    try:
        shutil.copy(link, temporary)
        os.replace(temporary, link)
    except OSError as error:
        _leave_out(link, f"a link to what cannot be read ({error.strerror})")


def _leave_out(path: str, what: str) -> None:
    os.unlink(path)
    sys.stderr.write(f"roost: {path} was not brought back: it is {what}\n")
    sys.stderr.flush()


def end_as(status: int) -> NoReturn:
    """End with the command's exit code, or by its signal."""
    if os.WIFSIGNALED(status):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        number = os.WTERMSIG(status)
        with contextlib.suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def main(process: str, cluster: str) -> NoReturn:
    """Carry out the job file."""
    with open(JOB_FILE, encoding="ascii") as file:
        job = json.load(file)
    argv = [expand(one, process, cluster) for one in job["argv"]]
    outputs = [expand(one, process, cluster) for one in job["outputs"]]
    for path in outputs:
        if directory := os.path.dirname(path):  # which is there on the host
            os.makedirs(directory, exist_ok=True)
    own = {"HOME": os.getcwd(), "ROOST_PROCESS": process}
    status = run(argv, {**_DEFAULTS, **own, **os.environ, **job["environment"]})
    if outputs:
        gather(outputs)
    drain((1, 2))
    end_as(status)


if __name__ == "__main__":
    main(*sys.argv[1:])
