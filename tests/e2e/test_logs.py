"""Logs of real pools: the story of a job, what comes, and the archive for whoever helps."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import tarfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from roost import Pool, contract
from roost.logline import EVENT, LogRecord
from roost.pool.nodes import get_pool
from roost.waiting import wait_for
from tests.e2e.conftest import READY_TIMEOUT_S, RoostCli

REASON = "held by the test of the archive"
USERS_SECRET = "a-secret-of-the-user"
HELD = f"""\
executable = /bin/sleep
arguments = 0
transfer_executable = false
environment = "DB_PASSWORD={USERS_SECRET} NAME={USERS_SECRET}"
on_exit_hold = true
on_exit_hold_reason = "{REASON}"
queue
"""
TELLERS = {EVENT, "NEGOTIATOR", "SCHEDD", "SHADOW", "STARTD", "STARTER"}


@pytest.fixture
def held_job(pool: Pool, tmp_path: Path) -> Iterator[str]:
    """A job that has run and was held then, and whose last line has arrived; its id."""
    (tmp_path / "held.sub").write_text(HELD)
    (cluster,) = pool.submit(tmp_path / "held.sub", cwd=tmp_path).clusters

    def look() -> bool | None:
        told = pool.logs("submit", daemons=[EVENT])
        return any(one.job == f"{cluster}.0" and REASON in one.message for one in told) or None

    wait_for("the line about the hold", look, timeout_s=60)
    yield f"{cluster}.0"
    pool.rm(cluster)


def test_a_job_has_one_story_on_all_nodes(roost_cli: RoostCli, pool: Pool, held_job: str) -> None:
    def story() -> list[LogRecord] | None:
        told = list(pool.logs(job=held_job))
        return told if {one.daemon for one in told} >= TELLERS else None

    told = wait_for("the lines of all daemons", story, timeout_s=20)
    assert [one.time for one in told] == sorted(one.time for one in told)
    assert {one.node.partition("-")[0] for one in told} == {"master", "submit", "execute"}
    events = [one.message for one in told if one.daemon == EVENT]
    assert ("submitted" in events[0], REASON in events[-1]) == (True, True)
    shown = roost_cli("logs", "--job", held_job).stdout.decode()
    assert REASON in shown
    assert len(shown.splitlines()) < 50, "one screen"
    lines = roost_cli("logs", "--job", held_job, "--level", "debug", "--json").stdout.splitlines()
    expected = [one.to_json() for one in told]  # the last words may have come since
    assert [one for line in lines if (one := json.loads(line)) in expected] == expected


def test_what_nobody_said_is_told_as_such(roost_cli: RoostCli) -> None:
    done = roost_cli("logs", "--job", "999999.0")
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"is about job 999999.0" in done.stderr


def test_a_reader_that_has_enough_ends_it_in_silence(pool: Pool) -> None:
    program = Path(sys.executable).with_name("roost")
    line = (
        f"{program} --engine {pool.engine.name} --pool {pool.name} logs --level debug | head -n 1"
    )
    done = subprocess.run(["bash", "-c", line], capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr, done.stdout.count(b"\n")) == (0, b"", 1)


def test_what_comes_is_shown_until_ctrl_c(pool: Pool) -> None:
    program = Path(sys.executable).with_name("roost")
    where = ["--engine", pool.engine.name, "--pool", pool.name]
    following = subprocess.Popen(
        [program, *where, "logs", "-f", "--daemon", "event", "submit"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with following:
        job = f"[{pool.run(['true']).cluster}.0]".encode()
        assert following.stdout is not None
        assert any(job in line for line in following.stdout)
        following.send_signal(signal.SIGINT)
        _, errors = following.communicate(timeout=30)
    assert (following.returncode, errors) == (130, b"")


def secrets_of(pool: Pool) -> dict[str, bytes]:
    """The real ones: the signing key, every node's token, and the keys of claims."""
    found = {
        "signing key": pool.exec("master", ["sh", "-c", f"cat {contract.KEYS_DIR}/key-*"]).stdout
    }
    for node in ("submit", "execute-1", "execute-2", "execute-3"):
        token = pool.exec(node, ["cat", contract.TOKEN_FILE]).stdout.strip()
        found[f"token of {node}"] = token
        found[f"signature of the token of {node}"] = token.rpartition(b".")[2]
    queue = f"{contract.SPOOL_DIR}/job_queue.log"
    held = pool.exec("submit", ["grep", "-a", "ClaimId ", queue], user="condor").stdout
    for number, key in enumerate(re.findall(rb'[#\]]([0-9a-f]{32,})"', held)):
        found[f"key of claim {number}"] = key
    assert "key of claim 0" in found
    assert all(len(secret) > 20 for secret in found.values())
    return found


