"""Somebody who has stolen the token of an executor, or of the submit node."""

from __future__ import annotations

import pytest

from roost.contract import Role
from tests.e2e.attacks import scripts
from tests.e2e.attacks.arena import (
    NOT_ITS_OWN,
    OUTPUT,
    UNAUTHENTICATED,
    Arena,
    Attack,
    Denial,
    denied_to,
)
from tests.e2e.attacks.credentials import Credential

pytestmark = pytest.mark.engine

_EXECUTE, _SUBMIT = Credential.EXECUTE, Credential.SUBMIT
_OTHER = "execute-1.{domain}"
_NOT_ITS_OWN = Denial(NOT_ITS_OWN)
_SCHEDD = Denial(UNAUTHENTICATED, "submit", "SchedLog")
_MASTER = Denial(UNAUTHENTICATED, "execute-1", "MasterLog")


def _denied(who: str, level: str) -> Denial:
    return Denial(denied_to(who, level))


_NO_OTHERS_TOKEN = Denial(
    r"execute-2@\S+ at {peer} asks for a token of \S+ and gets none: .* may ask for no identity but its own",
    log=OUTPUT,
)

EXECUTE_ATTACKS = [
    scripts.advertise(
        _EXECUTE,
        "UPDATE_SCHEDD_AD",
        "Scheduler",
        "ghost",
        "ghost",
        _denied("execute-2", "ADVERTISE_SCHEDD"),
    ),
    scripts.advertise(
        _EXECUTE,
        "UPDATE_NEGOTIATOR_AD",
        "Negotiator",
        "ghost",
        "ghost",
        _denied("execute-2", "NEGOTIATOR"),
    ),
    scripts.advertise(
        _EXECUTE, "UPDATE_STARTD_AD", "Machine", "slot9@" + _OTHER, _OTHER, _NOT_ITS_OWN
    ),
    # Its own machine, and another's name; the other way round; another kind of ad.
    scripts.advertise(
        _EXECUTE,
        "UPDATE_STARTD_AD",
        "Machine",
        "slot8@" + _OTHER,
        "execute-2.{domain}",
        _NOT_ITS_OWN,
    ),
    scripts.advertise(
        _EXECUTE, "UPDATE_STARTD_AD", "Machine", "slot7@execute-2.{domain}", _OTHER, _NOT_ITS_OWN
    ),
    scripts.advertise(
        _EXECUTE,
        "UPDATE_MASTER_AD",
        "Defrag",
        "execute-2.{domain}",
        "execute-2.{domain}",
        _NOT_ITS_OWN,
    ),
    scripts.advertise(_EXECUTE, "UPDATE_MASTER_AD", "DaemonMaster", "ghost", "ghost", _NOT_ITS_OWN),
    scripts.submit(_EXECUTE, _SCHEDD),
    scripts.query_queue(_EXECUTE, _SCHEDD),
    scripts.remove_job(_EXECUTE, _SCHEDD),
    scripts.switch_off(_EXECUTE, _MASTER),
    scripts.read_claims(_EXECUTE, _denied("execute-2", "NEGOTIATOR")),
    scripts.become(_EXECUTE, "submit", Role.SUBMIT, _NO_OTHERS_TOKEN),
    scripts.become(_EXECUTE, "execute-1", Role.EXECUTE, _NO_OTHERS_TOKEN),
]

SUBMIT_ATTACKS = [
    scripts.advertise(
        _SUBMIT,
        "UPDATE_STARTD_AD",
        "Machine",
        "slot1@ghost",
        "ghost",
        _denied("submit", "ADVERTISE_STARTD"),
    ),
    scripts.advertise(
        _SUBMIT,
        "UPDATE_NEGOTIATOR_AD",
        "Negotiator",
        "ghost",
        "ghost",
        _denied("submit", "NEGOTIATOR"),
    ),
    scripts.advertise(
        _SUBMIT, "UPDATE_COLLECTOR_AD", "Collector", "ghost", "ghost", _denied("submit", "DAEMON")
    ),
    scripts.advertise(_SUBMIT, "UPDATE_SCHEDD_AD", "Scheduler", "ghost", "ghost", _NOT_ITS_OWN),
    scripts.read_claims(_SUBMIT, _denied("submit", "NEGOTIATOR")),
    scripts.switch_off(_SUBMIT, _MASTER),
]


@pytest.mark.parametrize("attack", EXECUTE_ATTACKS, ids=str)
def test_an_executors_token_is_for_its_own_slots(arena: Arena, attack: Attack) -> None:
    arena.judge(attack)


@pytest.mark.parametrize("attack", SUBMIT_ATTACKS, ids=str)
def test_a_submit_nodes_token_is_for_its_own_queue(arena: Arena, attack: Attack) -> None:
    arena.judge(attack)
