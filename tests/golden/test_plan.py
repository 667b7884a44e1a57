"""Whole plans, as ``up --dry-run --json`` shows them."""

from __future__ import annotations

import json
from pathlib import Path

from roost import contract
from roost.contract import Role
from roost.engines.protocol import Port
from roost.plan import plan_pool
from roost.spec import ConfigPart, PoolSpec, VolumeSpec
from tests.golden.golden import assert_golden

IMAGES = {role: f"roost-{role}:example" for role in Role}


def render(spec: PoolSpec) -> str:
    return json.dumps(plan_pool(spec, IMAGES).to_json(), indent=2) + "\n"


def test_the_default_pool() -> None:
    assert_golden("plan-default.json", render(PoolSpec()))


def test_a_pool_with_everything() -> None:
    spec = PoolSpec(
        name="lab",
        executors=1,
        cpus=4,
        memory_mb=8192,
        config=(
            ConfigPart("site.config", "MAX_JOBS_PER_OWNER = 500\n"),
            ConfigPart("htcondor.execute.config", "START = True\n", (Role.EXECUTE,)),
        ),
        volumes=(
            VolumeSpec(Path("/srv/reference"), "/reference"),
            VolumeSpec(Path("/srv/home"), "/homes", read_only=False, roles=(Role.SUBMIT,)),
        ),
        metrics_listen="0.0.0.0:9700",
        metrics_publish="127.0.0.1:9620",
        users_publish="127.0.0.1:9618",
    )
    assert_golden("plan-everything.json", render(spec))


def test_a_pool_with_nodes_on_other_hosts() -> None:
    spec = PoolSpec(name="lab", executors=1, hosts_address="192.0.2.1")
    assert_golden("plan-hosts.json", render(spec))


def test_an_address_that_is_none_of_the_hosts_own() -> None:
    spec = PoolSpec(name="lab", hosts_address="203.0.113.7", hosts_bind="0.0.0.0")
    nodes = plan_pool(spec, IMAGES).nodes
    published = {port for node in nodes for port in node.container.ports}
    assert published == {Port("0.0.0.0", 9618, 9618), Port("0.0.0.0", 9619, 9619)}
    told = [node.container.environment.get(contract.ENV_ADDRESS) for node in nodes]
    assert told[:2] == ["203.0.113.7", "203.0.113.7"]
