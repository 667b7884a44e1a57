"""How often HTCondor does what health is told by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Intervals:
    """In seconds. The defaults are those of :mod:`roost.node.htcondor_config`."""

    update_s: float = 20.0
    negotiator_s: float = 2.0
    backoff_s: float = 9.0
    """condor_master starts a daemon again after this and 2^restarts seconds (MASTER_BACKOFF_CONSTANT)."""


def read_intervals() -> Intervals:
    """From HTCondor's configuration, which the operator may have changed."""
    import htcondor2

    defaults = Intervals()
    return Intervals(
        update_s=_setting(htcondor2.param, "UPDATE_INTERVAL", defaults.update_s),
        negotiator_s=_setting(htcondor2.param, "NEGOTIATOR_INTERVAL", defaults.negotiator_s),
        backoff_s=_setting(htcondor2.param, "MASTER_BACKOFF_CONSTANT", defaults.backoff_s),
    )


def _setting(param: Any, name: str, default: float) -> float:
    try:
        return float(param.get(name, default))
    except (TypeError, ValueError):
        return default