def test_the_archive_says_why_and_gives_nothing_away(
    roost_cli: RoostCli, pool: Pool, held_job: str, tmp_path: Path
) -> None:
    done = roost_cli("export", "logs", "--output", "trouble.tar.gz", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["missing"] == {}
    with tarfile.open(tmp_path / "trouble.tar.gz") as tar:
        files = {
            member.name.partition("/")[2]: file.read()
            for member in tar
            if (file := tar.extractfile(member))
        }
    assert REASON.encode() in files["ads/submit-queue.txt"]
    assert REASON.encode() in files["logs/submit.log"]
    assert f"ClusterId = {held_job.partition('.')[0]}\n".encode() in files["ads/submit-queue.txt"]
    assert b"SLOT_TYPE_1_PARTITIONABLE" in files["config/execute-3.txt"]
    assert b'MyType = "Scheduler"' in files["ads/master-collector.txt"]
    assert b"$CondorVersion" in files["versions/master.txt"]
    assert b"Nothing: all answered." in files["README.md"]
    secrets = {**secrets_of(pool), "environment of the job": USERS_SECRET.encode()}
    leaks = [
        (path, what) for path, data in files.items() for what, one in secrets.items() if one in data
    ]
    assert leaks == []


STATE = f"{contract.STATE_DIR}/.log-forwarder.json"
EARLIER = f"{contract.STATE_DIR}/earlier.json"
KILL_FORWARDER = f"""
for process in /proc/[0-9]*; do
    if grep -qa 'forward-log[s]' $process/cmdline 2>/dev/null; then
        kill -STOP ${{process#/proc/}}
        cp {EARLIER} {STATE}
        kill -KILL ${{process#/proc/}}
    fi
done
"""
"""As if it had been killed after it told the lines of a job and before it noted that."""


class Follower:
    """Follows all nodes of a pool in a thread."""

    def __init__(self, pool: Pool) -> None:
        self.seen: list[LogRecord] = []
        self._thread = threading.Thread(target=lambda: self.seen.extend(pool.logs(follow=True)))
        self._thread.start()

    def wait_for(self, node: str, words: str, times: int = 1) -> None:
        def look() -> bool | None:
            seen = list(self.seen)
            return sum(one.node == node and words in one.message for one in seen) >= times or None

        wait_for(f"{words!r} of {node}", look, timeout_s=60)

    def end(self) -> None:
        """It ends with the pool."""
        self._thread.join(30)
        assert not self._thread.is_alive()


def test_each_line_is_seen_once_whatever_becomes_of_nodes_and_forwarders(
    new_pool: Callable[..., Pool],
) -> None:
    pool = new_pool(executors=1)
    pool.up(timeout_s=READY_TIMEOUT_S)
    follower = Follower(pool)
    follower.wait_for("execute-1", "this is execute-1")

    pool.engine.stop(f"{pool.name}-execute-1")
    pool.up(timeout_s=READY_TIMEOUT_S)
    follower.wait_for("execute-1", "this is execute-1", times=2)

    pool.engine.remove_container(f"{pool.name}-execute-1")
    new_pool(name=pool.name, executors=2).up(timeout_s=READY_TIMEOUT_S)
    follower.wait_for("execute-1", "this is execute-1", times=3)
    follower.wait_for("execute-2", "this is execute-2")

    for number in range(1, 4):
        assert pool.exec("submit", ["cp", STATE, EARLIER]).exit_code == 0
        job = pool.run(["true"]).cluster
        follower.wait_for("submit", f"Job {job}.0 terminated")
        assert pool.exec("submit", ["sh", "-c", KILL_FORWARDER]).exit_code == 0
        follower.wait_for("submit", "exited: logs (terminated by SIGKILL", times=number)

    told = {(one.node, one.position) for one in output_of(pool) if one.position}
    shown = Counter((one.node, one.position) for one in pool.logs() if one.position)
    assert set(shown.values()) == {1}
    assert told <= shown.keys()
    before = time.time() - 5
    kept = [one for one in pool.logs(until=before) if one.position]
    pool.down()
    follower.end()
    seen = Counter((one.node, one.position) for one in follower.seen if one.position)
    assert set(seen.values()) == {1}
    assert [one for one in kept if (one.node, one.position) not in seen] == []


def output_of(pool: Pool) -> list[LogRecord]:
    """All lines of the nodes as their engine has them, with the repeats."""
    records = []
    for container in get_pool(pool.engine, pool.name):
        lines = pool.engine.logs(container.name)
        found = [LogRecord.parse(line.decode().partition(" ")[2]) for line in lines]
        records += [record for record in found if record]
    placed = [(one.node, one.position) for one in records if one.position]
    assert len(set(placed)) < len(placed), "some are repeats"
    return records
