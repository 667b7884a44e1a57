"""Whole plans, as ``up --dry-run --json`` shows them."""

from __future__ import annotations

import json
from pathlib import Path

from roost.contract import Role
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
