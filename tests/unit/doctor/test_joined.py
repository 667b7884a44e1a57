"""A host whose nodes joined the pool of another one: no mend there makes a second pool."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from roost.contract import Role
from roost.engines.protocol import Container, ContainerState
from roost.nodefacts import Config, Reach, Road, TokenState
from roost.plan.names import node_labels
from roost.pool.doctor import Cause, Finding
from roost.pool.doctor.diagnose import conclude
from roost.pool.doctor.facts import Facts, NodeSeen
from tests.unit.doctor.pools import NOW, healthy, token, told, with_node

LAB7 = "execute-lab7"
LABELS = node_labels("lab", LAB7, Role.EXECUTE)
CONTAINER = Container("id", f"lab-{LAB7}", "i", ContainerState.RUNNING, LABELS, "172.20.0.2")
NODE = NodeSeen(
    LAB7, Role.EXECUTE, CONTAINER, facts=told(LAB7, Role.EXECUTE), asked=NOW - 1, answered=NOW
)
RESTART = "`docker restart lab-execute-lab7`"


def away(**changes: Any) -> Facts:
    """Nothing is here but one node that joined."""
    alone = replace(healthy(), nodes=(NODE,), collector=None, queue=None)
    return with_node(alone, LAB7, **changes)


def the_finding(facts: Facts) -> Finding:
    (finding,) = conclude(facts).findings
    return finding


def test_no_role_is_missing_where_the_master_is_elsewhere() -> None:
    assert conclude(away()).findings == ()


def test_roles_are_missed_beside_a_node_that_joined() -> None:
    facts = healthy()
    lost = replace(facts, nodes=(*facts.nodes[2:], NODE), collector=None, queue=None)
    missing = [one.seen for one in conclude(lost).findings]
    assert [seen.split()[-1] for seen in missing] == ["master", "submit"]


STOPPED = replace(CONTAINER, state=ContainerState.EXITED, exit_code=0)
ENDS = replace(CONTAINER, state=ContainerState.RESTARTING, exit_code=1)


@pytest.mark.parametrize(
    ("changes", "cause", "mend"),
    [
        ({"container": STOPPED, "facts": None}, Cause.CONTAINER_STOPPED, RESTART),
        ({"container": ENDS, "facts": None}, Cause.CONTAINER_RESTARTING, f"then {RESTART}"),
        ({"facts": None, "error": "no answer"}, Cause.NODE_SILENT, f"if nothing helps, {RESTART}"),
        (
            {"config": Config("line 3: no such template")},
            Cause.CONFIG_BROKEN,
            f"in /var/lib/condor/config.d of execute-lab7, then {RESTART}",
        ),
        ({"config": Config(unknown=(("STRT", "START"),))}, Cause.KNOB_UNKNOWN, f"then {RESTART}"),
        ({"facts": None, "outdated": True}, Cause.NODE_OUTDATED, "docker rm --force"),
        (
            {"token": token(Role.EXECUTE, state=TokenState.MISSING)},
            Cause.TOKEN_MISSING,
            "`docker rm --force --volumes lab-execute-lab7 && docker volume rm lab-execute-lab7`",
        ),
        (
            {"token": token(Role.EXECUTE, expires=NOW - 90)},
            Cause.TOKEN_EXPIRED,
            "`roost invite execute --node execute-lab7 --pool lab`",
        ),
        (
            {"road": Road("192.0.2.1:9618", Reach.REFUSED)},
            Cause.PORT_BLOCKED,
            "see that the master runs there",
        ),
        (
            {"road": Road("192.0.2.1:9618", Reach.CONNECTED, refusal="READ failed!")},
            Cause.MASTER_REFUSES,
            "CollectorLog` on the host of the master",
        ),
    ],
)
def test_mends_are_those_of_a_node_that_joined(
    changes: dict[str, Any], cause: Cause, mend: str
) -> None:
    finding = the_finding(away(**changes))
    assert finding.cause is cause
    assert mend in finding.mend
    assert "roost up" not in finding.mend


def test_beside_its_master_a_node_that_joined_is_no_more_made_by_up() -> None:
    stopped = replace(NODE, container=STOPPED, facts=None)
    facts = healthy()
    assert the_finding(replace(facts, nodes=(*facts.nodes, stopped))).mend == RESTART
