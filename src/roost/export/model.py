"""What a stack and a compose file have in common: the pool's plan as services. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from roost import contract
from roost.contract import Role
from roost.engines.protocol import ContainerSpec, File
from roost.export.files import PROMISE, invite_file
from roost.plan import NodePlan, PoolPlan, executor_name, plan_node, plan_pool
from roost.spec import PoolSpec

STOP_MARGIN_S = 60
"""What a node needs for its end, after its jobs."""
MASTER_PLACE = f"{Role.MASTER}:{contract.COLLECTOR_PORT}"
"""Where nodes reach the master: services know each other by their names."""


@dataclass(frozen=True)
class Services:
    """A pool as one service for each role."""

    plan: PoolPlan
    nodes: Mapping[Role, NodePlan]
    """Of each role the one node, or what all executors are like."""
    executors: int
    longest_job_s: int

    @property
    def pool(self) -> str:
        """The pool's name."""
        return self.plan.pool

    def stop_grace_s(self, role: Role) -> int:
        """How long the engine has to wait between SIGTERM and SIGKILL."""
        if role is Role.EXECUTE:
            return self.longest_job_s + STOP_MARGIN_S
        return self.nodes[role].container.stop_timeout_s

    def environment(self, role: Role) -> dict[str, str]:
        """The settings of a node of a service."""
        environment = dict(self.nodes[role].container.environment)
        if role is Role.EXECUTE:
            # Each executor is named after its container, so that no two have one name.
            del environment[contract.ENV_NODE]
            environment[contract.ENV_STOP_GRACE_S] = str(self.longest_job_s)
        if environment.get(contract.ENV_MASTER) == self.nodes[Role.MASTER].container.name:
            environment[contract.ENV_MASTER] = str(Role.MASTER)
        return environment

    def config_files(self) -> dict[str, str]:
        """The files beside the one that is rendered."""
        texts = {config_file(role): self.config_of(role) for role in self.nodes}
        return {name: text for name, text in texts.items() if text is not None}

    def config_of(self, role: Role) -> str | None:
        """The role's extra configuration; None where there is none."""
        text = next(_text(file) for file in self.nodes[role].files if file.data is not None)
        return text if text.count("\n") > 1 else None


def secret_of(role: Role) -> tuple[str, str]:
    """The secret of a role's nodes: its file's name here, and in the container."""
    source, path = (
        (PROMISE, contract.PROMISE_SECRET)
        if role is Role.MASTER
        else (invite_file(role), contract.INVITE_SECRET)
    )
    return source, path.rpartition("/")[2]


def config_file(role: Role) -> str:
    """Name of the file with the role's extra configuration."""
    return f"{role}.config"


def logging_of(container: ContainerSpec) -> dict[str, Any]:
    """A log that can be read back, within its bounds: a quarter goes at a time."""
    kept_mb = container.limits.log_mb or 64
    return {
        "driver": "json-file",
        "options": {"max-size": f"{kept_mb * 1024 // 4}k", "max-file": "4"},
    }


def plan_services(spec: PoolSpec, images: Mapping[Role, str], *, longest_job_s: float) -> Services:
    """The services of a pool. ``images`` are names that every host knows."""
    plan = plan_pool(spec, images)
    executor = plan_node(spec, executor_name(1), Role.EXECUTE, images[Role.EXECUTE])
    nodes = {Role.MASTER: plan.master, Role.SUBMIT: plan.submit, Role.EXECUTE: executor}
    return Services(plan, nodes, spec.executors, int(longest_job_s))


def _text(file: File) -> str:
    assert isinstance(file.data, bytes)
    return file.data.decode()
