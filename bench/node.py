"""What Roost's own programs cost on an idle node: processor and memory, as the host sees them."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from roost import Pool
from roost.engines.protocol import Container, Engine
from roost.pool.logs.query import node_of
from roost.pool.nodes import get_pool

_NAME = f"roost-bench-{os.getpid()}"
_CHECK = ["/usr/bin/python3", "-I", "-S", "/usr/lib/roost/roost/node/health/check.py"]
"""The images' HEALTHCHECK."""
_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_CHECKS = 20


@dataclass(frozen=True)
class Usage:
    """Of one program on one node. ``cpu`` is a share of one core, ``pss_mb`` its share of memory."""

    node: str
    program: str
    cpu: float
    pss_mb: float


@dataclass(frozen=True)
class CheckCost:
    """CPU seconds of one HEALTHCHECK in the node, and the time that the engine takes for it."""

    cpu_s: float
    whole_s: float


def measure_idle_nodes(
    engine_name: str | None, seconds: float, tell: Callable[[str], None]
) -> tuple[list[Usage], CheckCost]:
    """A pool with one executor, left alone. Has to run as root on the engine's host."""
    with Pool(_NAME, executors=1, engine=engine_name) as pool:
        tell("waiting until the pool has settled")
        time.sleep(30)
        nodes = list(_programs(pool.engine))
        before = {pid: _cpu_s(pid) for _node, _program, pid in nodes}
        tell(f"measuring for {seconds:g} s")
        time.sleep(seconds)
        usage = [
            Usage(node, program, (_cpu_s(pid) - before[pid]) / seconds, _pss_mb(pid))
            for node, program, pid in nodes
        ]
        return usage, _check_cost(pool.engine)


def _programs(engine: Engine) -> Iterator[tuple[str, str, int]]:
    """Node, program and process id on the host, of all that runs ``roost-node``."""
    parents = dict(_parents())
    for container in get_pool(engine, _NAME):
        first = int(engine.inspect(container.name)["State"]["Pid"])
        for pid in (pid for pid in parents if _descends(pid, first, parents)):
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            if any(word.endswith(b"/roost-node") for word in words):
                yield node_of(container), _program(pid, first, words), pid


def _program(pid: int, first: int, words: list[bytes]) -> str:
    if pid == first:
        return "supervisord"
    name = words[-2].decode()
    owner = Path(f"/proc/{pid}").stat().st_uid
    return name if owner == 0 else f"{name}, over HTTP"


def _parents() -> Iterator[tuple[int, int]]:
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = status.read_text()
        except OSError:
            continue  # it ended while we looked
        yield int(status.parent.name), int(text.rpartition(")")[2].split()[1])


def _descends(pid: int, ancestor: int, parents: dict[int, int]) -> bool:
    while pid and pid != ancestor:
        pid = parents.get(pid, 0)
    return pid == ancestor


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * _TICK_S


def _pss_mb(pid: int) -> float:
    found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)
    return int(found[1]) / 1024 if found else 0.0


def _check_cost(engine: Engine) -> CheckCost:
    program = (
        "import resource, subprocess\n"
        f"for _ in range({_CHECKS}): subprocess.run({_CHECK!r}, capture_output=True)\n"
        "spent = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        f"print((spent.ru_utime + spent.ru_stime) / {_CHECKS})\n"
    )
    container = _any_node(engine)
    cpu_s = float(engine.exec(container.name, ["python3", "-c", program]).stdout)
    started = time.perf_counter()
    for _ in range(_CHECKS):
        engine.exec(container.name, _CHECK)
    return CheckCost(cpu_s, (time.perf_counter() - started) / _CHECKS)


def _any_node(engine: Engine) -> Container:
    return get_pool(engine, _NAME)[0]
