"""The submit file of a run, whole."""

from __future__ import annotations

import json

import pytest

from roost.condor.resources import Request
from roost.condor.runfile import RunJob, render_job_file, render_run_file, run_files

PLAIN = """\
executable = /jobs/x/.roost-run
arguments = $(Process) $(Cluster)
description = sleep 1
initialdir = /jobs/x
output = /jobs/x/stdout.$(Process)
error = /jobs/x/stderr.$(Process)
log = /jobs/x/log
stream_output = true
stream_error = true
My.LimitDirectoryAccess = "/jobs/x"
should_transfer_files = YES
transfer_input_files = /jobs/x/.roost-job.json
transfer_output_files = ""
keep_claim_idle = 2
job_lease_duration = 120
notification = never
queue 1
"""

FULL = """\
executable = /jobs/x/.roost-run
arguments = $(Process) $(Cluster)
description = sh -c 'echo $ (date) $HOME'
initialdir = /jobs/x/out.$(Process)
output = /jobs/x/stdout.$(Process)
error = /jobs/x/stderr.$(Process)
log = /jobs/x/log
stream_output = true
stream_error = true
My.LimitDirectoryAccess = "/jobs/x"
should_transfer_files = YES
transfer_input_files = /jobs/x/.roost-job.json, /jobs/x/shared/, /jobs/x/own.$(Process)/
transfer_output_files = .roost-outputs/
keep_claim_idle = 2
job_lease_duration = 120
notification = never
request_cpus = 2
request_memory = 2048
queue 10
"""


def test_a_plain_command() -> None:
    assert render_run_file(RunJob(("sleep", "1")), "/jobs/x") == PLAIN


def test_everything() -> None:
    job = RunJob(
        argv=("sh", "-c", "echo $(date)\n$HOME"),
        count=10,
        outputs=("o.$(Process)",),
        request=Request(2, 2048),
        environment={"A": "b"},
        shared=True,
        own=True,
    )
    assert render_run_file(job, "/jobs/x") == FULL
    assert json.loads(render_job_file(job)) == {
        "argv": ["sh", "-c", "echo $(date)\n$HOME"],
        "environment": {"A": "b"},
        "outputs": ["o.$(Process)"],
    }


@pytest.mark.parametrize(
    ("argument", "shown"),
    [
        ("$$(x)", "'$ $ (x)'"),
        ("$ENV(HOME)", "'$ ENV(HOME)'"),
        ("$HOME", "'$HOME'"),
        ("a\nqueue 5", "'a queue 5'"),
        ("\udcff", "'?'"),
        ("x" * 1000, "x" * 298),
        ("\\", "'\\'"),
    ],
)
def test_the_description_is_one_line_in_which_nothing_is_replaced(
    argument: str, shown: str
) -> None:
    text = render_run_file(RunJob(("c", argument)), "/jobs/x")
    assert f"\ndescription = c {shown}\ninitialdir = " in text


def test_the_files_of_a_run() -> None:
    files = run_files(RunJob(("c", "\udcff")), "/jobs/x")
    assert {name: mode for name, (_, mode) in files.items()} == {
        "job.sub": 0o644,
        ".roost-job.json": 0o644,
        ".roost-run": 0o755,
    }
    assert files[".roost-run"][0].startswith(b"#!/usr/bin/python3 -IS\n")
    assert json.loads(files[".roost-job.json"][0])["argv"] == ["c", "\udcff"]
