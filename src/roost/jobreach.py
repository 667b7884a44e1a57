"""Whether the shadow of a running job reaches it, by the job's ad. Imported on both sides.

Follows the RemoteResource of condor_shadow (``remoteresource.cpp``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

DISCONNECTED = ("JobCurrentReconnectAttempt", "JobDisconnectedDate", "ShadowBday")
"""The attributes that :func:`disconnected_since` reads."""


def disconnected_since(ad: Mapping[str, Any]) -> float | None:
    """Since when the shadow of a running job has been trying to reach it (seconds of the epoch); None: it
    does reach it.

    HTCondor counts its attempts while it tries, and notes the moment only where the shadow saw the cut: one
    that was started to find a job of an earlier schedd tries since its own start.
    """
    if _number(ad, "JobCurrentReconnectAttempt") is None:
        return None
    since = [_number(ad, "JobDisconnectedDate"), _number(ad, "ShadowBday")]
    return max((float(one) for one in since if one is not None), default=None)


def _number(ad: Mapping[str, Any], name: str) -> int | None:
    """None for what is undefined, too: the bindings' word for that (``classad2.Value``) is an integer."""
    value = ad.get(name)
    return value if type(value) is int else None
