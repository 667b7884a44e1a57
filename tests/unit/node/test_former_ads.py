"""The ads of a node's former life."""

from __future__ import annotations

from roost.node.formerads import render_invalidation


def test_all_ads_of_the_node_and_no_others() -> None:
    assert render_invalidation("Machine", "execute-1.lab.pool").splitlines() == [
        'MyType = "Query"',
        'TargetType = "Machine"',
        'Requirements = Machine == "execute-1.lab.pool"',
    ]


def test_one_slot_of_the_node() -> None:
    told = render_invalidation("Machine", "execute-1.lab.pool", "slot1_2@execute-1.lab.pool")
    assert told.splitlines()[-1] == (
        'Requirements = Machine == "execute-1.lab.pool" && Name == "slot1_2@execute-1.lab.pool"'
    )
