from __future__ import annotations

import pytest

from roost.condor.macros import find_macros, replace_macros


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("plain", set()),
        ("in.$(Process)", {"process"}),
        ("$(PROCESS)-$(cluster)", {"process", "cluster"}),
        ("$$(Process)", set()),
        ("$(Processes) $(Proc ess) $Process", set()),
    ],
)
def test_macros_are_found_as_they_are_replaced(text: str, found: set[str]) -> None:
    assert find_macros(text) == found
    assert (replace_macros(text, process=1, cluster=2) == text) is not bool(found)


def test_replacing() -> None:
    assert replace_macros("$(Process).$(Cluster).$(process)", process=4, cluster=9) == "4.9.4"
