"""What the plan of a pool holds, and what its digests depend on."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roost import contract
from roost.contract import Role
from roost.engines.protocol import Limits, Mount
from roost.plan import NodePlan, PoolPlan, plan_pool
from roost.plan.rights import RIGHTS
from roost.plan.roles import EXECUTOR_OVERHEAD_MB, TRAITS
from roost.spec import ConfigPart, PoolSpec, VolumeSpec

IMAGES = {role: f"roost-{role}:1" for role in Role}
SPEC = PoolSpec(name="lab", executors=3)


def plan(**changes: Any) -> PoolPlan:
    return plan_pool(dataclasses.replace(SPEC, **changes), IMAGES)


def node(name: str, of: PoolPlan) -> NodePlan:
    return next(node for node in of.nodes if node.name == name)


def digests(of: PoolPlan) -> dict[str, str]:
    return {node.name: node.digest for node in of.nodes}


def test_a_pool_is_a_master_a_submit_node_and_its_executors() -> None:
    pool = plan()
    assert [(node.name, node.role, node.container.name) for node in pool.nodes] == [
        ("master", Role.MASTER, "lab-master"),
        ("submit", Role.SUBMIT, "lab-submit"),
        ("execute-1", Role.EXECUTE, "lab-execute-1"),
        ("execute-2", Role.EXECUTE, "lab-execute-2"),
        ("execute-3", Role.EXECUTE, "lab-execute-3"),
    ]
    assert pool.network == "lab-net"
    assert pool.master.name == "master"


def test_everything_carries_the_labels_that_find_it_again() -> None:
    pool = plan()
    assert pool.labels == {contract.LABEL_POOL: "lab"}
    executor = node("execute-2", pool)
    labels = {
        contract.LABEL_POOL: "lab",
        contract.LABEL_ROLE: "execute",
        contract.LABEL_NODE: "execute-2",
    }
    assert executor.volume_labels == labels
    assert executor.container.labels == {**labels, contract.LABEL_DIGEST: executor.digest}


def test_a_node_writes_to_its_own_volume_and_to_what_goes_with_its_container() -> None:
    for planned in plan().nodes:
        assert planned.container.read_only
        assert [tmpfs.target for tmpfs in planned.container.tmpfs] == ["/run"]
        assert planned.container.mounts == (
            Mount(planned.volume, contract.STATE_DIR),
            Mount("", "/tmp"),
            Mount("", "/var/tmp"),
        )
        assert planned.volume == planned.container.name == planned.container.hostname


def test_executors_are_bounded_and_know_their_size() -> None:
    pool = plan(cpus=2, memory_mb=1000)
    executor = node("execute-1", pool).container
    traits = TRAITS[Role.EXECUTE]
    assert executor.limits == Limits(
        cpus=2.0,
        memory_mb=1000 + EXECUTOR_OVERHEAD_MB,
        pids=traits.pids,
        shm_mb=1000,
        log_mb=traits.log_mb,
    )
    assert executor.environment == {
        contract.ENV_POOL: "lab",
        contract.ENV_NODE: "execute-1",
        contract.ENV_MASTER: "lab-master",
        contract.ENV_CPUS: "2",
        contract.ENV_MEMORY_MB: "1000",
    }
    assert pool.master.container.environment == {
        contract.ENV_POOL: "lab",
        contract.ENV_NODE: "master",
    }


def test_nodes_without_jobs_are_bounded_in_memory_and_the_queue_knows() -> None:
    pool = plan(master_memory_mb=2000, submit_memory_mb=3000)
    for planned, memory_mb in ((pool.master, 2000), (pool.submit, 3000)):
        traits = TRAITS[planned.role]
        assert planned.container.limits == Limits(
            memory_mb=memory_mb, pids=traits.pids, log_mb=traits.log_mb
        )
    assert pool.submit.container.environment[contract.ENV_MEMORY_MB] == "3000"
    assert contract.ENV_MEMORY_MB not in pool.master.container.environment


def test_every_right_has_its_reason() -> None:
    for role, rights in RIGHTS.items():
        assert TRAITS[role].capabilities == tuple(right.capability for right in rights)
        for right in rights:
            assert right.without.endswith("."), (role, right)


def test_containers_keep_the_fewest_rights() -> None:
    pool = plan()
    assert all(planned.container.no_new_privileges for planned in pool.nodes)
    assert {planned.role: planned.container.capabilities for planned in pool.nodes} == {
        Role.MASTER: ("SETUID", "SETGID"),
        Role.SUBMIT: ("SETUID", "SETGID", "CHOWN", "DAC_OVERRIDE"),
        Role.EXECUTE: ("SETUID", "SETGID", "KILL", "CHOWN", "DAC_OVERRIDE"),
    }


def test_volumes_and_configuration_go_to_their_roles_alone() -> None:
    pool = plan(
        config=(
            ConfigPart("site.config", "A = 1\n"),
            ConfigPart("htcondor.submit.config", "B = 2", (Role.SUBMIT,)),
        ),
        volumes=(VolumeSpec(Path("/srv"), "/data"),),
    )
    mount = Mount("/srv", "/data", read_only=True)
    assert [mount in planned.container.mounts for planned in pool.nodes] == [False] * 2 + [True] * 3
    _, config = node("submit", pool).files
    assert (config.path, config.data) == (
        "config.d/pool.config",
        b"# Extra configuration of the pool file, applied last.\n"
        b"\n# site.config\nA = 1\n"
        b"\n# htcondor.submit.config\nB = 2\n",
    )
    assert pool.master.files[1].data != config.data


def test_a_node_without_extra_configuration_replaces_what_an_earlier_plan_left() -> None:
    directory, config = plan().master.files
    assert (directory.path, directory.data) == ("config.d", None)
    assert config.data == b"# Extra configuration of the pool file, applied last.\n"


def test_scaling_changes_no_digest_of_a_node_that_stays() -> None:
    few, many = digests(plan(executors=2)), digests(plan(executors=9))
    assert few.items() <= many.items()


@pytest.mark.parametrize(
    ("change", "changed_roles"),
    [
        ({"cpus": 4}, {Role.EXECUTE}),
        ({"memory_mb": 4096}, {Role.EXECUTE}),
        ({"master_memory_mb": 2048}, {Role.MASTER}),
        ({"submit_memory_mb": 2048}, {Role.SUBMIT}),
        ({"config": (ConfigPart("f", "A = 1"),)}, set(Role)),
        ({"config": (ConfigPart("f", "A = 1", (Role.MASTER,)),)}, {Role.MASTER}),
        ({"volumes": (VolumeSpec(Path("/srv"), "/data"),)}, {Role.EXECUTE}),
        ({"executors": 4}, set()),
        ({"apt": ("gcc",)}, set()),  # software reaches a node through its image
    ],
)
def test_a_digest_changes_exactly_with_what_makes_the_node(
    change: dict[str, Any], changed_roles: set[Role]
) -> None:
    before, after = plan(), plan(**change)
    changed = {
        new.role
        for old, new in zip(before.nodes, after.nodes, strict=False)
        if old.digest != new.digest
    }
    assert changed == changed_roles


def test_a_new_image_changes_the_digests_of_its_role_alone() -> None:
    before, after = plan(), plan_pool(SPEC, {**IMAGES, Role.EXECUTE: "roost-execute:2"})
    same = {name for name, digest in digests(before).items() if digests(after)[name] == digest}
    assert same == {"master", "submit"}


@given(st.permutations(["config", "volumes", "cpus"]))
def test_digests_do_not_depend_on_any_order(order: list[str]) -> None:
    values: dict[str, Any] = {
        "config": (ConfigPart("f", "A = 1"),),
        "volumes": (VolumeSpec(Path("/srv"), "/data"),),
        "cpus": 3,
    }
    assert digests(plan(**{key: values[key] for key in order})) == digests(plan(**values))


def test_the_plan_as_json_is_the_same_for_the_same_plan() -> None:
    assert json.dumps(plan().to_json()) == json.dumps(plan().to_json())
    nodes = plan().to_json()["nodes"]
    assert isinstance(nodes, list)
    assert nodes[0]["files"][1]["text"].startswith("# Extra configuration")
