"""What an executor's token can do to another node, and for how long: docs/security.md says so."""

from __future__ import annotations

import pytest

from roost.waiting import wait_for
from tests.e2e.attacks import scripts
from tests.e2e.attacks.arena import Arena
from tests.e2e.attacks.credentials import Credential

pytestmark = pytest.mark.engine

_UPDATE_INTERVAL_S = 20.0


def test_what_a_lie_about_another_node_does_lasts_one_interval(arena: Arena) -> None:
    """The collector does not ask whose ad it is when one is invalidated, nor, of the command with an
    acknowledgement, who sent it. The next of the true ads puts it right."""
    slot, machine = f"slot1@execute-1.{arena.domain}", f"execute-1.{arena.domain}"
    query = rf'MyType="Query"\nTargetType="Machine"\nName="{slot}"\nRequirements=Name=="{slot}"\n'
    more = rf'Looted=true\nAuthenticatedIdentity="execute-1@{arena.domain}"\n'
    spoofed = scripts.ad("Machine", slot, machine, more)
    looted = f"condor_status -af Looted -constraint 'Name==\"{slot}\"'"

    def believed() -> bool | None:
        """A true ad may come between the lie and the look at it."""
        arena.attempt(
            f"{spoofed} | condor_advertise -tcp -pool $MASTER UPDATE_STARTD_AD_WITH_ACK -",
            Credential.EXECUTE,
        )
        return "true" in arena.do("master", looted) or None

    wait_for("the lie is believed", believed, timeout_s=_UPDATE_INTERVAL_S)
    _is_true_again(arena, looted)
    said = arena.attempt(
        f"printf '%b' '{query}' | condor_advertise -tcp -pool $MASTER INVALIDATE_STARTD_ADS -",
        Credential.EXECUTE,
    )
    assert f"Machine {slot}" not in arena.ads(), said
    _is_true_again(arena, looted)


def _is_true_again(arena: Arena, looted: str) -> None:
    wait_for(
        "the true ad is back",
        lambda: arena.do("master", looted).strip() == "undefined" or None,
        timeout_s=3 * _UPDATE_INTERVAL_S,
    )
