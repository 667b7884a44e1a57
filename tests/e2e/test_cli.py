"""The ``roost`` command as people and scripts use it, on real engines."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from roost import Pool
from roost.waiting import wait_for
from tests.e2e.conftest import RoostCli

ROOST = Path(sys.executable).with_name("roost")


def test_status_is_json_alone(roost_cli: RoostCli, pool: Pool) -> None:
    free = {"total": 3, "claimed": 0, "unclaimed": 3}
    wait_for("every slot is free", lambda: pool.status().slots == free or None, timeout_s=60)
    done = roost_cli("status", "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, b"")
    assert (told["pool"], told["ready"]) == (pool.name, True)
    assert told["slots"] == free


def test_run_prints_what_the_job_prints_and_nothing_else(roost_cli: RoostCli) -> None:
    done = roost_cli("run", "--", "python3", "-c", "print(6*7)")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"42\n", b"")


def test_run_passes_bytes_streams_and_the_code(roost_cli: RoostCli) -> None:
    done = roost_cli("run", "--", "sh", "-c", r"printf '\000\377\r'; printf 'e\n' >&2; exit 7")
    assert (done.returncode, done.stdout, done.stderr) == (7, b"\0\xff\r", b"e\n")


def test_run_of_many_brings_a_result_from_each(roost_cli: RoostCli, tmp_path: Path) -> None:
    (tmp_path / "double.sh").write_text('echo $((2 * $1)) | tee "result.$1"\n')
    numbered = ["-i", "double.sh", "-o", "result.$(Process)", "--", "sh", "double.sh", "$(Process)"]
    done = roost_cli("run", "--count", "3", *numbered)
    assert done.returncode == 0, done.stderr
    assert sorted(done.stdout.splitlines()) == [b"0| 0", b"1| 2", b"2| 4"]
    assert [(tmp_path / f"result.{n}").read_text() for n in range(3)] == ["0\n", "2\n", "4\n"]


def test_a_submit_file_goes_all_the_way(roost_cli: RoostCli, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("hello\n")
    (tmp_path / "copy.sub").write_text(
        "executable = /bin/cp\narguments = in.txt copy.$(Process)\n"
        "transfer_input_files = in.txt\ntransfer_output_files = copy.$(Process)\n"
        "queue 2\n"
    )
    (cluster,) = json.loads(roost_cli("submit", "copy.sub", "--json").stdout)["clusters"]
    done = roost_cli("wait", str(cluster), "--json")
    assert done.returncode == 0, done.stderr
    assert [job["exit_code"] for job in json.loads(done.stdout)] == [0, 0]
    listed = json.loads(roost_cli("jobs", "--json").stdout)
    assert {f"{cluster}.0", f"{cluster}.1"} <= {job["id"] for job in listed}
    fetched = roost_cli("fetch", str(cluster), "--to", "results")
    assert fetched.returncode == 0, fetched.stderr
    assert (tmp_path / "results" / "copy.1").read_text() == "hello\n"
    assert roost_cli("rm", str(cluster)).returncode == 0


def test_a_broken_submit_file_is_told_in_the_words_of_htcondor(
    roost_cli: RoostCli, tmp_path: Path
) -> None:
    (tmp_path / "broken.sub").write_text("executable = /bin/true\nqueue nonsense from\n")
    done = roost_cli("submit", "broken.sub")
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"Error: " in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_wait_for_jobs_that_fail_fails(roost_cli: RoostCli, tmp_path: Path) -> None:
    (tmp_path / "fail.sub").write_text("executable = /bin/false\nqueue\n")
    done = roost_cli("submit", "--wait", "fail.sub")
    assert done.returncode == 1
    assert b".0 ended with 1\n" in done.stderr


def test_logs_of_all_nodes_and_of_one(roost_cli: RoostCli) -> None:
    lines = [json.loads(line) for line in roost_cli("logs", "--json").stdout.splitlines()]
    assert {line["node"] for line in lines} == {
        *("master", "submit", "execute-1", "execute-2", "execute-3"),
    }
    assert [line["time"] for line in lines] == sorted(line["time"] for line in lines)
    done = roost_cli("logs", "execute-99")
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"execute-3" in done.stderr


def test_exec_passes_input_output_and_code(roost_cli: RoostCli) -> None:
    done = roost_cli("exec", "submit", "--", "sh", "-c", "cat; echo e >&2; exit 3", input=b"in\0")
    assert (done.returncode, done.stdout, done.stderr) == (3, b"in\0", b"e\n")
    done = roost_cli("exec", "execute-1", "--", "hostname", stdin=subprocess.DEVNULL)
    assert done.stdout.endswith(b"-execute-1\n")


def test_a_shell_reads_its_commands(roost_cli: RoostCli) -> None:
    done = roost_cli("shell", input=b"id -un; pwd\n")
    assert done.stdout.startswith(b"roost\n"), done.stderr


def test_ls_and_an_unknown_node_name_what_is_there(roost_cli: RoostCli, pool: Pool) -> None:
    assert pool.name in {one["pool"] for one in json.loads(roost_cli("ls", "--json").stdout)}
    done = roost_cli("exec", "execute-99", "--", "true")
    assert done.returncode == 1
    assert b"execute-1, execute-2, execute-3, master, submit" in done.stderr


class Running:
    """A ``roost`` command that runs, on a terminal where it is asked for."""

    def __init__(self, pool: Pool, cwd: Path, *arguments: str, terminal: bool = False) -> None:
        chosen = {"ROOST_ENGINE": pool.engine.name, "ROOST_POOL": pool.name, "TERM": "xterm"}
        self.seen = b""
        self._screen: int | None = None
        theirs: int | None = None
        if terminal:
            self._screen, theirs = os.openpty()
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            [ROOST, *arguments],
            cwd=cwd,
            env=os.environ | chosen,
            stdin=theirs,
            stdout=theirs or pipe,
            stderr=theirs or pipe,
            start_new_session=True,
        )
        if theirs is not None:
            os.close(theirs)

    def read_until(self, wanted: bytes) -> None:
        """Read the terminal, or standard output, until the words are there."""
        stream = self._screen
        if stream is None:
            assert self.process.stdout is not None
            stream = self.process.stdout.fileno()
        while wanted not in self.seen:
            data = os.read(stream, 65536)
            assert data, self.seen
            self.seen += data

    def type(self, text: bytes) -> None:
        """Type on the terminal."""
        assert self._screen is not None
        os.write(self._screen, text)

    def end(self) -> int:
        """Read to the end; the exit code."""
        if self._screen is None:
            out, err = self.process.communicate(timeout=60)
            self.seen += out + err
            return self.process.returncode
        with suppress(OSError):  # how a terminal says that nobody writes to it any more
            while data := os.read(self._screen, 65536):
                self.seen += data
        os.close(self._screen)
        return self.process.wait(timeout=60)


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_leaves_no_job(
    pool: Pool, tmp_path: Path, sent: signal.Signals, code: int
) -> None:
    running = Running(pool, tmp_path, "run", "--", "sh", "-c", "echo started; sleep 600")
    running.read_until(b"started\n")
    running.process.send_signal(sent)
    assert running.end() == code
    assert running.seen.endswith(b"Interrupted: the job was removed; the pool goes on.\n")
    queue = pool.exec("submit", ["condor_q", "-allusers", "-af", "JobStatus"]).stdout.split()
    assert set(queue) <= {b"3"}  # being removed, where it is still there


def test_a_closed_pipe_ends_in_silence(pool: Pool, tmp_path: Path) -> None:
    running = Running(pool, tmp_path, "run", "--", "sh", "-c", "while echo x; do :; done")
    running.read_until(b"x\n")
    assert running.process.stdout is not None
    assert running.process.stderr is not None
    running.process.stdout.close()
    assert running.process.stderr.read() == b""
    assert running.process.wait(timeout=60) == 128 + signal.SIGPIPE


def test_progress_on_a_terminal_leaves_the_output_alone(pool: Pool, tmp_path: Path) -> None:
    running = Running(pool, tmp_path, "run", "--", "sh", "-c", "sleep 1; echo out", terminal=True)
    assert running.end() == 0
    assert b"waiting for a slot" in running.seen
    assert running.seen.split(b"\x1b[2K")[-1] == b"out\r\n"


def test_down_asks_on_a_terminal(new_pool: Callable[..., Pool], tmp_path: Path) -> None:
    pool = new_pool(executors=1)
    pool.engine.ensure_volume(f"{pool.name}-submit", {"roost.pool": pool.name})
    running = Running(pool, tmp_path, "down", terminal=True)
    running.read_until(b"Remove it? [y/N]: ")
    running.type(b"n\n")
    assert running.end() == 130
    assert b"nothing was removed" in running.seen
    running = Running(pool, tmp_path, "down", terminal=True)
    running.read_until(b"Remove it? [y/N]: ")
    running.type(b"y\n")
    assert running.end() == 0
    assert pool.engine.list_volumes({"roost.pool": pool.name}) == []


@pytest.mark.parametrize("after_s", [0.4, 1.0, 2.0])
def test_an_interrupted_up_is_mended_by_the_next(
    new_pool: Callable[..., Pool], tmp_path: Path, after_s: float
) -> None:
    pool = new_pool()
    running = Running(pool, tmp_path, "up", "-n", "1")
    time.sleep(after_s)
    running.process.send_signal(signal.SIGINT)
    if running.end():
        found = pool.engine.list_volumes({"roost.pool": pool.name})
        hint = f"`roost down --pool {pool.name}` removes it" if found else "Interrupted: "
        assert hint.encode() in running.seen
    running = Running(pool, tmp_path, "up", "-n", "1")
    assert running.end() == 0, running.seen
    assert pool.status().ready
    running = Running(pool, tmp_path, "down", "--yes")
    assert running.end() == 0, running.seen
    assert pool.engine.list_volumes({"roost.pool": pool.name}) == []


def test_two_ups_at_once_make_one_pool(new_pool: Callable[..., Pool], tmp_path: Path) -> None:
    pool = new_pool()
    both = [Running(pool, tmp_path, "up", "-n", "2") for _ in range(2)]
    assert [one.end() for one in both] == [0, 0], [one.seen for one in both]
    status = pool.status()
    assert status.ready
    assert len(status.nodes) == 4
