"""Nodes from elsewhere: asking, approving, invites, and who is not let in. On one real pool."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

import pytest

from roost import Pool, contract
from roost.contract import Role
from roost.engines.protocol import ContainerSpec, ContainerState, Engine, ExecResult, Mount
from roost.errors import RoostError, UsageError
from roost.invitation import decode, encode
from roost.plan import network_name
from roost.waiting import wait_for
from tests.e2e.conftest import READY_TIMEOUT_S, SUITE

PATIENCE_S = 120.0
NONE: Mapping[str, str] = MappingProxyType({})
STRANGER = {
    "_CONDOR_SEC_CLIENT_AUTHENTICATION_METHODS": "SSL",
    "_CONDOR_SEC_KNOWN_HOSTS": "/tmp/known",
    "_CONDOR_ALLOW_CLIENT": "*",
    "_CONDOR_CONDOR_IDS": "0.0",
    "_CONDOR_SSL_SKIP_HOST_CHECK": "True",
    "_CONDOR_BOOTSTRAP_SSL_SERVER_TRUST": "True",
    "_CONDOR_BOOTSTRAP_SSL_SERVER_TRUST_PROMPT_USER": "False",
}
LEVELS = ["READ", "WRITE", "ADMINISTRATOR", "DAEMON", "NEGOTIATOR", "CONFIG"]
LEVELS += ["ADVERTISE_STARTD", "ADVERTISE_SCHEDD", "ADVERTISE_MASTER"]
CODE = re.compile(r"code ([A-Z2-7]{4}-[A-Z2-7]{4})")


@dataclass
class Host:
    """An engine, the pool on it, and containers that are started by hand beside it."""

    engine: Engine
    pool: Pool
    made: list[str]

    def container(self, node: str) -> str:
        return f"{self.pool.name}-{node}"

    @cached_property
    def images(self) -> Mapping[Role, str]:
        return {node.role: node.container.image for node in self.pool.plan().nodes}

    def start(
        self,
        name: str,
        role: Role = Role.EXECUTE,
        mounts: tuple[Mount, ...] = (),
        environment: Mapping[str, str] = NONE,
    ) -> str:
        """As ``docker run -d --name NAME -e … roost-ROLE`` does."""
        pool = self.pool.name
        master = {contract.ENV_MASTER: f"{pool}-master", contract.ENV_CPUS: "1"}
        settings = {contract.ENV_POOL: pool, contract.ENV_MEMORY_MB: "256"}
        settings |= {} if role is Role.MASTER else master
        full = self.container(name)
        self.engine.ensure_container(
            ContainerSpec(
                name=full,
                image=self.images[role],
                hostname=name,
                network=network_name(pool),
                labels={contract.LABEL_POOL: pool},
                environment={**settings, **environment},
                mounts=mounts,
                capabilities=("SETUID", "SETGID", "KILL", "CHOWN", "DAC_OVERRIDE"),
                restart=False,
            )
        )
        self.made.append(full)
        self.engine.start(full)
        return full

    def log(self, container: str) -> str:
        return b"\n".join(self.engine.logs(container)).decode()

    def await_words(self, container: str, pattern: str) -> str:
        """The log, once it has the words."""

        def look() -> str | None:
            log = self.log(container)
            return log if re.search(pattern, log) else None

        return wait_for(
            f"{container} says {pattern!r}",
            look,
            timeout_s=PATIENCE_S,
            last_seen=lambda: self.log(container)[-2000:],
        )

    def await_end(self, container: str) -> str:
        """The log of a container that ends by itself, not well."""

        def ended() -> bool | None:
            found = self.engine.find_container(container)
            assert found
            return (found.state is ContainerState.EXITED and found.exit_code == 1) or None

        wait_for(
            f"{container} ends",
            ended,
            timeout_s=PATIENCE_S,
            last_seen=lambda: self.log(container)[-2000:],
        )
        return self.log(container)

    def run(self, container: str, *argv: str, **environment: str) -> ExecResult:
        return self.engine.exec(container, argv, environment=environment)

    def knows(self, node: str) -> bool:
        return f"execute:{node}" in str(
            self.pool.exec("master", [contract.NODE_PROGRAM, "observe"]).stdout
        )

    def roost(self, *arguments: str, **options: object) -> subprocess.CompletedProcess[bytes]:
        environment = os.environ | {"ROOST_ENGINE": self.engine.name, "ROOST_POOL": self.pool.name}
        program = Path(sys.executable).with_name("roost")
        return subprocess.run(  # type: ignore[call-overload, no-any-return]
            [program, *arguments],
            capture_output=True,
            check=False,
            env=environment,
            timeout=240,
            **options,
        )


@pytest.fixture(scope="module")
def host(engine: Engine) -> Iterator[Host]:
    pool = Pool(f"rt-{os.getpid()}-90", executors=1, suite=SUITE.value, engine=engine)
    made = Host(engine, pool, [])
    try:
        pool.up(timeout_s=READY_TIMEOUT_S)
        yield made
    finally:
        for name in made.made:
            engine.remove_container(name)
        pool.down()


def test_a_stranger_may_ask_for_a_token_and_nothing_else(host: Host) -> None:
    executor = host.container("execute-1")
    ping = ["condor_ping", "-type", "COLLECTOR", "-verbose"]
    asked = host.run(executor, *ping, "ALLOW", **STRANGER)
    assert b"unauthenticated@unmapped" in asked.stdout, asked
    assert b"Authenticated using:         SSL" in asked.stdout
    for level in LEVELS:
        refused = host.run(executor, *ping, level, **STRANGER)
        assert refused.exit_code != 0, level
        assert b"unauthenticated@unmapped" in refused.stdout + refused.stderr, level
    listed = host.run(executor, "condor_status", **STRANGER)
    assert (listed.exit_code != 0, listed.stdout) == (True, b"")
    requests = host.run(executor, "condor_token_request_list", **STRANGER)
    assert b"RequestId" not in requests.stdout
    fetched = host.run(executor, "condor_token_fetch", **STRANGER)
    assert fetched.exit_code != 0
    assert fetched.stdout.count(b".") < 2


def test_a_node_asks_and_a_person_lets_it_in(host: Host) -> None:
    name = host.start("lab7")
    (code,) = set(CODE.findall(host.await_words(name, "code ")))
    master = host.await_words(host.container("master"), f"code {code}")
    assert "execute-lab7@" in master
    assert not host.knows("execute-lab7")
    assert [one.code for one in host.pool.join_requests()] == [code]
    with pytest.raises(UsageError, match=f"there are: {code}"):
        host.pool.approve("AAAA-AAAA")
    shown = host.pool.exec("master", [contract.NODE_PROGRAM, "approve"]).stdout.decode()
    assert f"{code}  execute-lab7@" in shown
    approved = host.pool.exec("master", [contract.NODE_PROGRAM, "approve", code.lower()])
    assert approved.exit_code == 0, approved.stdout
    host.await_words(name, "joined the master")
    wait_for("it is known", lambda: host.knows("execute-lab7") or None, timeout_s=PATIENCE_S)
    held = host.run(name, "stat", "-c", "%a %U", contract.TOKEN_FILE, contract.PINS_FILE)
    assert held.stdout.split() == [b"600", b"root"] * 2
    assert host.pool.join_requests() == []
    assert "a person let execute-lab7@" in host.log(host.container("master"))


@pytest.mark.one_engine
def test_an_open_network_lets_in_who_asks_from_it(host: Host) -> None:
    name = host.start("lab13")
    host.await_words(name, "code ")
    found = host.engine.find_container(name)
    assert found
    assert found.address
    gateway_and_all = f"{found.address.rpartition('.')[0]}.0/24"
    with pytest.raises(RoostError, match="the gateway of this master's own network"):
        host.pool.open_network(gateway_and_all, 60)
    assert not host.knows("execute-lab13")
    host.pool.open_network(f"{found.address}/32", 60)
    host.await_words(name, "joined the master")
    assert f"the network {found.address}/32 is open for 60 s" in host.log(host.container("master"))
    host.pool.open_network(f"{found.address}/32", 0)


def test_an_invite_lets_one_node_in_by_itself(host: Host) -> None:
    invite = host.roost("invite", "execute")
    assert invite.returncode == 0, invite.stderr
    text = invite.stdout.decode().strip()
    joined = host.roost("join", "--node", "lab8", "--suite", SUITE.value, input=invite.stdout)
    assert joined.returncode == 0, joined.stderr
    name = host.container("execute-lab8")
    assert host.knows("execute-lab8")
    assert host.run(name, "ls", contract.INVITE_FILE).exit_code != 0, "it has done its work"
    token = decode(text).token
    for place in (
        host.log(name),
        host.log(host.container("master")),
        repr(host.engine.inspect(name)),
    ):
        assert text not in place
        assert token.rpartition(".")[2] not in place
    (known,) = [one for one in host.pool.invites() if one.id == decode(text).id]
    assert known.used_by == ("execute-lab8",)
    assert "used up" in str(known.problem)
    again = host.roost("join", "--node", "lab9", "--suite", SUITE.value, input=invite.stdout)
    assert again.returncode == 1
    assert b"does not accept the invite" in again.stderr
    assert "is used up: execute-lab8" in host.log(host.container("master"))
    assert host.engine.find_container(host.container("execute-lab9")) is None
    labels = {contract.LABEL_NODE: "execute-lab9"}
    assert host.engine.list_volumes(labels) == []


def test_an_invites_token_allows_nothing_but_asking(host: Host) -> None:
    invite = decode(host.pool.invite("execute").text)
    place = "/tmp/invite"
    executor = host.container("execute-1")
    write = f"umask 077; mkdir -p {place}; printf %s '{invite.token}' > {place}/token"
    host.run(executor, "sh", "-c", write)
    settings = {"_CONDOR_SEC_CLIENT_AUTHENTICATION_METHODS": "IDTOKENS"}
    settings |= {"_CONDOR_SEC_TOKEN_DIRECTORY": place, "_CONDOR_SEC_TOKEN_SYSTEM_DIRECTORY": place}
    ping = ["condor_ping", "-type", "COLLECTOR", "-verbose"]
    asked = host.run(executor, *ping, "ALLOW", **settings)
    assert f"invite-{invite.id}@".encode() in asked.stdout, asked
    for level in LEVELS:
        assert host.run(executor, *ping, level, **settings).exit_code != 0, level
    host.run(executor, "rm", "-r", place)


@pytest.mark.one_engine
def test_who_is_not_let_in(host: Host, tmp_path: Path) -> None:
    """Every bad invite at once: each node ends with its reason, and no node is let in."""
    good = host.pool.invite("execute", uses=9).text
    revoked = host.pool.invite("execute")
    host.pool.revoke_invite(revoked.id)
    mine = decode(good)
    changed: Callable[..., str] = lambda **values: encode(replace(mine, **values))  # noqa: E731
    cases = {
        "truncated": (good[:200], "damaged or cut short"),
        "version": (good.replace("invite-1.", "invite-2.", 1), "of version '2'"),
        "role": (host.pool.invite("submit").text, "is for a node of role submit"),
        "expired": (changed(ends=1.0), "expired .* by this node's clock"),
        "revoked": (revoked.text, "does not accept the invite"),
        "master": (changed(certificate="ab" * 32), "is not the one that made the invite"),
        "name": (
            changed(name="master.other.pool"),
            "certificate is for .*, not for master.other.pool",
        ),
        "forged": (changed(token=mine.token[:-6] + "AAAAAA"), "does not accept the invite"),
        "given": (good, "does not accept the invite"),
    }
    before = host.pool.status().slots
    for name, (text, _) in cases.items():
        file = tmp_path / name
        file.write_text(text)
        file.chmod(0o600)
        node = {contract.ENV_NODE: "execute-1"} if name == "given" else {}
        mounts = (Mount(str(file), contract.INVITE_FILE, read_only=True),)
        host.start(f"bad-{name}", mounts=mounts, environment=node)
    for name, (text, said) in cases.items():
        log = host.await_end(host.container(f"bad-{name}"))
        assert re.search(said, log), f"{name}: {log}"
        assert text[-40:] not in log
        assert "this node has its own token" not in log
    master = host.log(host.container("master"))
    assert f"invite {revoked.id} has been revoked" in master
    assert "the name execute-1, which belongs to the pool's own nodes" in master
    assert host.pool.status().slots == before


def test_an_invite_in_a_mounted_file(host: Host, tmp_path: Path) -> None:
    file = tmp_path / "roost-invite"
    file.write_text(host.pool.invite("execute", node="lab10").text)
    file.chmod(0o600)
    mount = Mount(str(file), contract.INVITE_FILE, read_only=True)
    name = host.start("lab10", mounts=(mount,))
    log = host.await_words(name, "joined the master")
    assert "is mounted and cannot be removed from here" in log
    wait_for("it is known", lambda: host.knows("execute-lab10") or None, timeout_s=PATIENCE_S)


@pytest.mark.one_engine
def test_the_operators_own_certificate(host: Host, tmp_path: Path) -> None:
    """A master that holds it, a node that finds it by its name, and two that do not believe it."""
    script = """
