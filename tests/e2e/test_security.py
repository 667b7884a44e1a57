"""Security from the first day: what each node may do. Where its secrets are: tests/e2e/attacks."""

from __future__ import annotations

import pytest

from roost import Pool, contract
from roost.contract import Role


@pytest.mark.parametrize(
    ("node", "refused"),
    [
        ("submit", "ADVERTISE_STARTD"),
        ("submit", "ADMINISTRATOR"),
        ("submit", "NEGOTIATOR"),
        ("execute-1", "ADVERTISE_SCHEDD"),
        ("execute-1", "ADMINISTRATOR"),
        ("execute-1", "WRITE"),
    ],
)
def test_a_node_may_do_its_role_and_no_more(pool: Pool, node: str, refused: str) -> None:
    role = Role.SUBMIT if node == "submit" else Role.EXECUTE
    ping = ["condor_ping", "-quiet", "-type", "COLLECTOR"]
    granted = pool.exec(node, [*ping, *contract.ROLE_AUTHORIZATIONS[role]])
    assert granted.exit_code == 0, granted.stderr
    assert pool.exec(node, [*ping, refused]).exit_code != 0


def test_without_a_credential_nothing_is_read(pool: Pool) -> None:
    """Any account but root's holds no token, as any outsider."""
    asked = pool.exec("execute-1", ["condor_status"], user="nobody")
    assert asked.exit_code != 0
    assert b"slot1" not in asked.stdout


def test_every_connection_is_encrypted(pool: Pool) -> None:
    asked = pool.exec("submit", ["condor_ping", "-verbose", "-type", "COLLECTOR", "READ"])
    lines = (line.partition(":") for line in asked.stdout.decode().splitlines())
    said = {key: value.strip() for key, _, value in lines}
    assert said["Encryption"] == "AES"
    assert said["Integrity"] == "AES"
    assert said["Authenticated using"] == "IDTOKENS"
    assert said["Remote Mapping"] == contract.node_identity("submit", pool.name)
