"""The bindings of both releases, by what differs in them."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from roost.node.bindings import failures


class OwnError(Exception):
    """As 25.14.1's HTCondorException."""


@pytest.mark.parametrize("own", [None, OwnError])
def test_failures_of_a_release(
    own: type[Exception] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    bindings = ModuleType("htcondor2")
    if own:
        bindings.HTCondorException = own  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "htcondor2", bindings)
    known: list[type[Exception]] = [RuntimeError, OSError]
    for error in [*known, own] if own else known:
        with pytest.raises(failures()):
            raise error
    assert not issubclass(KeyError, failures()), "mistakes of ours are not hidden"
