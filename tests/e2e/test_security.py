"""Security from the first day: what each node may do, and where its secrets are."""

from __future__ import annotations

import pytest

from roost import Pool, contract
from roost.contract import Role


def token_of(pool: Pool, node: str) -> bytes:
    return pool.exec(node, ["cat", contract.TOKEN_FILE]).stdout.strip()


@pytest.mark.parametrize("node", ["submit", "execute-1"])
def test_secrets_are_in_their_files_alone(pool: Pool, node: str) -> None:
    token = token_of(pool, node)
    assert token.count(b".") == 2
    places = {
        "environment of every process": "cat /proc/[0-9]*/environ",
        "command lines": "cat /proc/[0-9]*/cmdline",
        "configuration": "condor_config_val -dump",
        "HTCondor's logs": f"cat {contract.LOG_DIR}/*",
    }
    signature = token.rpartition(b".")[2]
    for place, command in places.items():
        seen = pool.exec(node, ["sh", "-c", command]).stdout
        assert seen, place
        telling = [line for line in seen.splitlines() if signature in line]
        assert telling == [], place
    log = b"\n".join(pool.engine.logs(f"{pool.name}-{node}"))
    assert signature not in log
    mode = pool.exec(node, ["stat", "-c", "%a %U", contract.TOKEN_FILE]).stdout
    assert mode.strip() == b"600 root"


@pytest.mark.parametrize("node", ["master", "submit", "execute-1"])
def test_no_process_leaves_a_core_file(pool: Pool, node: str) -> None:
    """A core file holds the secrets that its process held."""
    limits = "for p in /proc/[0-9]*; do grep -s 'Max core file size' $p/limits; done; true"
    lines = pool.exec(node, ["sh", "-c", limits]).stdout.decode().splitlines()
    soft = [line.split()[4] for line in lines]
    assert len(soft) > 5
    # The shell that asks is no process of the node's own.
    assert len([limit for limit in soft if limit != "0"]) <= 2, lines


def test_the_signing_key_is_on_the_master_alone(pool: Pool) -> None:
    keys = pool.exec("master", ["sh", "-c", f"cd {contract.KEYS_DIR} && stat -c '%a %U %n' *"])
    (line,) = keys.stdout.decode().splitlines()
    assert line.startswith("600 root key-"), "one key, named by its id, for root alone"
    for node in ("submit", "execute-1"):
        assert pool.exec(node, ["ls", contract.KEYS_DIR]).stdout == b""


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
