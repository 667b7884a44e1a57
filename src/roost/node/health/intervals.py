"""How often HTCondor does what health is told by."""

from __future__ import annotations

from typing import Any, NamedTuple

BACKOFF_CEILING_S = 20
"""What MASTER_BACKOFF_CEILING is set to (:mod:`roost.node.htcondor_config` says why)."""


class Intervals(NamedTuple):
    """In seconds. The defaults are those of :mod:`roost.node.htcondor_config`."""

    update_s: float = 20.0
    negotiator_s: float = 5.0
    backoff_s: float = 9.0
    """condor_master starts a daemon again after this and 2^restarts seconds (MASTER_BACKOFF_CONSTANT)."""
    backoff_ceiling_s: float = BACKOFF_CEILING_S
    """But never later than after this."""


def read_intervals() -> Intervals:
    """From HTCondor's configuration, which the operator may have changed."""
    import htcondor2

    return intervals_of(htcondor2.param)


def intervals_of(settings: Any) -> Intervals:
    """From HTCondor's settings by name; the default of what is absent or no number."""
    defaults = Intervals()
    return Intervals(
        update_s=_setting(settings, "UPDATE_INTERVAL", defaults.update_s),
        negotiator_s=_setting(settings, "NEGOTIATOR_INTERVAL", defaults.negotiator_s),
        backoff_s=_setting(settings, "MASTER_BACKOFF_CONSTANT", defaults.backoff_s),
        backoff_ceiling_s=_setting(settings, "MASTER_BACKOFF_CEILING", defaults.backoff_ceiling_s),
    )


def _setting(settings: Any, name: str, default: float) -> float:
    try:
        return float(settings.get(name, default))
    except (TypeError, ValueError):
        return default