set -e; cd "$(mktemp -d)"; umask 077
ec() { openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc "$@" 2>/dev/null; }
ec -keyout ca.key -out ca.crt -subj /CN=authority -addext basicConstraints=critical,CA:true -days 9
ec -keyout host.key -out leaf.crt -subj /CN=head -CA ca.crt -CAkey ca.key -days 9 \
  -addext subjectAltName=DNS:NAME -addext basicConstraints=critical,CA:false
cat leaf.crt ca.crt; echo ====; cat host.key; echo ====; cat ca.key
"""
    name = host.container("operator")
    made = host.pool.exec("master", ["sh", "-c", script.replace("NAME", name)]).stdout
    chain, key, other = made.decode().split("====\n")
    for directory, its_key in (("good", key), ("bad", other)):
        (tmp_path / directory).mkdir()
        (tmp_path / directory / "host.crt").write_text(chain)
        (tmp_path / directory / "host.key").write_text(its_key)
        (tmp_path / directory / "host.key").chmod(0o600)

    def mounts(directory: str) -> tuple[Mount, ...]:
        source = str(tmp_path / directory)
        return (Mount(source, contract.OPERATOR_CERTIFICATE_DIR, read_only=True),)

    host.start("bad-operator", Role.MASTER, mounts("bad"))
    assert "is not the key of the certificate" in host.await_end(host.container("bad-operator"))
    host.start("operator", Role.MASTER, mounts("good"))
    believing = host.start("lab11", environment={contract.ENV_MASTER: name})
    log = host.await_words(believing, "code |ERROR")
    assert CODE.search(log), log
    address = host.engine.find_container(name)
    assert address
    assert address.address
    host.start("lab12", environment={contract.ENV_MASTER: address.address})
    log = host.await_end(host.container("lab12"))
    assert "its certificate is for" in log
    # A node that knows another certificate believes this one by no name.
    pem = host.pool.exec("master", ["cat", f"{contract.CERTIFICATE_DIR}/host.crt"]).stdout.decode()
    body = "".join(line for line in pem.splitlines() if not line.startswith("-"))
    pins = tmp_path / "known_masters"
    pins.write_text(f"{contract.node_hostname(Role.MASTER, host.pool.name)} SSL {body}\n")
    known = (Mount(str(pins), contract.PINS_FILE, read_only=True),)
    host.start("lab14", mounts=known, environment={contract.ENV_MASTER: name})
    log = host.await_end(host.container("lab14"))
    assert "another certificate than at this node's first contact" in log
