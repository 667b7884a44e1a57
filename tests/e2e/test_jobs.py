"""Commands as jobs, on real daemons."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from roost import Pool, contract
from roost.condor.runfile import RunJob, render_run_file
from roost.engines.protocol import StreamName
from roost.errors import JobError, JobRemovedError, RoostError, UsageError
from roost.pool.jobs.upload import owned
from roost.pool.nodes import get_node
from roost.waiting import wait_for
from tests.e2e.conftest import READY_TIMEOUT_S

STRANGE = "echo $(date) $$ $HOME \"x\" 'y'\nnext\tü \\n $$(x) $ENV(HOME) \x01\udcff\r # end "


def submissions(pool: Pool) -> list[str]:
    """What is left of submissions on the submit node."""
    node = get_node(pool.engine, pool.name, "submit").name
    argv = ["ls", contract.JOBS_DIR]
    return pool.engine.exec(node, argv, user=contract.JOB_OWNER).stdout.decode().split()


@pytest.fixture(autouse=True)
def nothing_is_left(pool: Pool) -> Iterator[None]:
    """Whatever a run did, it leaves no directory and no job behind."""
    before = submissions(pool)
    yield
    assert submissions(pool) == before
    assert [job.id for job in pool.jobs() if job.state not in ("completed", "removed")] == []


def test_a_result(pool: Pool) -> None:
    result = pool.run(["python3", "-c", "print(6*7)"])
    assert (result.stdout, result.stderr, result.exit_code) == ("42\n", "", 0)
    assert result.processes[0].host.startswith("slot1_1@execute-")


@pytest.mark.parametrize(
    ("program", "code"),
    [("echo e >&2; exit 7", 7), ("kill -9 $$", 137), ("kill -TERM $$", 143), ("exec nope", 127)],
)
def test_the_exit_code_is_the_commands(pool: Pool, program: str, code: int) -> None:
    assert pool.run(["sh", "-c", program]).exit_code == code


def test_a_command_that_the_executor_does_not_have(pool: Pool) -> None:
    result = pool.run(["no-such-command"])
    assert (result.exit_code, result.stderr) == (127, "roost: no-such-command: command not found\n")


def test_arguments_and_environment_arrive_byte_for_byte(pool: Pool) -> None:
    result = pool.run(["sh", "-c", 'printf %s "$1" "$A"', "sh", STRANGE], env={"A": STRANGE})
    assert result.processes[0].stdout == (STRANGE * 2).encode(errors="surrogateescape")


def test_output_comes_while_the_job_runs(pool: Pool) -> None:
    """The job goes on only when its first words have arrived here."""
    seen: list[tuple[StreamName, bytes]] = []
    node: list[str] = []

    def take(stream: StreamName, _process: int, data: bytes) -> None:
        seen.append((stream, data))
        if data.startswith(b"/"):
            path = data.decode().strip()
            executor = next(job.host for job in pool.jobs() if job.state == "running")
            assert executor
            node.append(executor.partition("@")[2].partition(".")[0])
            pool.exec(node[0], ["touch", f"{path}/go"])

    program = "pwd; until [ -e go ]; do sleep 0.05; done; echo went >&2"
    pool.run(["sh", "-c", program], on_output=take)
    assert seen[0][0] is StreamName.STDOUT
    assert seen[-1] == (StreamName.STDERR, b"went\n")


@pytest.mark.parametrize("lines", [1000, 20_000, 200_000])
def test_no_output_is_lost_at_the_end(pool: Pool, lines: int) -> None:
    output = pool.run(["seq", str(lines)]).stdout
    assert output == "".join(f"{number}\n" for number in range(1, lines + 1))


def test_files_there_and_back(pool: Pool, tmp_path: Path) -> None:
    (tmp_path / "data" / "deep").mkdir(parents=True)
    (tmp_path / "data" / "deep" / "x").write_text("x\n")
    (tmp_path / "tool.sh").write_text('#!/bin/sh\necho "$0 $1" > "res/a, b"\n' + MAKE_TREE)
    (tmp_path / "tool.sh").chmod(0o755)
    (tmp_path / "res").mkdir()
    result = pool.run(
        ["./tool.sh", "y z"], inputs=["data"], outputs=["res/a, b", "tree"], cwd=tmp_path
    )
    assert result.exit_code == 0
    assert result.outputs == (tmp_path / "res/a, b", tmp_path / "tree")
    assert (tmp_path / "res" / "a, b").read_text() == "./tool.sh y z\n"
    assert (tmp_path / "tree" / "sub" / "x").read_text() == "x\n"
    assert (tmp_path / "tree" / "run").stat().st_mode & 0o111
    assert (tmp_path / "tree" / "empty").is_dir()


MAKE_TREE = """
mkdir -p tree/sub tree/empty
cp data/deep/x tree/sub
echo > tree/run
chmod 755 tree/run
"""


def test_processes_have_files_of_their_own(pool: Pool, tmp_path: Path) -> None:
    for number in range(4):
        (tmp_path / f"in.{number}").write_text(f"{number * number}")
    program = 'ls in.*; cat in.$1 > out.$1; [ "$1" = "$ROOST_PROCESS" ]; exit $1'
    result = pool.run(
        ["sh", "-c", program, "sh", "$(Process)"],
        count=4,
        inputs=["in.$(Process)"],
        outputs=["out.$(Process)"],
        cwd=tmp_path,
    )
    assert [one.exit_code for one in result.processes] == [0, 1, 2, 3]
    assert result.stdout == "in.0\nin.1\nin.2\nin.3\n"
    assert [(tmp_path / f"out.{n}").read_text() for n in range(4)] == ["0", "1", "4", "9"]


@pytest.mark.one_engine
def test_two_hundred_jobs_and_every_result_right(pool: Pool, tmp_path: Path) -> None:
    count = 200
    for number in range(count):
        (tmp_path / f"in.{number}").write_text(f"{number * 7}\n" * 100)
    result = pool.run(
        ["sh", "-c", "sort -u in.$(Process) > out.$(Process); echo $(Process)"],
        count=count,
        inputs=["in.$(Process)"],
        outputs=["out.$(Process)"],
        cwd=tmp_path,
    )
    results = [(tmp_path / f"out.{number}").read_text() for number in range(count)]
    assert results == [f"{number * 7}\n" for number in range(count)]
    assert result.stdout == "".join(f"{number}\n" for number in range(count))
    assert len({one.host for one in result.processes}) == 3


def test_an_output_that_was_not_made(pool: Pool, tmp_path: Path) -> None:
    with pytest.raises(JobError, match="ended with 0 and did not make nope"):
        pool.run(["sh", "-c", "echo > made"], outputs=["made", "nope"], cwd=tmp_path)
    assert (tmp_path / "made").exists()
    result = pool.run(["sh", "-c", "echo > made; exit 3"], outputs=["made", "nope"], cwd=tmp_path)
    assert (result.exit_code, result.outputs) == (3, (tmp_path / "made",))


def test_results_that_cannot_be_written_can_be_fetched(pool: Pool, tmp_path: Path) -> None:
    def get_in_the_way(_stream: StreamName, _process: int, _data: bytes) -> None:
        (tmp_path / "results").write_text("in the way")

    make = "echo on the way; mkdir -p results/deep; echo made > results/deep/it"
    with pytest.raises(RoostError, match="cannot write below") as caught:
        pool.run(["sh", "-c", make], outputs=["results"], cwd=tmp_path, on_output=get_in_the_way)
    found = re.search(r"roost fetch (\d+)", str(caught.value.hint))
    assert found
    (tmp_path / "results").unlink()
    assert pool.rm(found[1]).kept == {found[1]: ("results/deep/it",)}
    assert pool.fetch(found[1]).files == (tmp_path / "results/deep/it",)
    assert (tmp_path / "results/deep/it").read_text() == "made\n"
    assert pool.rm(found[1]).kept == {}


def test_more_than_any_slot_has_is_refused_at_once(pool: Pool) -> None:
    began = time.monotonic()
    for asked in ({"cpus": 100}, {"memory": "900GB"}, {"disk": "9000TB"}):
        with pytest.raises(UsageError, match=r"no slot of the pool .*; the biggest, slot1@"):
            pool.run(["true"], **asked)
    assert time.monotonic() - began < 30


def test_a_job_gets_what_it_asks_for(pool: Pool) -> None:
    program = "grep -E '^(Cpus|Memory) ' .machine.ad"
    result = pool.run(["sh", "-c", program], cpus=1, memory="256MB")
    assert result.stdout == "Cpus = 1\nMemory = 256\n"


def test_a_job_that_somebody_removes(pool: Pool) -> None:
    def remove(_stream: StreamName, _process: int, _data: bytes) -> None:
        (job,) = [job for job in pool.jobs() if job.state == "running"]
        pool.rm(job.id)

    with pytest.raises(JobRemovedError, match="was removed"):
        pool.run(["sh", "-c", "echo here; sleep 600"], on_output=remove)


def test_interrupting_a_run_ends_its_jobs(pool: Pool) -> None:
    def interrupt(_stream: StreamName, _process: int, _data: bytes) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pool.run(["sh", "-c", "echo here; sleep 600"], count=2, on_output=interrupt)


def test_two_runs_at_once_do_not_meet(pool: Pool, tmp_path: Path) -> None:
    results: dict[int, str] = {}

    def run(number: int) -> None:
        here = tmp_path / str(number)
        here.mkdir()
        (here / "in").write_text(f"{number}")
        pool.run(["cp", "in", "out"], inputs=["in"], outputs=["out"], cwd=here)
        results[number] = (here / "out").read_text()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {0: "0", 1: "1", 2: "2"}


def test_a_job_runs_as_the_account_of_its_slot(pool: Pool) -> None:
    assert pool.run(["id", "-un"]).stdout == "slot1_1\n"


def test_what_a_job_leaves_behind_is_ended(pool: Pool) -> None:
    mark = f"86400.{os.getpid()}"
    result = pool.run(["sh", "-c", f"setsid sleep {mark} >/dev/null 2>&1 & sleep 0.2; echo left"])
    assert result.stdout == "left\n"
    node = result.processes[0].host.partition("@")[2].partition(".")[0]
    look = f"grep -lzx '[8]{mark[1:]}' /proc/[0-9]*/cmdline"  # which does not match itself
    wait_for(
        "the end of what the job left behind",
        lambda: pool.exec(node, ["sh", "-c", look]).exit_code or None,
        timeout_s=10,
    )


def test_jobs_cannot_reach_each_others_files(new_pool: Callable[..., Pool]) -> None:
    pool = new_pool(executors=1, cpus=2)
    pool.up(timeout_s=READY_TIMEOUT_S)
    program = f"""
