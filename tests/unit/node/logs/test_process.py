"""The forwarder as a process: where it writes, and how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from roost.logline import LogRecord
from roost.node.logs.state import load_state
from tests.unit.node.logs.conftest import event

# The first process of a container, and the forwarder below it, whose own output goes nowhere.
FIRST_PROCESS = """
import os, sys
from roost import contract
from roost.node.__main__ import main
from roost.node.logs import forward
contract.LOG_DIR, forward.STATE_FILE, forward._FAILURE_PAUSE_S = sys.argv[1], sys.argv[2], 0
child = os.fork()
if not child:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os._exit(main(["forward-logs"]))
print(child, flush=True)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


class Container:
    def __init__(self, directory: Path) -> None:
        self.logs = directory / "log"
        self.logs.mkdir()
        self.state = directory / "state.json"
        self.process = subprocess.Popen(
            [sys.executable, "-c", FIRST_PROCESS, str(self.logs), str(self.state)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        self.output = self.process.stdout
        self.forwarder = int(self.output.readline())

    def write(self, *lines: str) -> None:
        with (self.logs / "SchedLog").open("a") as log:
            log.write("".join(f"{line}\n" for line in lines))


@pytest.fixture
def container(tmp_path: Path) -> Container:
    return Container(tmp_path)


def test_sigterm_ends_it_after_everything_is_told(container: Container) -> None:
    container.write(event(1))
    first = LogRecord.parse(container.output.readline().rstrip("\n"))
    assert first
    assert first.message == "event 1"
    container.write(*(event(number) for number in range(2, 500)))
    os.kill(container.forwarder, signal.SIGTERM)
    rest = container.output.read().splitlines()
    assert container.process.wait() == 0
    assert len(rest) == 498
    assert load_state(container.state)["lines"] == {"SCHEDD": {"INFO": 499}}


def test_a_closed_output_ends_it_with_an_error(container: Container) -> None:
    container.output.close()
    container.write(event(1))
    assert container.process.wait() == 1
    assert not container.state.exists(), "nothing was told"
