"""Whole stacks and compose files."""

from __future__ import annotations

from pathlib import Path

import pytest

from roost.contract import Role
from roost.export.compose import render_compose
from roost.export.model import Services, plan_services
from roost.export.swarm import for_swarm, render_stack
from roost.spec import ConfigPart, PoolSpec, VolumeSpec
from tests.golden.golden import assert_golden

IMAGES = {role: f"roost-{role}:example" for role in Role}
POOLS = {
    "default": PoolSpec(),
    "everything": PoolSpec(
        name="lab",
        executors=4,
        cpus=4,
        memory_mb=8192,
        config=(ConfigPart("site.config", "MAX_JOBS_PER_OWNER = 500\n", (Role.SUBMIT,)),),
        volumes=(
            VolumeSpec(Path("/srv/reference"), "/reference"),
            VolumeSpec(Path("/srv/home"), "/homes", read_only=False, roles=(Role.SUBMIT,)),
        ),
        metrics_publish="127.0.0.1:9620",
        users_publish="127.0.0.1:9618",
    ),
}


def services(spec: PoolSpec) -> Services:
    return plan_services(spec, IMAGES, longest_job_s=8 * 3600)


@pytest.mark.parametrize("name", POOLS)
def test_a_stack(name: str) -> None:
    spec, left_out = for_swarm(POOLS[name])
    assert len(left_out) == (2 if name == "everything" else 0)
    rendered = render_stack(services(spec), state_on="head", secrets_id="0a1b2c3d")
    assert_golden(f"stack-{name}.yaml", rendered)


@pytest.mark.parametrize("name", POOLS)
def test_a_compose_file(name: str) -> None:
    assert_golden(f"compose-{name}.yaml", render_compose(services(POOLS[name])))
