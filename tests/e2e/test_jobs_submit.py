"""Ordinary submit files, on real daemons."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from roost import Pool
from roost.condor.jobs import JobState
from roost.errors import JobError, JobHeldError, NotFoundError, UsageError
from roost.events import Phase, Recorder

pytestmark = pytest.mark.one_engine

SWEEP = """
# An ordinary submit file: nothing in it knows of containers.
include : common.inc
executable              = analyse.sh
arguments               = "$(name) 'two words'"
initialdir              = run$(Process)
input                   = in.txt
transfer_input_files    = ../../shared/constants.dat, tables/
output                  = logs/out
error                   = logs/err
queue name from names.txt
"""


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A directory with a submit file and everything it names, in and beside it."""
    here = tmp_path / "here"
    files = {
        "here/sweep.sub": SWEEP,
        "here/common.inc": "log = all.log\nnotification = never\n",
        "here/names.txt": "alpha\nbeta\n",
        "here/analyse.sh": "#!/bin/sh\nread line\ncat constants.dat t\necho $line $1 $2 > made\n",
        "shared/constants.dat": "c\n",
    }
    for number in (0, 1):
        files[f"here/run{number}/in.txt"] = f"in{number}\n"
        files[f"here/run{number}/tables/t"] = f"t{number}\n"
        files[f"here/run{number}/logs/.keep"] = ""
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (here / "analyse.sh").chmod(0o755)
    return here


def submit_text(pool: Pool, here: Path, text: str) -> str:
    """Submit a text; the cluster."""
    (here / "x.sub").write_text(text)
    return str(pool.submit("x.sub", cwd=here).clusters[0])


def test_an_ordinary_submit_file(pool: Pool, here: Path) -> None:
    submission = pool.submit("sweep.sub", cwd=here)
    assert submission.jobs == 2
    (cluster,) = submission.clusters
    told: list[int] = []
    jobs = pool.wait(cluster, timeout_s=60, on_progress=lambda counts: told.append(counts.done))
    assert [(job.state, job.exit_code) for job in jobs] == [(JobState.COMPLETED, 0)] * 2
    assert told[-1] == 2

    result = pool.fetch(cluster)
    assert result.directory == here
    for number, name in enumerate(("alpha", "beta")):
        run = here / f"run{number}"
        assert (run / "logs/out").read_text() == f"c\nt{number}\n"
        assert (run / "made").read_text() == f"in{number} {name} two words\n"
        assert (run / "logs/err").read_text() == ""
        assert "Job terminated" in (run / "all.log").read_text()
    assert here / "run0/in.txt" not in result.files

    assert pool.fetch(cluster).files == result.files
    assert pool.rm(cluster).kept == {}
    with pytest.raises(NotFoundError, match=f"no job {cluster}"):
        pool.fetch(cluster)


def test_results_go_where_they_are_wanted(pool: Pool, here: Path, tmp_path: Path) -> None:
    text = "executable = /bin/echo\ntransfer_executable = false\narguments = hi\noutput = o\nqueue"
    cluster = submit_text(pool, here, text)
    pool.wait(cluster, timeout_s=60)
    assert pool.rm(cluster).kept == {cluster: ("o",)}
    result = pool.fetch(f"{cluster}.0", to=tmp_path / "elsewhere")
    assert (tmp_path / "elsewhere" / "o").read_text() == "hi\n"
    assert not (here / "o").exists()
    assert result.files == (tmp_path / "elsewhere" / "o",)
    pool.rm(cluster)


def test_names_to_match_need_no_content(pool: Pool, here: Path) -> None:
    for number in range(3):
        (here / f"{number}.dat").write_text(f"{number}")
    text = "executable = /bin/cat\ntransfer_executable = false\narguments = $(f)\n"
    text += "transfer_input_files = $(f)\noutput = $(f).out\nqueue f matching files *.dat\n"
    cluster = submit_text(pool, here, text)
    pool.wait(cluster, timeout_s=60)
    pool.fetch(cluster)
    assert [(here / f"{n}.dat.out").read_text() for n in range(3)] == ["0", "1", "2"]
    pool.rm(cluster)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("executable = /bin/true\nnonsense here\nqueue\n", "on Line 2 of"),
        ("executable = /bin/true\nqueue x from none.txt\n", "can't open file none.txt"),
        ("include : none.inc\nqueue\n", "can't open file none.inc"),
        ("queue\n", "No 'executable' parameter was provided"),
    ],
)
def test_a_bad_submit_file_in_htcondors_own_words(
    pool: Pool, here: Path, text: str, words: str
) -> None:
    with pytest.raises(JobError, match=words):
        submit_text(pool, here, text)


def test_files_that_are_missing_are_all_named(pool: Pool, here: Path) -> None:
    text = "executable = none.sh\ntransfer_input_files = a.$(Process), names.txt\nqueue 2\n"
    with pytest.raises(UsageError, match=r"a\.0, a\.1, none\.sh"):
        submit_text(pool, here, text)
    with pytest.raises(UsageError, match=r"there is no directory .*here/nodir"):
        submit_text(pool, here, "executable = analyse.sh\noutput = nodir/out\nqueue\n")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("request_cpus = 100", "it asks for 100 CPUs"),
        ('requirements = Machine == "nobody"', 'Machine == "nobody"'),
    ],
)
def test_jobs_that_no_slot_can_take_are_told_at_once(
    pool: Pool, here: Path, line: str, words: str
) -> None:
    told = Recorder()
    same = Pool(pool.name, engine=pool.engine, report=told)
    text = f"executable = /bin/true\ntransfer_executable = false\n{line}\nqueue\n"
    cluster = submit_text(same, here, text)
    notes = [event.detail for event in told.events if event.phase is Phase.NOTE]
    assert len(notes) == 1
    assert words in notes[0]
    assert pool.rm(f"{cluster}.0").removed == (f"{cluster}.0",)


def test_a_job_that_is_put_on_hold(pool: Pool, here: Path) -> None:
    text = "executable = /bin/true\ntransfer_executable = false\nhold = true\nqueue\n"
    cluster = submit_text(pool, here, text)
    with pytest.raises(JobHeldError, match="put on hold: submitted on hold"):
        pool.wait(cluster, timeout_s=60)
    (job,) = [job for job in pool.jobs() if job.id == f"{cluster}.0"]
    assert (job.state, job.command, job.owner) == (JobState.HELD, "true", "roost")
    pool.rm(cluster)
    (job,) = [job for job in pool.jobs() if job.id == f"{cluster}.0"]
    assert job.state is JobState.REMOVED


@pytest.mark.parametrize("ask", [Pool.wait, Pool.fetch, Pool.rm])
def test_jobs_that_are_not_there(pool: Pool, ask: Callable[..., object]) -> None:
    with pytest.raises(NotFoundError, match="has no job 999999"):
        ask(pool, "999999")
    with pytest.raises(UsageError, match="'all' is no job"):
        ask(pool, "all")
