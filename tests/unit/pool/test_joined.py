"""What commands say on a host whose nodes joined the pool of another: never to make one here."""

from __future__ import annotations

import pytest

from roost.engines.fake import FakeEngine
from roost.engines.protocol import ExecResult
from roost.errors import NotFoundError
from roost.events import silent
from roost.pool.doctor.network import look_at_network
from roost.pool.nodes import get_node
from roost.pool.scale import plan_scaled
from tests.unit.pool.test_join import an_engine, healthy, run

NODE = "execute-lab7"


@pytest.fixture
def engine() -> FakeEngine:
    engine = an_engine(
        lambda one, argv: (
            ExecResult(2, b"", b"unknown command") if "network" in argv else healthy(one, argv)
        )
    )
    run(engine)
    return engine


def test_a_node_that_joined_is_started_with_its_engine(engine: FakeEngine) -> None:
    for halt, verb in ((engine.pause, "unpause"), (engine.stop, "start")):
        halt(f"lab-{NODE}")
        with pytest.raises(NotFoundError) as caught:
            get_node(engine, "lab", NODE)
        assert caught.value.hint == f"start it with `fake {verb} lab-{NODE}`"
        engine.unpause(f"lab-{NODE}")


def test_a_pool_is_scaled_on_the_host_of_its_master(engine: FakeEngine) -> None:
    with pytest.raises(NotFoundError, match="on another host") as caught:
        plan_scaled(engine, "lab", 3)
    assert caught.value.hint == "scale it there"


def test_a_node_of_another_roost_that_joined_is_not_made_anew_by_up(engine: FakeEngine) -> None:
    ((node, why),) = look_at_network(engine, "lab", silent).unmeasured
    assert node == NODE
    assert why == "it is of another Roost; remove it, and let it join again"
