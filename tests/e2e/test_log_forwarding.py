"""Every line of every daemon reaches the node's output, though the forwarder is killed all the time.

``ROOST_TEST_LOG_JOBS`` sets how many jobs run meanwhile; ``-s`` shows the figures.
"""

from __future__ import annotations

import io
import json
import os
import re
import tarfile
import zlib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from roost import Pool, contract
from roost.engines.protocol import Engine
from roost.logline import EVENT, Level, LogRecord, Position
from roost.node.logs.files import group_logs
from roost.node.logs.state import STATE_FILE
from roost.pool.nodes import get_node
from roost.redaction import REDACTED
from roost.waiting import wait_for
from tests.e2e.conftest import READY_TIMEOUT_S, SUITE

pytestmark = pytest.mark.one_engine

JOBS = int(os.environ.get("ROOST_TEST_LOG_JOBS", "100"))
KILLS = 10
FIRST_JOB = "1.0"
OURS_PSS_MB = 60
NODES = ("master", "submit", "execute-1", "execute-2")

_LOG_KB = max(50, JOBS)
_POOL = f"""
version = 1
[htcondor.submit]
config = '''
MAX_SCHEDD_LOG = {_LOG_KB} Kb
MAX_SHADOW_LOG = {_LOG_KB} Kb
EVENT_LOG_MAX_SIZE = {_LOG_KB * 1000}
'''
"""
_HEADER = re.compile(
    rb"(?:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}|\d\d/\d\d/\d\d \d\d:\d\d:\d\d) "
    rb"(\(pid:\d+\) )?(\(D_\w+(:\d)?\) )?"
)
_BANNER = (
    b"*****", b"** ", b"Using config source", b"Using local config", b"   /", b"config Macros",
    b"CLASSAD_CACHING", b"Daemon Log is logging",
)  # fmt: skip
ADMISSION = b" PERMISSION GRANTED to "
_EACH_OF_OURS = "for p in /proc/[0-9]*; do grep -qa '{}' $p/cmdline 2>/dev/null && {}; done; true"
_KILL = _EACH_OF_OURS.format("forward-log[s]", "kill -9 ${p#/proc/}")
_MEMORY = _EACH_OF_OURS.format("roost-nod[e]", "grep ^Pss: $p/smaps_rollup")


@dataclass
class Node:
    """What a node's output and its log files are, at the end."""

    name: str
    lines: list[LogRecord]
    files: dict[str, list[bytes]]
    """The files of each log, oldest first."""
    secrets: list[str]
    pss_mb: float
    shown: list[LogRecord] = field(default_factory=list)
    """What ``roost logs`` makes of it."""
    after_stop: list[LogRecord] = field(default_factory=list)


def output_of(engine: Engine, container: str) -> list[LogRecord]:
    with closing(engine.logs(container)) as stream:
        texts = [line.decode().partition(" ")[2] for line in stream]
    records = [LogRecord.parse(text) for text in texts]
    assert None not in records, "every line has the one format"
    return [record for record in records if record]


def shell(pool: Pool, node: str, program: str, user: str = "root") -> str:
    done = pool.exec(node, ["sh", "-c", program], user=user)
    assert done.exit_code == 0, done.stderr
    return done.stdout.decode()


def lines_told(pool: Pool, node: str) -> int:
    state = json.loads(shell(pool, node, f"cat {STATE_FILE}"))
    return sum(sum(levels.values()) for levels in state["lines"].values())


def run_jobs_and_kill_forwarders(pool: Pool) -> None:
    """A job is worth some 30 lines on the submit node: the kills are spread over a third of the run."""
    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(pool.run, ["true"], count=JOBS)
        for _ in range(KILLS):
            before = {node: lines_told(pool, node) for node in ("master", "submit")}

            def go_on(before: dict[str, int] = before) -> bool | None:
                told = {node: lines_told(pool, node) - before[node] for node in before}
                return (told["master"] > 0 and (told["submit"] > JOBS or running.done())) or None

            for node in NODES:
                shell(pool, node, _KILL)
            wait_for("jobs and forwarders go on", go_on, timeout_s=120)
        assert running.result().exit_code == 0


def log_a_secret(pool: Pool, node: str) -> list[str]:
    """Have the node's credential and a claim id in a log; what of them nobody may see."""
    tokens = shell(pool, node, f"cat {contract.TOKEN_FILE} 2>/dev/null; true").split()
    claim = f"cat {contract.LOG_DIR}/.startd_claim_id.slot1 2>/dev/null; true"
    claims = shell(pool, node, claim, user="condor").split()
    for text in [*tokens, *claims, "nothing more"]:
        program = (
            "echo \"$(date +%Y-%m-%dT%H:%M:%S.000) (D_ALWAYS) logged '$1' end\" "
            f">> {contract.LOG_DIR}/ToolLog"
        )
        done = pool.exec(node, ["sh", "-c", program, "sh", text], user="condor")
        assert done.exit_code == 0, done.stderr
    return [*tokens, *(claim.rpartition("]")[2] for claim in claims)]


