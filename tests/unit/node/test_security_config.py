"""The permissions of each role: identities by name, and nothing that a stranger could match."""

from __future__ import annotations

import re
from fnmatch import fnmatch

import pytest

from roost import contract
from roost.contract import Role
from roost.node.security_config import render_security

DOMAIN = "lab.pool"
STRANGERS = [
    "unauthenticated@unmapped",
    "anonymous@unmapped",
    f"invite-0123@{DOMAIN}",
    f"alice@{DOMAIN}",
    f"executeevil@{DOMAIN}",
    f"slot1_1@{DOMAIN}",
    "execute-1@elsewhere.pool",
]
LEVELS = ["READ", "WRITE", "DAEMON", "ADMINISTRATOR", "NEGOTIATOR", "CONFIG", "CLIENT"]
LEVELS += ["ADVERTISE_MASTER", "ADVERTISE_SCHEDD", "ADVERTISE_STARTD"]


def allowed(role: Role) -> dict[str, list[str]]:
    """The lists as HTCondor reads them: the last one of a name, with its macros."""
    values = {"UID_DOMAIN": DOMAIN, "TRUST_DOMAIN": DOMAIN}
    for line in render_security(role).splitlines():
        if found := re.fullmatch(r"(ALLOW_\w+) =(.*)", line):
            text = re.sub(
                r"\$\((\w+)(?::[^)]*)?\)", lambda m: values.get(m[1], "192.0.2.1"), found[2]
            )
            values[found[1]] = text.strip()
    return {
        level: [entry.strip() for entry in values[f"ALLOW_{level}"].split(",") if entry.strip()]
        for level in LEVELS
    }


def may(lists: dict[str, list[str]], identity: str) -> set[str]:
    """The levels that name the identity from any address."""
    return {
        level
        for level, entries in lists.items()
        if any(fnmatch(identity, entry) for entry in entries)
    }


@pytest.mark.parametrize("role", list(Role))
def test_no_list_takes_a_stranger(role: Role) -> None:
    lists = allowed(role)
    assert {who: may(lists, who) for who in STRANGERS} == {who: set() for who in STRANGERS}
    assert lists["CONFIG"] == []


def test_what_nodes_may_at_the_master() -> None:
    lists = allowed(Role.MASTER)
    for role, authorizations in contract.ROLE_AUTHORIZATIONS.items():
        for node in (role, f"{role}-1", f"{role}-3f2a.lab"):
            identity = contract.node_identity(node, "lab")
            assert may(lists, identity) == set(authorizations)


@pytest.mark.parametrize("role", [Role.SUBMIT, Role.EXECUTE])
def test_no_node_may_anything_at_another(role: Role) -> None:
    for node in ("master", "submit", "execute-1"):
        assert may(allowed(role), contract.node_identity(node, "lab")) == set()


def test_by_the_file_system_a_node_talks_to_itself_alone() -> None:
    for role in Role:
        unproven = [it for it in allowed_client(role) if it.startswith("unauthenticated")]
        assert unproven
        assert all(entry.partition("/")[2] for entry in unproven)


def allowed_client(role: Role) -> list[str]:
    (line,) = [it for it in render_security(role).splitlines() if it.startswith("ALLOW_CLIENT")]
    return [entry.strip() for entry in line.partition("=")[2].split(",")]
