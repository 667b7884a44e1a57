"""Names of nodes and of what an engine holds for them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roost.plan import container_name, executor_name, executor_number
from roost.spec.limits import MAX_POOL_NAME, POOL_NAME

pool_names = st.from_regex(POOL_NAME, fullmatch=True).filter(
    lambda name: len(name) <= MAX_POOL_NAME
)
node_names = st.sampled_from(["master", "submit"]) | st.integers(1, 1000).map(executor_name)


@given(st.integers(1, 10**6))
def test_an_executor_is_known_by_its_number(number: int) -> None:
    assert executor_number(executor_name(number)) == number


@pytest.mark.parametrize(
    "node",
    ["master", "submit", "execute", "execute-0", "execute-01", "execute-1x", "execute-1\u0661", ""],
)
def test_other_nodes_have_no_number(node: str) -> None:
    assert executor_number(node) is None


@given(st.tuples(pool_names, node_names), st.tuples(pool_names, node_names))
def test_no_two_pools_meet_in_a_name(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert (container_name(*one) == container_name(*other)) == (one == other)
