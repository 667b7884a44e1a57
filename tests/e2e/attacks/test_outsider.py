"""Somebody on the network without a credential."""

from __future__ import annotations

import pytest

from tests.e2e.attacks import scripts
from tests.e2e.attacks.arena import UNAUTHENTICATED, Arena, Attack, Denial
from tests.e2e.attacks.credentials import Credential

pytestmark = pytest.mark.engine

_NONE = Credential.NONE
_COLLECTOR = Denial(UNAUTHENTICATED)
_SCHEDD = Denial(UNAUTHENTICATED, "submit", "SchedLog")
_MASTER = Denial(UNAUTHENTICATED, "execute-1", "MasterLog")

ATTACKS = [
    scripts.advertise(_NONE, "UPDATE_STARTD_AD", "Machine", "ghost", "ghost", _COLLECTOR),
    scripts.advertise(_NONE, "UPDATE_SCHEDD_AD", "Scheduler", "ghost", "ghost", _COLLECTOR),
    scripts.advertise(_NONE, "UPDATE_MASTER_AD", "DaemonMaster", "ghost", "ghost", _COLLECTOR),
    scripts.submit(_NONE, _SCHEDD),
    scripts.query_queue(_NONE, _SCHEDD),
    scripts.remove_job(_NONE, _SCHEDD),
    scripts.switch_off(_NONE, _MASTER),
]


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_an_outsider_is_denied(arena: Arena, attack: Attack) -> None:
    arena.judge(attack)
