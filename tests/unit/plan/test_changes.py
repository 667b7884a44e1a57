"""What has to change, as a table over what is there."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roost import contract
from roost.contract import Role
from roost.engines.protocol import Container, ContainerState
from roost.plan import Changes, NodePlan, diff, node_labels, plan_pool
from roost.spec import PoolSpec

IMAGES = {role: f"roost-{role}:1" for role in Role}
PLAN = plan_pool(PoolSpec(name="lab", executors=2), IMAGES)
WIDER_PLAN = plan_pool(PoolSpec(name="lab", executors=12), IMAGES)


def observed(
    node: NodePlan,
    state: ContainerState = ContainerState.RUNNING,
    *,
    digest: str | None = None,
) -> Container:
    labels = {**node.container.labels, contract.LABEL_DIGEST: digest or node.digest}
    name = node.container.name
    return Container(id=name, name=name, image="image", state=state, labels=labels)


def stranger(name: str, node: str, role: Role = Role.EXECUTE) -> Container:
    labels = node_labels("lab", node, role)
    return Container(name, name, "image", ContainerState.RUNNING, labels)


def names(nodes: tuple[NodePlan, ...]) -> list[str]:
    return [node.name for node in nodes]


def test_everything_is_created_where_nothing_is() -> None:
    changes = diff(PLAN, [])
    assert changes == Changes(create=PLAN.nodes)
    assert not changes.nothing_to_do


def test_nothing_is_to_do_where_everything_is() -> None:
    changes = diff(PLAN, [observed(node) for node in PLAN.nodes])
    assert changes == Changes(keep=PLAN.nodes)
    assert changes.nothing_to_do


@pytest.mark.parametrize(
    ("state", "fate"),
    [
        (ContainerState.CREATED, "start"),
        (ContainerState.RUNNING, "keep"),
        (ContainerState.PAUSED, "start"),
        (ContainerState.RESTARTING, "keep"),
        (ContainerState.REMOVING, "recreate"),
        (ContainerState.EXITED, "start"),
        (ContainerState.DEAD, "recreate"),
    ],
)
def test_each_state_of_the_right_container_has_its_fate(state: ContainerState, fate: str) -> None:
    containers = [observed(node, state) for node in PLAN.nodes]
    changes = diff(PLAN, containers)
    assert getattr(changes, fate) == PLAN.nodes
    assert (changes.remove, changes.foreign) == ((), ())


@pytest.mark.parametrize("state", list(ContainerState))
def test_a_container_of_another_plan_is_made_anew_whatever_its_state(
    state: ContainerState,
) -> None:
    containers = [observed(node, state, digest="0" * 16) for node in PLAN.nodes]
    changes = diff(PLAN, containers)
    assert changes.recreate == PLAN.nodes
    assert (changes.remove, changes.foreign) == ((), ())


def test_what_is_paused_has_to_go_on_first_unless_it_is_foreign() -> None:
    paused = ContainerState.PAUSED
    start, anew, remove = (WIDER_PLAN.nodes[number] for number in (2, 3, 4))
    there = [
        observed(start, paused),
        observed(anew, paused, digest="0" * 16),
        observed(remove, paused),
        replace(stranger("lab-visitor", "visitor"), state=paused),
    ]
    changes = diff(PLAN, there)
    assert (changes.start, changes.recreate) == ((start,), (anew,))
    assert changes.paused == ("lab-execute-1", "lab-execute-2", "lab-execute-3")


def test_a_container_without_a_digest_is_made_anew() -> None:
    container = stranger("lab-execute-1", "execute-1")
    assert names(diff(PLAN, [container]).recreate) == ["execute-1"]


def test_surplus_executors_go_highest_first_by_number() -> None:
    changes = diff(PLAN, [observed(node) for node in WIDER_PLAN.nodes])
    assert changes.keep == PLAN.nodes
    assert [container.name for container in changes.remove] == [
        f"lab-execute-{number}" for number in range(12, 2, -1)
    ]


def test_a_gap_is_filled_while_surplus_goes() -> None:
    there = [observed(node) for node in WIDER_PLAN.nodes if node.name in ("execute-2", "execute-5")]
    changes = diff(PLAN, there)
    assert names(changes.create) == ["master", "submit", "execute-1"]
    assert names(changes.keep) == ["execute-2"]
    assert [container.name for container in changes.remove] == ["lab-execute-5"]


@pytest.mark.parametrize(
    "container",
    [
        stranger("lab-visitor", "visitor"),
        stranger("lab-submit-2", "submit-2", Role.SUBMIT),
        stranger("somebody-else", "execute-7"),
        Container("x", "unlabelled", "image", ContainerState.RUNNING, {contract.LABEL_POOL: "lab"}),
    ],
)
def test_what_no_plan_makes_is_left_alone(container: Container) -> None:
    changes = diff(PLAN, [*(observed(node) for node in PLAN.nodes), container])
    assert changes == Changes(keep=PLAN.nodes, foreign=(container,))
    assert changes.nothing_to_do


def test_changes_as_json_name_the_nodes() -> None:
    containers = [observed(node) for node in WIDER_PLAN.nodes[1:5]]
    visitor = stranger("lab-visitor", "visitor")
    assert diff(PLAN, [*containers, visitor]).to_json() == {
        "create": ["master"],
        "recreate": [],
        "start": [],
        "keep": ["submit", "execute-1", "execute-2"],
        "remove": ["execute-3"],
        "foreign": ["lab-visitor"],
    }


@given(st.lists(st.sampled_from(WIDER_PLAN.nodes), unique_by=lambda node: node.name), st.data())
def test_every_node_and_every_container_has_exactly_one_fate(
    nodes: list[NodePlan], data: st.DataObject
) -> None:
    states = [data.draw(st.sampled_from(ContainerState)) for _ in nodes]
    containers = [observed(node, state) for node, state in zip(nodes, states, strict=True)]
    changes = diff(PLAN, containers)
    planned = changes.create + changes.recreate + changes.start + changes.keep
    assert sorted(names(planned)) == sorted(names(PLAN.nodes))
    assert len(changes.remove) + len(changes.foreign) == len(
        {node.name for node in nodes} - {node.name for node in PLAN.nodes}
    )
