"""What ``up`` would do, seen without doing any of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from roost.contract import Role
from roost.engines.protocol import Engine
from roost.images import find_derived, find_images
from roost.images.model import repository
from roost.plan import Changes, PoolPlan, plan_pool
from roost.pool.up import observe
from roost.spec import PoolSpec


@dataclass(frozen=True)
class Preview:
    """The plan and what it would change; ``references`` names each role's image for people.

    ``missing_images`` tells that images would be built first. Their ids are not known then, so
    every node that is there counts as one of another plan.
    """

    plan: PoolPlan
    changes: Changes
    references: Mapping[Role, str]
    missing_images: bool


def preview(engine: Engine, spec: PoolSpec) -> Preview:
    """Look at images and containers; build and change nothing."""
    images = find_images(engine, spec.suite)
    if images is not None:
        images = find_derived(engine, images, apt=spec.apt, pip=spec.pip)
    if images is None:
        names = {role: f"{repository(role)} ({spec.suite})" for role in Role}
        plan = plan_pool(spec, names)
        return Preview(plan, observe(engine, plan), names, missing_images=True)
    plan = plan_pool(spec, images.ids())
    return Preview(plan, observe(engine, plan), images.references(), missing_images=False)
