"""A port of the host that the pool file asks for, and that somebody else has."""

from __future__ import annotations

import pytest

from roost.contract import Role
from roost.engines.fake import FakeEngine
from roost.engines.protocol import ContainerState
from roost.errors import PortTakenError
from roost.events import silent
from roost.plan import plan_pool
from roost.pool.up import bring_up
from roost.spec import PoolSpec
from tests.unit.cli.fakepool import FakePool

IMAGES = {role: f"roost-{role}" for role in Role}


def test_a_taken_port_is_named_and_the_next_up_goes_on() -> None:
    nodes = FakePool()
    engine = nodes.engine = FakeEngine(
        images={image: {} for image in IMAGES.values()}, on_exec=nodes
    )

    def up(name: str, port: int) -> None:
        spec = PoolSpec(name, executors=1, metrics_publish=f"127.0.0.1:{port}")
        bring_up(engine, plan_pool(spec, IMAGES), silent, timeout_s=10)

    up("one", 9620)
    with pytest.raises(PortTakenError) as caught:
        up("two", 9620)
    assert (
        caught.value.message == "metrics.publish: port 127.0.0.1:9620 of the engine's host is taken"
    )
    assert "another port" in str(caught.value.hint)
    up("two", 9621)
    users = PoolSpec("three", executors=1, users_publish="127.0.0.1:9621")
    with pytest.raises(PortTakenError, match=r"users\.publish: port 127\.0\.0\.1:9621"):
        bring_up(engine, plan_pool(users, IMAGES), silent, timeout_s=10)
    hosts = PoolSpec("four", executors=1, hosts_address="192.0.2.1")
    bring_up(engine, plan_pool(hosts, IMAGES), silent, timeout_s=10)
    hosts = PoolSpec("five", executors=1, hosts_address="192.0.2.1")
    with pytest.raises(PortTakenError, match=r"hosts\.address: port 192\.0\.2\.1:961[89]"):
        bring_up(engine, plan_pool(hosts, IMAGES), silent, timeout_s=10)
    engine.stop("one-master")
    up("two", 9620)
    master = engine.find_container("two-master")
    assert master
    assert master.state is ContainerState.RUNNING