def log_files(engine: Engine, container: str) -> dict[str, list[bytes]]:
    archive = io.BytesIO(b"".join(engine.get_archive(container, contract.LOG_DIR)))
    with tarfile.open(fileobj=archive) as tar:
        data = {
            member.name.rpartition("/")[2]: file.read()
            for member in tar
            if (file := tar.extractfile(member))
        }
    # Of the log of why somebody was refused, only that is told, and of CollectorLog not who was let in.
    partly_told = Path(contract.SECURITY_LOG).name
    logs = group_logs(name for name in data if not name.startswith(partly_told))
    return {base: [data[n] for n in names] for base, names in logs.items()}


def id_of(base: str, data: bytes) -> str:
    line = data.partition(b"\n")[0][:256]
    header = re.search(rb"Global JobLog: ctime=\d+ id=\S+", line)
    return f"{zlib.crc32(base.encode() + (header[0] if header else line)):08x}"


def event_starts(base: str, data: bytes) -> list[int]:
    """Where the events of a file begin, but for the last, which may go on."""
    starts, offset, banner, ended = [], 0, None, True
    for line in data.splitlines(keepends=True):
        header = _HEADER.match(line)
        if base == "EventLog":
            if ended:
                starts.append(offset)
            ended = line == b"...\n"
        elif header:
            text = line[header.end() :]
            if not (banner == header[1] and text.startswith(_BANNER)):
                starts.append(offset)
                banner = header[1] if text.startswith(b"*****") else None
        offset += len(line)
    return starts[:-1]


def missing(node: Node) -> list[str]:
    told = {record.position for record in node.lines}
    return [
        f"{node.name}: {base} {data[start : start + 100]!r}"
        for base, files in node.files.items()
        for data in files
        for start in event_starts(base, data)
        if Position(id_of(base, data), start) not in told
        and not (base == "CollectorLog" and ADMISSION in data[start : start + 100])
    ]


@pytest.fixture(scope="module")
def nodes(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Node]]:
    """One pool, in which one job ran in peace, and then many while forwarders were killed.

    Its logs are so small that some rotate, and so large that nothing is rotated away.
    """
    file = tmp_path_factory.mktemp("pool") / "roost.toml"
    file.write_text(_POOL)
    name = f"rt-{os.getpid()}-901"
    pool = Pool(name, executors=2, suite=SUITE.value, engine=engine, file=file)
    try:
        pool.up(timeout_s=READY_TIMEOUT_S)
        assert pool.run(["echo", "one"]).stdout == "one\n"
        run_jobs_and_kill_forwarders(pool)
        found = {}
        for name in NODES:
            container = get_node(engine, pool.name, name).name
            secrets = log_a_secret(pool, name)
            memory = shell(pool, name, _MEMORY).split()
            pss_mb = sum(int(word) for word in memory if word.isdecimal()) / 1024
            node = Node(name, [], log_files(engine, container), secrets, pss_mb)

            def all_told(node: Node = node, container: str = container) -> bool | None:
                node.lines = output_of(engine, container)
                return not missing(node) or None

            wait_for(f"every line of {name} is told", all_told, timeout_s=30)
            found[name] = node
        for record in pool.logs():
            found[record.node].shown.append(record)
        engine.stop(container)
        node.after_stop = output_of(engine, container)
        yield found
    finally:
        pool.down()


def test_every_event_is_told(nodes: dict[str, Node]) -> None:
    assert [line for node in nodes.values() for line in missing(node)] == []
    logs = {base.partition(".")[0] for node in nodes.values() for base in node.files}
    assert {
        "MasterLog", "CollectorLog", "NegotiatorLog", "SchedLog", "ShadowLog", "StartLog",
        "StarterLog", "SharedPortLog", "EventLog",
    } <= logs  # fmt: skip


def test_every_event_is_shown_once(nodes: dict[str, Node]) -> None:
    for node in nodes.values():
        told = {record.position for record in node.lines if record.position}
        shown = Counter(record.position for record in node.shown if record.position)
        assert told <= shown.keys(), node.name
        assert set(shown.values()) == {1}, node.name


