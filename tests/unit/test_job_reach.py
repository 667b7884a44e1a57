"""Whether a running job is reached, by its ad."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import pytest

from roost.jobreach import disconnected_since


class Value(IntEnum):
    """As HTCondor's bindings have it."""

    Error = 1
    Undefined = 2


@pytest.mark.parametrize(
    ("ad", "since"),
    [
        ({"ShadowBday": 100}, None),
        ({"ShadowBday": 100, "JobCurrentReconnectAttempt": Value.Undefined}, None),
        ({"ShadowBday": 100, "JobCurrentReconnectAttempt": None}, None),
        ({"ShadowBday": 100, "JobCurrentReconnectAttempt": 1}, 100),
        (
            {"ShadowBday": 100, "JobCurrentReconnectAttempt": 1, "JobDisconnectedDate": 160},
            160,
        ),
        (
            {
                "ShadowBday": 200,
                "JobCurrentReconnectAttempt": 1,
                "JobDisconnectedDate": Value.Undefined,
            },
            200,
        ),
    ],
)
def test_a_job_is_out_of_reach_while_its_shadow_tries_to_reach_it(
    ad: dict[str, Any], since: float | None
) -> None:
    assert disconnected_since(ad) == since
