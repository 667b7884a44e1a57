"""``roost token`` for users from outside, on an engine in memory."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from roost.engines.fake import FakeEngine
from tests.unit.cli.conftest import Roost
from tests.unit.cli.fakepool import FakePool

CREATE = ("token", "create", "--user", "alice", "--address", "head.example.org")


@pytest.fixture(autouse=True)
def is_up(roost: Roost) -> None:
    assert roost("up", "-n", "1").exit_code == 0


def test_the_token_is_alone_on_stdout_and_the_configuration_beside_it(roost: Roost) -> None:
    made = roost(*CREATE)
    assert (made.exit_code, made.stdout) == (0, "eyJ.1.secret\n")
    assert "SCHEDD_HOST = head.example.org:9618\n" in made.stderr
    assert "good until 2027-02-14 08:00 UTC for alice (user-alice@roost.pool)" in made.stderr
    assert "secret\n" not in made.stderr


def test_json(roost: Roost) -> None:
    told = json.loads(roost(*CREATE, "--ttl", "1h", "--json").stdout)
    assert told.pop("config").startswith("SCHEDD_HOST = head.example.org:9618\n")
    assert told == {
        "user": "alice",
        "identity": "user-alice@roost.pool",
        "id": "0" * 31 + "1",
        "expires": 1_800_003_600.0,
        "schedd": "head.example.org:9618",
        "token": "eyJ.1.secret",
    }


def test_a_file_is_the_callers_alone_and_nothing_is_overwritten(roost: Roost, here: Path) -> None:
    made = roost(*CREATE, "--output", "alice.token")
    assert (made.exit_code, made.stdout) == (0, "")
    file = here / "alice.token"
    assert file.read_text() == "eyJ.1.secret\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again = roost(*CREATE, "--output", "alice.token")
    assert again.exit_code == 1
    assert "--output alice.token is there already" in again.stderr
    told = json.loads(roost(*CREATE, "--output", "two", "--json").stdout)
    assert told["output"] == "two"
    assert "token" not in told


def test_no_file_is_left_where_no_token_was_made(roost: Roost, here: Path, pool: FakePool) -> None:
    pool.users.refuses = "alice was revoked 2 min ago"
    refused = roost(*CREATE, "--output", "alice.token")
    assert refused.exit_code == 1
    assert "alice was revoked 2 min ago" in refused.stderr
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "said", "mend"),
    [
        (("--user", "Alice"), "no user can be called 'Alice'", "say another --user NAME"),
        (("--user", "root"), "the name of an account or of a node", "say another --user NAME"),
        (("--user", "execute-1"), "the name of an account or of a node", "--user NAME"),
        (("--user", "a", "--ttl", "59s"), "a token cannot live 59 s", "--ttl from 60s to 365d"),
        (("--user", "a", "--ttl", "366d"), "cannot live 31622400 s", "--ttl from 60s to 365d"),
        (("--user", "a", "--address", "a b"), "'a b' is no address", "--address HOST[:PORT]"),
        (("--user", "a", "--address", "a:0"), "'a:0' is no address", "--address HOST[:PORT]"),
        (("--user", "a", "--output", "no/x"), "--output no/x cannot be written", "another file"),
        (("--user", "a", "--ttl", "soon"), "'soon' is no time such as 300", "--help"),
        ((), "Missing option '--user'", "--help"),
    ],
)
def test_what_cannot_be_is_told_with_its_mend(
    roost: Roost, pool: FakePool, arguments: tuple[str, ...], said: str, mend: str
) -> None:
    refused = roost("token", "create", *arguments)
    assert refused.exit_code in (1, 2)
    assert said in refused.stderr
    assert mend in refused.stderr
    assert pool.users.tokens == []


@pytest.mark.parametrize(
    ("address", "schedd"),
    [
        ("192.0.2.1", "192.0.2.1:9618"),
        ("192.0.2.1:700", "192.0.2.1:700"),
        ("2001:db8::1", "[2001:db8::1]:9618"),
        ("[2001:db8::1]", "[2001:db8::1]:9618"),
        ("[2001:db8::1]:700", "[2001:db8::1]:700"),
    ],
)
def test_addresses(roost: Roost, address: str, schedd: str) -> None:
    told = json.loads(
        roost("token", "create", "--user", "a", "--address", address, "--json").stdout
    )
    assert told["schedd"] == schedd


def test_the_address_is_what_the_pool_file_publishes(roost: Roost, here: Path) -> None:
    def up(publish: str) -> None:
        (here / "roost.toml").write_text(f'version = 1\n[users]\npublish = "{publish}"\n')
        assert roost("up").exit_code == 0

    up("192.0.2.7:700")
    told = json.loads(roost("token", "create", "--user", "a", "--json").stdout)
    assert told["schedd"] == "192.0.2.7:700"
    up("0.0.0.0:700")
    refused = roost("token", "create", "--user", "a")
    assert "It is published at 0.0.0.0:700, which is each address of the host" in refused.stderr
    assert "say --address HOST[:PORT]" in refused.stderr


def test_without_a_submit_node_that_runs(roost: Roost, engine: FakeEngine) -> None:
    engine.stop("roost-submit")
    for arguments in (CREATE, ("token", "revoke", "--user", "alice")):
        refused = roost(*arguments)
        assert refused.exit_code == 1
        assert "node submit of pool roost is not running" in refused.stderr
        assert "start it with `roost up`" in refused.stderr
    listed = roost("token", "list")
    assert listed.exit_code == 0
    assert "execute-1@roost.pool" in listed.stdout
    assert "users' tokens are not shown: node submit of pool roost is not running" in listed.stderr
    engine.remove_container("roost-submit")
    assert "pool roost has no node 'submit'" in roost(*CREATE).stderr


def test_list_and_revoke(roost: Roost) -> None:
    roost(*CREATE)
    table = roost("token", "list").stdout.partition("\n\n")[2].splitlines()
    assert table[0].split() == ["USER", "IDENTITY", "TOKEN", "ISSUED", "EXPIRES", "STATE"]
    row = "alice user-alice@roost.pool 00000000 2027-01-15 08:00 2027-02-14 08:00 valid"
    assert " ".join(table[1].split()) == row
    revoked = roost("token", "revoke", "--user", "alice")
    assert revoked.stdout == "user-alice@roost.pool is revoked; 1 token ended.\n"
    assert "remove them with `roost exec submit condor_rm user-alice`" in revoked.stderr
    listed = json.loads(roost("token", "list", "--json").stdout)
    assert listed[-1] == {
        "user": "alice",
        "identity": "user-alice@roost.pool",
        "id": "0" * 31 + "1",
        "key": "key-u",
        "issued": 1_800_000_000.0,
        "expires": 1_802_592_000.0,
        "state": "revoked",
    }
    assert json.loads(roost("token", "revoke", "--user", "alice", "--json").stdout) == {
        "user": "alice",
        "identity": "user-alice@roost.pool",
        "revoked": True,
        "ended": 1,
    }


def test_revoke_of_nobody(roost: Roost) -> None:
    assert "it has none; `roost token create --user NAME`" in roost(
        "token", "revoke", "--user", "eve"
    ).stderr.replace("\n", " ")
    roost(*CREATE)
    refused = roost("token", "revoke", "--user", "eve")
    assert refused.exit_code == 1
    assert "has no user 'eve'" in refused.stderr
    assert "it has alice" in refused.stderr
    for arguments in ((), ("execute-1", "--user", "alice")):
        refused = roost("token", "revoke", *arguments)
        assert refused.exit_code == 2
        assert "name a node, or give --user NAME" in refused.stderr
    undo = roost("token", "revoke", "--undo", "--user", "alice")
    assert "`roost token create --user NAME` lets a user in again" in undo.stderr
