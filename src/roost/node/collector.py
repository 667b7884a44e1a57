"""Asking the pool's collector, with this node's own credential."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from roost import contract
from roost.node.bindings import failures


def query(kind: str, projection: Sequence[str]) -> list[Mapping[str, Any]]:
    """The ads of a kind (a member of ``htcondor2.AdType``); none where no collector answers."""
    import htcondor2

    # HTCondor's tools look in the system's token directory when root calls them; its bindings
    # (23.9.6) look in the user's alone.
    htcondor2.param["SEC_TOKEN_DIRECTORY"] = contract.TOKENS_DIR
    try:
        ads: list[Mapping[str, Any]] = htcondor2.Collector().query(
            getattr(htcondor2.AdType, kind), projection=list(projection)
        )
    except failures():
        return []
    return ads
