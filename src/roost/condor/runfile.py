"""The submit file of one ``run``: plain HTCondor, made of what the user named.

Follows the manual page of condor_submit and "Submitting Jobs Without a Shared File System" of the
users' manual.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

from roost import contract
from roost.condor.quoting import quote_arguments, quote_environment, quote_string
from roost.condor.resources import Request

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""HTCondor gives a job no PATH, and without one only /bin and /usr/bin are searched."""
PROCESS_VARIABLE = "ROOST_PROCESS"
_KEEP_CLAIM_S = 5
"""How long a slot stays ours after a job, so that the next job of a series needs no new match."""

_LEASE_S = 60
"""How long a lost executor is waited for before the job starts anew elsewhere."""
_VACATE_S = 10
"""Between SIGTERM and SIGKILL. A starter that could not send an output waits this long, in its slot,
for a shadow that never comes (23.9)."""


@dataclass(frozen=True)
class RunJob:
    """What is to be run. Inputs and outputs are paths below the working directory, which the job
    sees in the same places; ``directory`` is the submission's on the submit node."""

    argv: tuple[str, ...]
    directory: str
    count: int = 1
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    request: Request = Request()
    environment: Mapping[str, str] = field(default_factory=dict)


def render_run_file(job: RunJob) -> str:
    """The submit file, ending in ``queue``."""
    environment = {"PATH": DEFAULT_PATH, **job.environment, PROCESS_VARIABLE: "$(Process)"}
    lines = {
        # A command that is not there ends with 127, as in a shell, instead of holding the job.
        "executable": "/usr/bin/env",
        "transfer_executable": "false",
        # As attributes: a line of a submit file has no way to write a line end.
        "My.Arguments": quote_string(quote_arguments(["--", *_command(job)])),
        "My.Environment": quote_string(quote_environment(environment)),
        f"My.{contract.AD_COMMAND}": quote_string(_harmless(shlex.join(job.argv))),
        "initialdir": f"{job.directory}/{contract.SUBMISSION_WORK_DIR}",
        "output": f"{job.directory}/stdout.$(Process)",
        "error": f"{job.directory}/stderr.$(Process)",
        "log": f"{job.directory}/{contract.SUBMISSION_LOG}",
        # Written through as the job writes. Such a job starts anew when its executor is lost, instead
        # of being found again: whoever watches it would miss a part of its output otherwise.
        "stream_output": "true",
        "stream_error": "true",
        "should_transfer_files": "YES",
        "preserve_relative_paths": "true",
        "transfer_input_files": ", ".join(job.inputs) or '""',
        # Always named: else the starter waits a second to tell new files by their time.
        "transfer_output_files": ", ".join(job.outputs) or '""',
        "keep_claim_idle": str(_KEEP_CLAIM_S),
        "job_lease_duration": str(_LEASE_S),
        "job_max_vacate_time": str(_VACATE_S),
        "notification": "never",
        **job.request.submit_commands(),
    }
    text = "".join(f"{key} = {value}\n" for key, value in lines.items())
    return f"{text}queue {job.count}\n"


def _command(job: RunJob) -> tuple[str, ...]:
    """The command, after the directories of its outputs are made: they are there on the host."""
    directories = sorted({path.rpartition("/")[0] for path in job.outputs} - {""})
    if not directories:
        return job.argv
    return ("sh", "-c", f'mkdir -p -- {shlex.join(directories)} && exec "$@"', "sh", *job.argv)


def _harmless(text: str) -> str:
    """A text to show, in which nothing is replaced: a space parts ``$`` from what could be a name."""
    return re.sub(r"\$(?=[A-Za-z$(])", "$ ", text)
