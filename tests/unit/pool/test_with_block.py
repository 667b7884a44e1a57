"""A pool as a context manager: what was there before the block is there after it."""

from __future__ import annotations

import pytest

from roost import Pool, contract
from roost.contract import Role
from roost.engines.fake import FakeEngine
from roost.errors import EngineError
from roost.plan import PoolPlan, plan_pool
from tests.unit.cli.fakepool import FakePool

IMAGES = {role: f"roost-{role}:1" for role in Role}


class LabPool(Pool):
    """With images that are there."""

    def plan(self) -> PoolPlan:
        return plan_pool(self.spec, IMAGES)


@pytest.fixture
def engine() -> FakeEngine:
    answers = FakePool()
    answers.engine = FakeEngine(images={image: {} for image in IMAGES.values()}, on_exec=answers)
    return answers.engine


def lab(engine: FakeEngine) -> Pool:
    return LabPool("lab", executors=1, engine=engine)


def containers(engine: FakeEngine) -> list[str]:
    return [one.name for one in engine.list_containers({contract.LABEL_POOL: "lab"})]


def volumes(engine: FakeEngine) -> list[str]:
    return [one.name for one in engine.list_volumes({contract.LABEL_POOL: "lab"})]


def test_a_pool_that_was_not_there_is_gone_after_it(engine: FakeEngine) -> None:
    with lab(engine):
        assert len(containers(engine)) == len(volumes(engine)) == 3
    assert containers(engine) == volumes(engine) == []


def test_a_pool_that_was_there_goes_on(engine: FakeEngine) -> None:
    lab(engine).up()
    with lab(engine):
        pass
    assert len(containers(engine)) == len(volumes(engine)) == 3


def test_data_that_were_kept_are_kept_again(engine: FakeEngine) -> None:
    lab(engine).up()
    kept = lab(engine).down(keep_data=True).kept_volumes
    with lab(engine):
        assert len(containers(engine)) == 3
    assert containers(engine) == []
    assert sorted(volumes(engine)) == sorted(kept)


def test_data_that_were_kept_outlive_an_up_that_fails(engine: FakeEngine) -> None:
    lab(engine).up()
    kept = lab(engine).down(keep_data=True).kept_volumes

    class Failing(LabPool):
        def plan(self) -> PoolPlan:
            raise EngineError("no image can be had")

    with pytest.raises(EngineError), Failing("lab", engine=engine):
        pass
    assert sorted(volumes(engine)) == sorted(kept)
