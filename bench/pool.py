"""Fresh pools, and the same number of containers that only sleep."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from roost import Pool, contract
from roost.engines.detect import open_engine
from roost.engines.protocol import ContainerSpec, Engine

_LABELS = {"roost.bench": str(os.getpid())}
_NAME = f"roost-bench-{os.getpid()}"


MANY_JOBS = 48


@dataclass(frozen=True)
class Round:
    """Seconds of one round."""

    floor_s: float
    up_s: float
    first_job_s: float
    second_job_s: float
    many_jobs_s: float
    down_s: float


def time_fresh_pools(
    engine_name: str | None, suite: str, rounds: int, executors: int, tell: Callable[[str], None]
) -> list[Round]:
    """Measure ``rounds`` pools one after another, each beside its floor."""
    engine = open_engine(engine_name, os.environ)
    pool = Pool(_NAME, executors=executors, suite=suite, engine=engine)
    tell("images")
    pool.plan()
    image = _plain_image(engine)
    measured = []
    try:
        for number in range(rounds):
            tell(f"round {number + 1} of {rounds}")
            measured.append(_round(engine, pool, image, executors + 2))
    finally:
        pool.down()
        engine.close()
    return measured


def _plain_image(engine: Engine) -> str:
    """The stage of the pool's images that has no program of ours to start."""
    images = engine.list_images({contract.LABEL_SUITE: None})
    tags = (tag for image in images for tag in image.tags)
    return next(tag for tag in tags if tag.rpartition("/")[2].startswith("roost-htcondor:"))


def _round(engine: Engine, pool: Pool, image: str, containers: int) -> Round:
    floor_s = _timed(lambda: _start_sleepers(engine, image, containers))
    _remove_sleepers(engine)
    up_s = _timed(pool.up)
    first_job_s = _timed(lambda: pool.run(["true"]))
    second_job_s = _timed(lambda: pool.run(["true"]))
    many_jobs_s = _timed(lambda: pool.run(["true"], count=MANY_JOBS))
    return Round(floor_s, up_s, first_job_s, second_job_s, many_jobs_s, _timed(pool.down))


def _timed(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def _start_sleepers(engine: Engine, image: str, count: int) -> None:
    """A network and containers, made as a pool's are, but with nothing in them."""
    engine.ensure_network(_NAME, _LABELS)

    def start(number: int) -> None:
        name = f"{_NAME}-{number}"
        engine.ensure_volume(name, _LABELS)
        engine.ensure_container(
            ContainerSpec(
                name=name, image=image, hostname=name, network=_NAME, labels=_LABELS,
                command=("sleep", "1000"), restart=False,
            )
        )  # fmt: skip
        engine.start(name)

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(start, range(count)))


def _remove_sleepers(engine: Engine) -> None:
    with ThreadPoolExecutor(16) as threads:
        list(
            threads.map(lambda c: engine.remove_container(c.name), engine.list_containers(_LABELS))
        )
    for volume in engine.list_volumes(_LABELS):
        engine.remove_volume(volume.name)
    engine.remove_network(_NAME)
