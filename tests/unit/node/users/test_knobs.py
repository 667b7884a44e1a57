"""What a submit node's configuration says of users from outside."""

from __future__ import annotations

import re

from roost import contract
from roost.node.security_config import render_security
from roost.node.users.knobs import render_remote_users

_ALICE = contract.user_identity("alice", "lab")


def test_the_key_is_named_and_none_other_is_made() -> None:
    lines = render_remote_users("key-1").splitlines()
    assert "SEC_TOKEN_ISSUER_KEY = key-1" in lines
    assert "SEC_TOKEN_POOL_SIGNING_KEY_FILE =" in lines


def test_of_the_daemons_only_the_schedd_knows_users_and_only_to_read_and_write() -> None:
    domain = "$(UID_DOMAIN)"
    pattern = contract.user_identity("*", "lab").replace("lab.pool", domain)
    for role in contract.Role:
        naming = [
            line.partition(" ")[0] for line in render_security(role).splitlines() if pattern in line
        ]
        wanted = ["ALLOW_WRITE_SCHEDD", "ALLOW_READ_SCHEDD"] if role == "submit" else []
        assert naming == wanted


def test_an_identity_of_a_user_is_no_nodes_and_no_invites() -> None:
    for role in contract.Role:
        assert not re.fullmatch(rf"{role}(-.*)?@lab.pool", _ALICE)
    assert contract.invite_of(_ALICE, "lab") is None
