"""Somebody on the network without a credential."""

from __future__ import annotations

import pytest

from tests.e2e.attacks.arena import UNAUTHENTICATED, Arena, Attack, Denial
from tests.e2e.attacks.credentials import Credential

pytestmark = pytest.mark.engine

_NONE = Credential.NONE


def _advertise(command: str, kind: str, name: str) -> Attack:
    ad = f'MyType="{kind}"\\nName="{name}"\\nMachine="{name}"\\nMyAddress="<192.0.2.66:9618>"\\n'
    return Attack(
        f"advertising a {kind}",
        _NONE,
        f"printf '{ad}' | condor_advertise -tcp -pool $MASTER {command} -",
        lambda arena: f"{kind} {name}" in arena.ads(),
        Denial(UNAUTHENTICATED),
        lambda arena: arena.gone(name),
    )


def _queue_grows(arena: Arena) -> bool:
    return len(arena.jobs()) > 1


_SCHEDD = Denial(UNAUTHENTICATED, "submit", "SchedLog")


@pytest.mark.parametrize(
    "attack",
    [
        _advertise("UPDATE_STARTD_AD", "Machine", "ghost"),
        _advertise("UPDATE_SCHEDD_AD", "Scheduler", "ghost"),
        _advertise("UPDATE_MASTER_AD", "DaemonMaster", "ghost"),
    ],
    ids=lambda attack: attack.name,
)
def test_an_outsider_is_denied(arena: Arena, attack: Attack) -> None:
    arena.judge(attack)