id -un
echo $ROOST_PROCESS > secret
mkdir -m 777 -p /tmp/meet && touch /tmp/meet/$ROOST_PROCESS
until [ -e /tmp/meet/0 ] && [ -e /tmp/meet/1 ]; do sleep 0.05; done
find {contract.EXECUTE_DIR} -name secret -exec cat {{}} \\; 2>/dev/null
find {contract.EXECUTE_DIR} -path '*/dir_*' -type d -exec touch {{}}/evil \\; 2>/dev/null
touch /tmp/meet/$ROOST_PROCESS.done
until [ -e /tmp/meet/0.done ] && [ -e /tmp/meet/1.done ]; do sleep 0.05; done
find . -name evil -user $(id -u) | wc -l
find . -name evil ! -user $(id -u) | wc -l
"""
    result = pool.run(["sh", "-c", program], count=2)
    outputs = [one.stdout.decode().split() for one in result.processes]
    assert sorted(output[0] for output in outputs) == ["slot1_1", "slot1_2"]
    assert [output[1:] for output in outputs] == [["0", "1", "0"], ["1", "1", "0"]]


def test_a_run_is_kept_to_its_own_directory_on_the_submit_node(pool: Pool, tmp_path: Path) -> None:
    (tmp_path / "in").write_text("in")
    program = "cat in > out; grep -E '^(UserLog|LimitDirectoryAccess) = ' .job.ad"
    result = pool.run(["sh", "-c", program], inputs=["in"], outputs=["out"], cwd=tmp_path)
    assert (tmp_path / "out").read_text() == "in"
    ad = dict(line.split(" = ") for line in result.stdout.splitlines())
    directory = ad["LimitDirectoryAccess"].strip('"')
    assert directory.startswith(f"{contract.JOBS_DIR}/")
    assert ad["UserLog"] == f'"{directory}/{contract.SUBMISSION_LOG}"'


REACH = """
mine=$(sed -n 's,^UserLog = "\\(.*\\)/log"$,\\1,p' .job.ad)
try() { "$0" "$@" >/dev/null 2>&1 && echo "$1" || echo "no $1"; }
echo evil > evil
try fetch "$mine/log" log
try put evil "$mine/note"
try fetch "$1" stolen
try remove "$1"
"""
"""Without a put that is refused: the shadow answers that twice (CONDOR_putfile in NTreceivers.cpp), and
what the job asks next gets the wrong answer."""


@pytest.fixture
def victim(pool: Pool) -> Iterator[str]:
    """A file of another submission."""
    node, directory = get_node(pool.engine, pool.name, "submit").name, "victim"
    files = [owned(directory, None, 0o700), owned(f"{directory}/secret", b"secret")]
    pool.engine.put_files(node, contract.JOBS_DIR, files)
    yield f"{contract.JOBS_DIR}/{directory}/secret"
    pool.engine.exec(node, ["rm", "-r", f"{contract.JOBS_DIR}/{directory}"])


@pytest.mark.one_engine
@pytest.mark.parametrize("limited", [False, True])
def test_what_an_executor_asks_a_shadow_for(
    pool: Pool, victim: str, monkeypatch: pytest.MonkeyPatch, limited: bool
) -> None:
    """An executor that is somebody else's asks its job's shadow for files, as a job may with chirp."""

    def with_chirp(job: RunJob, directory: str) -> str:
        lines = render_run_file(job, directory).splitlines(keepends=True)
        kept = (line for line in lines if limited or "LimitDirectoryAccess" not in line)
        return "".join(["+WantIOProxy = true\n", *kept])

    monkeypatch.setattr("roost.condor.runfile.render_run_file", with_chirp)
    libexec = pool.exec("execute-1", ["condor_config_val", "LIBEXEC"]).stdout.decode().strip()
    chirp = f"{libexec}/condor_chirp"

    tried = pool.run(["sh", "-c", REACH, chirp, victim]).stdout.split("\n")[:-1]
    reached = ["no fetch", "no remove"] if limited else ["fetch", "remove"]
    assert tried == ["fetch", "put", *reached]
