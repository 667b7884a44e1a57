"""The submit file of one ``run``: plain HTCondor, made of what the user named.

Follows the manual page of condor_submit and "Submitting Jobs Without a Shared File System" of the
users' manual. A submission's directory on the submit node holds

- ``shared`` and ``own.N``: the inputs of all processes and of process N,
- ``out.N``: where the outputs of process N arrive, apart from all inputs,
- the wrapper that is the executable, the file that tells it what to run, the event log, and what
  the processes write to stdout and stderr.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from roost import contract
from roost.condor import wrapper
from roost.condor.resources import Request

SHARED_DIR = "shared"
OWN_DIR = "own"
_EXECUTABLE = ".roost-run"
_KEEP_CLAIM_S = 2
"""How long a slot stays ours after a job. The next of a series finds it there: 0.3 s for a run
instead of 2.4 s, since the negotiator would offer the slot again with a claim that is spent (23.9).
A job that asks for something else has to wait as long."""
_LEASE_S = 120
"""How long a lost executor is waited for before the job starts anew on another."""

_DESCRIPTION_LENGTH = 300


@dataclass(frozen=True)
class RunJob:
    """What is to be run. ``outputs`` are relative paths; ``shared`` and ``own`` tell whether there
    are inputs for all processes and for each of them."""

    argv: tuple[str, ...]
    count: int = 1
    outputs: tuple[str, ...] = ()
    request: Request = field(default_factory=Request)
    environment: Mapping[str, str] = field(default_factory=dict)
    shared: bool = False
    own: bool = False


def run_files(job: RunJob, directory: str) -> dict[str, tuple[bytes, int]]:
    """Content and mode of the files that make a run, by name in the submission's directory."""
    program = Path(wrapper.__file__).read_bytes()
    return {
        contract.SUBMISSION_FILE: (render_run_file(job, directory).encode(), 0o644),
        wrapper.JOB_FILE: (render_job_file(job).encode("ascii"), 0o644),
        _EXECUTABLE: (program, 0o755),
    }


def render_job_file(job: RunJob) -> str:
    """What the wrapper reads. Bytes that are no UTF-8 pass as escaped surrogates."""
    return json.dumps(
        {"argv": job.argv, "environment": dict(job.environment), "outputs": job.outputs}
    )


def render_run_file(job: RunJob, directory: str) -> str:
    """The submit file for a submission at ``directory``; nothing that the user wrote stands in it
    but the description."""
    inputs = [f"{directory}/{wrapper.JOB_FILE}"]
    inputs += [f"{directory}/{SHARED_DIR}/"] if job.shared else []
    inputs += [f"{directory}/{OWN_DIR}.$(Process)/"] if job.own else []
    out = f"{contract.SUBMISSION_OUT_DIR}.$(Process)"
    lines = {
        "executable": f"{directory}/{_EXECUTABLE}",
        "arguments": "$(Process) $(Cluster)",
        "description": _one_line(shlex.join(job.argv)),
        "initialdir": f"{directory}/{out}" if job.outputs else directory,
        "output": f"{directory}/stdout.$(Process)",
        "error": f"{directory}/stderr.$(Process)",
        "log": f"{directory}/{contract.SUBMISSION_LOG}",
        "stream_output": "true",
        "stream_error": "true",
        # Who streams may open any file of the account through the shadow (23.9,
        # RemoteResource::allowRemoteReadFileAccess), and all jobs have one account.
        "My.LimitDirectoryAccess": f'"{directory}"',
        "should_transfer_files": "YES",
        "transfer_input_files": ", ".join(inputs),
        # Always named: else the starter waits a second to tell new files by their time.
        "transfer_output_files": f"{wrapper.OUTPUT_DIR}/" if job.outputs else '""',
        "keep_claim_idle": str(_KEEP_CLAIM_S),
        "job_lease_duration": str(_LEASE_S),
        "notification": "never",
        **job.request.submit_commands(),
    }
    text = "".join(f"{key} = {value}\n" for key, value in lines.items())
    return f"{text}queue {job.count}\n"


def _one_line(text: str) -> str:
    """A text to show, in one line and with nothing in it that HTCondor would replace."""
    shown = " ".join(text.split()).encode("utf-8", "replace").decode()
    return re.sub(r"\$(?=\$?\w*\()", "$ ", shown)[:_DESCRIPTION_LENGTH].rstrip("\\")
