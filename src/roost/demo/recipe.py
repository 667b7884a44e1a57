"""The demo: sources of this host, through the pool as jobs, merged and checked against the host."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from roost.contract import Role, node_of_machine
from roost.demo.figures import Comparison, Findings, compare
from roost.demo.sources import Source, find_sources, split, standard_library, write_tar
from roost.errors import JobError
from roost.events import Event, Phase, Reporter, note, silent, step
from roost.pool import Pool
from roost.pool.status import PoolStatus

_JOBS_PER_PLACE = 4
"""More than one, so that an executor which is done early takes over what is left."""
_PROGRAM = "analysis.py"
_NUMBER = "$(Process)"


@dataclass(frozen=True)
class Part:
    """One job: which executor ran it, from when to when (seconds of the epoch), and on how much."""

    process: int
    executor: str
    started: float
    ended: float
    files: int
    size: int


@dataclass(frozen=True)
class DemoResult:
    """What the demo found. ``pool_s`` is from submission to the last result; ``host_s`` is what
    the host took for the same with ``host_processors``."""

    directory: Path
    files: int
    size: int
    parts: tuple[Part, ...]
    comparison: Comparison
    pool_s: float
    host_s: float
    host_processors: int

    def to_json(self) -> dict[str, Any]:
        """The result as data for ``json.dumps``."""
        return {
            "directory": str(self.directory),
            "files": self.files,
            "bytes": self.size,
            "seconds": {"pool": self.pool_s, "host": self.host_s},
            "host_processors": self.host_processors,
            "parts": [asdict(part) for part in self.parts],
            "comparison": self.comparison.to_json(),
        }


def run_demo(pool: Pool, directory: Path | None = None, *, report: Reporter = silent) -> DemoResult:
    """Analyze the Python sources below ``directory`` (default: the standard library) on a pool that
    is up, and once more on the host.

    Raises what :meth:`roost.Pool.run` raises, and :class:`roost.errors.JobError` for a job that
    failed. Figures that differ are a result, no error.
    """
    directory = standard_library() if directory is None else directory.absolute()
    sources = find_sources(directory, lambda text: note(report, text))
    chunks = split(sources, _JOBS_PER_PLACE * _places(pool.status()))
    with TemporaryDirectory(prefix="roost-demo-") as workplace:
        here = Path(workplace)
        _prepare(here, chunks, report)
        began = time.perf_counter()
        hosts = _run_jobs(pool, here, len(chunks))
        pool_s = time.perf_counter() - began
        answers = _read(here / f"figures.{number}.json" for number in range(len(chunks)))
        began = time.perf_counter()
        checks = _check_on_host(here, len(chunks), report)
        host_s = time.perf_counter() - began
    return DemoResult(
        directory=directory,
        files=len(sources),
        size=_size(sources),
        parts=tuple(
            Part(n, hosts[n], answer["started"], answer["ended"], len(chunk), _size(chunk))
            for n, (answer, chunk) in enumerate(zip(answers, chunks, strict=True))
        ),
        comparison=compare(_merge(answers), _merge(checks)),
        pool_s=pool_s,
        host_s=host_s,
        host_processors=processors(),
    )


def _places(status: PoolStatus) -> int:
    """How many jobs can run at once. A slot between two claims is in no count of slots."""
    executors = sum(node.role is Role.EXECUTE for node in status.nodes)
    return max(executors, status.slots["total"])


def _prepare(here: Path, chunks: Sequence[Sequence[Source]], report: Reporter) -> None:
    """Put the program and one tar for each job where the jobs are submitted from."""
    files = sum(len(chunk) for chunk in chunks)
    with step(report, "split", f"{files} files into {len(chunks)} jobs"):
        program = resources.files("roost.demo") / _PROGRAM
        (here / _PROGRAM).write_bytes(program.read_bytes())
        for number, chunk in enumerate(chunks):
            write_tar(here / f"sources.{number}.tar", chunk)


def _run_jobs(pool: Pool, here: Path, count: int) -> list[str]:
    """Run one job for each tar; the executor of each, in their order."""
    result = pool.run(
        ["python3", _PROGRAM, f"sources.{_NUMBER}.tar", f"figures.{_NUMBER}.json"],
        count=count,
        inputs=[_PROGRAM, f"sources.{_NUMBER}.tar"],
        outputs=[f"figures.{_NUMBER}.json"],
        cwd=here,
    )
    for one in result.processes:
        if one.exit_code:
            said = one.stderr.decode(errors="replace").strip()
            job = f"job {result.cluster}.{one.process}"
            raise JobError(f"{job} ended with {one.exit_code} on {one.host}:\n{said}")
    return [node_of_machine(one.host.rpartition("@")[2]) for one in result.processes]


def _check_on_host(here: Path, count: int, report: Reporter) -> list[dict[str, Any]]:
    """The same program on the same tars, with this host's Python on all of its processors."""
    checks = here / "checks"
    checks.mkdir()

    def check(number: int) -> None:
        argv = [_PROGRAM, f"sources.{number}.tar", f"checks/figures.{number}.json"]
        done = subprocess.run(
            [sys.executable, "-I", *argv], cwd=here, capture_output=True, check=False
        )
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip()
            raise JobError(f"the analysis failed on this host ({done.returncode}):\n{said}")

    detail = "the same work on this host"
    with step(report, "check", detail), ThreadPoolExecutor(processors()) as threads:
        for over, done in enumerate([threads.submit(check, n) for n in range(count)]):
            report(Event(Phase.PROGRESS, "check", detail, over / count))
            done.result()
    return _read(checks / f"figures.{number}.json" for number in range(count))


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0))


def _read(paths: Iterable[Path]) -> list[dict[str, Any]]:
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths]


def _merge(answers: Iterable[dict[str, Any]]) -> Findings:
    files: dict[str, Any] = {}
    pythons: set[str] = set()
    for answer in answers:
        files |= answer["files"]
        pythons.add(answer["python"])
    return Findings(tuple(sorted(pythons)), files)


def _size(sources: Iterable[Source]) -> int:
    return sum(source.size for source in sources)