def test_logs_rotated_meanwhile(nodes: dict[str, Node]) -> None:
    submit = nodes["submit"]
    assert any(len(submit.files[base]) > 1 for base in ("SchedLog", "ShadowLog", "EventLog"))
    assert [r.message for r in submit.lines if "may be missing" in r.message] == []


def test_nothing_is_told_that_is_no_event(nodes: dict[str, Node]) -> None:
    for node in nodes.values():
        for base, files in node.files.items():
            for data in files:
                starts = event_starts(base, data)
                told = {
                    record.position.offset
                    for record in node.lines
                    if record.position and record.position.file == id_of(base, data)
                }
                assert {offset for offset in told if starts and offset < starts[-1]} <= set(starts)


def test_a_repeated_position_is_a_repeated_line(nodes: dict[str, Node]) -> None:
    for node in nodes.values():
        texts: dict[Position, set[str]] = {}
        for record in node.lines:
            if record.position:
                # Whose shadow a process is, the schedd may say after its first line: a repeat knows it.
                message = re.sub(r"^\(pid:\d+\) ", "", record.message)
                texts.setdefault(record.position, set()).add(message)
        assert [sorted(said) for said in texts.values() if len(said) > 1] == []


def test_repeats_come_from_kills_alone(nodes: dict[str, Node]) -> None:
    figures = []
    for node in nodes.values():
        counts = Counter(record.position for record in node.lines if record.position)
        repeats = counts.total() - len(counts)
        figures.append(
            f"{node.name}: {len(counts)} lines, {repeats} repeats, {len(node.shown)} shown,"
            f" ours {node.pss_mb:.1f} MB PSS"
        )
        assert max(counts.values()) <= KILLS + 1, "once, and once more for each restart at most"
    print(f"\n{JOBS} jobs, {KILLS} kills: " + "; ".join(figures))


def test_what_is_ours_stays_small(nodes: dict[str, Node]) -> None:
    assert {node.name: node.pss_mb for node in nodes.values() if node.pss_mb > OURS_PSS_MB} == {}
    assert all(node.pss_mb > 10 for node in nodes.values()), "it was measured"


def test_a_stop_is_told_to_its_end(nodes: dict[str, Node]) -> None:
    node = nodes[NODES[-1]]
    last = [(record.daemon, record.message) for record in node.after_stop[len(node.lines) :]]
    for daemon in ("STARTD", "MASTER"):
        assert any(d == daemon and "EXITING WITH STATUS 0" in said for d, said in last), daemon


def test_the_story_of_a_job(nodes: dict[str, Node]) -> None:
    """Through all daemons, in order, with job and slot where they belong, on one screen."""
    told = {(r.node, r.position): r for node in nodes.values() for r in node.lines}
    story = sorted((r for r in told.values() if r.job == FIRST_JOB), key=lambda r: r.time)
    by = {record.daemon: record.node for record in story}
    where = by["STARTER"]
    assert where.startswith("execute-")
    assert by == {
        "NEGOTIATOR": "master", "SCHEDD": "submit", "SHADOW": "submit", EVENT: "submit",
        "STARTD": where, "STARTER": where,
    }  # fmt: skip
    assert any(record.daemon == "COLLECTOR" for record in nodes["master"].lines)
    slots = {record.slot for record in story if record.daemon in ("STARTD", "STARTER")}
    assert "slot1_1" in slots
    assert slots <= {"slot1_1", None}
    screen = [record for record in story if record.level is not Level.DEBUG]
    assert 15 <= len(screen) <= 50
    steps = iter(record.message for record in screen)
    for step in (
        "Job submitted from host", f"Matched {FIRST_JOB}", "Started shadow for job",
        "Remote job ID is", "Starting a VANILLA universe job", "About to exec", "Job terminated.",
    ):  # fmt: skip
        assert any(step in message for message in steps), step


def test_the_first_line_of_a_starter_knows_its_job(nodes: dict[str, Node]) -> None:
    starts = [
        record.job
        for node in nodes.values()
        for record in node.lines
        if record.daemon == "STARTER" and "(CONDOR_STARTER) STARTING UP" in record.message
    ]
    assert len(starts) > JOBS / 2
    assert None not in starts


def test_no_secret_is_told(nodes: dict[str, Node]) -> None:
    for node in nodes.values():
        text = "\n".join(record.message for record in node.lines)
        assert [secret[:4] for secret in node.secrets if secret in text] == []
        assert text.count("logged ") >= len(node.secrets)
    executor = nodes["execute-1"]
    assert len(executor.secrets) == 2, "a token and a claim"
    assert any(f"logged '{REDACTED}' end" in record.message for record in executor.lines)
