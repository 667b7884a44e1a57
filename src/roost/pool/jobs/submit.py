"""``submit``: an ordinary submit file, with the files it names, from a directory of the host.

The submit node's own HTCondor reads it. What it names is looked for on the host and put into a
mirror of the host's file system, where every relative path means what it means here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roost.commandline import command_line
from roost.condor.resources import Request, Slot, explain_misfit
from roost.engines.protocol import Engine
from roost.errors import JobError, RoostError, UsageError
from roost.events import Reporter, note, silent, step
from roost.pool.jobs.inputs import find_here
from roost.pool.jobs.mirror import Mirror
from roost.pool.jobs.submitnode import SubmitNode, new_submission
from roost.pool.jobs.words import in_short

_MOST_ROUNDS = 100
_MATCHING = re.compile(r"^\s*queue\b.*\bmatching\b", re.IGNORECASE | re.MULTILINE)
_QUEUE = re.compile(r"^\s*queue\b", re.IGNORECASE | re.MULTILINE)
_DAG = re.compile(r"^\s*(JOB|SUBDAG|SPLICE|PARENT)\s+\S+", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Submission:
    """What was submitted: clusters, and the number of jobs in all of them."""

    clusters: tuple[int, ...]
    jobs: int


def submit_file(
    engine: Engine, pool: str, path: Path, *, cwd: Path | None = None, report: Reporter = silent
) -> Submission:
    """Submit ``path`` as condor_submit would, run in ``cwd``.

    Raises UsageError that names every input that is missing, and JobError with HTCondor's own words
    for what it refuses; then nothing is left in the pool. That no slot can take a job, as the pool
    is now, is only told to ``report``: somebody may add one.
    """
    here = find_here(cwd)
    file = Path(os.path.normpath(here / path))
    _check_is_submit_file(file, pool)
    work = _Submit(SubmitNode(engine, pool), here, file, report)
    with step(report, "submit", str(path)):
        return work.carry_out()


def _check_is_submit_file(file: Path, pool: str) -> None:
    if file.exists() and not (file.is_file() or file.is_dir()):
        raise UsageError(
            f"the submit file {file} is a pipe or a device, and is read more than once",
            hint="write it into a file, and submit that",
        )
    text = _read(file)
    if file.suffix == ".dag" or (_DAG.search(text) and not _QUEUE.search(text)):
        raise UsageError(
            f"{file} describes a DAG, not jobs",
            hint="submit it inside the pool, with condor_submit_dag: "
            + command_line("shell submit", pool),
        )


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(f"cannot read the submit file {file}: {error.strerror}") from error


class _Submit:
    """One submission on its way to the submit node."""

    def __init__(self, node: SubmitNode, here: Path, file: Path, report: Reporter) -> None:
        self._node = node
        self._here = here
        self._file = file
        self._named = os.path.relpath(file, here)
        self._report = report
        self._submission, self._files = new_submission(here)
        self._mirror = Mirror(self._submission)

    def carry_out(self) -> Submission:
        """Ask what it needs, upload that, submit."""
        submitted = False
        try:
            needs = self._find_needs()
            self._make_directories(needs["directories"])
            self._upload_inputs(needs["inputs"], needs["here"])
            answer = self._node.ask("job-submit", self._submission, self._named)
            if "error" in answer:
                raise self._refusal(answer["error"])
            submitted = True
        finally:
            if not submitted:
                self._node.clean(self._submission, self._report)
        if answer["said"]:
            note(self._report, answer["said"])
        clusters = [cluster for cluster, _ in answer["clusters"]]
        try:
            self._tell_unmatched(clusters)
        except RoostError as error:
            # They are in the queue: an error instead of their ids would have them submitted twice.
            note(self._report, f"whether a slot can take them is not known: {error.message}")
        return Submission(tuple(clusters), sum(count for _, count in answer["clusters"]))

    def _find_needs(self) -> dict[str, Any]:
        """Have HTCondor read the submit file, with whatever other files it reads for that."""
        self._node.put([*self._files, *self._mirror.directories([self._here])])
        wanted, seen = self._file, set[Path]()
        while wanted not in seen and wanted.is_file() and len(seen) < _MOST_ROUNDS:
            seen.add(wanted)
            self._node.put(self._mirror.contents([wanted]))
            if _MATCHING.search(_read(wanted)):
                self._node.put(self._mirror.names(self._here, but=self._file))
            needs: dict[str, Any] = self._node.ask("job-inspect", self._submission, self._named)
            if not needs["error"]:
                return needs
            wanted = self._mirror.on_host(needs["wanted"]) or self._file
        raise self._refusal(needs["error"])

    def _refusal(self, words: str) -> JobError:
        """HTCondor's own words, without its empty lines."""
        lines = (line.strip() for line in words.splitlines())
        return JobError("\n".join([f"HTCondor refused {self._file}:", *filter(None, lines)]))

    def _make_directories(self, paths: Sequence[str]) -> None:
        """Where jobs start and results arrive has to be there, and below where they go back to."""
        problems, found = [], []
        for path in paths:
            directory = self._mirror.on_host(path)
            if directory is None or not directory.is_relative_to(self._here):
                problems.append(f"{directory or path} is not below {self._here}")
            elif not directory.is_dir():
                problems.append(f"there is no directory {directory}")
            else:
                found.append(directory)
        if problems:
            raise UsageError(
                f"{self._file}: results could not be written: {in_short(problems)}",
                hint="make the directory, or name another; results come back below the directory "
                "that is submitted from",
            )
        self._node.put(self._mirror.directories(found))

    def _upload_inputs(self, paths: Sequence[str], of_the_node: Sequence[str]) -> None:
        missing, sources = [], []
        for path in paths:
            source = self._mirror.on_host(path)
            if source and source.exists():
                sources.append(source)
            elif source:
                missing.append(os.path.relpath(source, self._here))
            elif path not in of_the_node:
                missing.append(f"{path} (on the submit node)")
        if missing:
            raise UsageError(
                f"{self._file} names files that are not there: {in_short(missing)}",
                hint=f"paths are relative to {self._here}; absolute ones are the submit node's",
            )
        self._node.put(self._mirror.contents(sources))

    def _tell_unmatched(self, clusters: Sequence[int]) -> None:
        answer = self._node.ask("job-match", *map(str, clusters), root=True)
        slots = [Slot(**slot) for slot in answer["slots"]]
        for job in answer["unmatched"]:
            why = explain_misfit(
                Request(**{name: value or None for name, value in job["request"].items()}), slots
            )
            why = why or f"its requirements match none of them: {job['requirements']}"
            note(self._report, f"no slot of the pool can take job {job['job']} as it is now; {why}")
