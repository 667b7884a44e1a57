"""The real signing key and every real token are in their own files, and nowhere else.

They are looked for wherever an operator, a user or an engine could come upon them. A made-up token is
planted first in each kind of place, and has to be found there.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import secrets
import stat
import subprocess
import sys
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from roost import Pool, contract
from roost.engines.protocol import BuildSpec, ContainerSpec, Engine, File
from roost.pool.nodes import get_pool
from roost.waiting import wait_for
from tests.e2e.attacks import places
from tests.e2e.attacks.needles import Needles, key_needles, token_needles
from tests.e2e.attacks.places import KeepsTemporaries, Place
from tests.e2e.conftest import SUITE

KINDS = {
    "inspect",
    "history",
    "layers",
    "environ",
    "cmdline",
    "logs",
    "file",
    "temporary",
    "archive",
}


@dataclass(frozen=True)
class Host:
    """A pool that was made by the ``roost`` command, and what the command left behind meanwhile."""

    pool: Pool
    temporaries: KeepsTemporaries
    here: Path

    def roost(self, *arguments: str, codes: tuple[int, ...] = (0,)) -> bytes:
        done = subprocess.run(
            [Path(sys.executable).with_name("roost"), *arguments],
            env=os.environ
            | {
                "ROOST_ENGINE": self.pool.engine.name,
                "ROOST_POOL": self.pool.name,
                "TMPDIR": str(self.here / "tmp"),
            },
            cwd=self.here,
            capture_output=True,
            timeout=240,
            check=False,
        )
        assert done.returncode in codes, (arguments, done.stderr)
        return done.stdout


@pytest.fixture(scope="module")
def host(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    here = tmp_path_factory.mktemp("secrets")
    pool = Pool(f"rt-{os.getpid()}x", suite=SUITE.value, engine=engine)
    with KeepsTemporaries(here / "tmp", here / "kept") as temporaries:
        made = Host(pool, temporaries, here)
        try:
            made.roost("up", "--executors", "1", "--suite", SUITE.value)
            made.roost("run", "--", "true")
            yield made
        finally:
            pool.down()


def planted_token() -> bytes:
    header = b"eyJhbGciOiJIUzI1NiIsImtpZCI6ImtleS1wbGFudGVkIn0"
    return b".".join((header, b"eyJzdWIiOiJub2JvZHkifQ", secrets.token_urlsafe(32).encode()))


def archive_of(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        member = tarfile.TarInfo("support/logs/master.log")
        member.size = len(data)
        tar.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


@pytest.fixture
def planted(engine: Engine, host: Host) -> Iterator[tuple[Needles, str, str]]:
    """A container and an image that carry a made-up token in every place they have."""
    token = planted_token()
    text = token.decode()
    tag, name = f"{host.pool.name}-planted:1", f"{host.pool.name}-planted"
    shell = f"{host.pool.name}-shell:1"
    own = get_pool(engine, host.pool.name)[0].image
    recipes = {
        tag: f"FROM scratch\nENV PLANTED={text}\nCOPY planted.gz /\n",
        shell: f"FROM {own}\nENTRYPOINT []\n",
    }
    packed = File("planted.gz", gzip.compress(token))
    script = 'echo "$0" >/var/tmp/core; echo "$0"; exec tail -f /dev/null -- "$0"'
    spec = ContainerSpec(
        name,
        shell,
        hostname="planted",
        network=f"{host.pool.name}-net",
        environment={"PLANTED": text},
        command=("sh", "-c", script, text),
        restart=False,
    )
    try:
        for image, recipe in recipes.items():
            context = (File("Dockerfile", recipe.encode()), packed)
            engine.build_image(BuildSpec(image, context), lambda _line: None)
        engine.ensure_container(spec)
        engine.start(name)
        wait_for("it has told", lambda: any(engine.logs(name)) or None, timeout_s=30)
        yield Needles({"planted": frozenset(token_needles(token))}), name, tag
    finally:
        engine.remove_container(name)
        for image in recipes:
            if engine.find_image(image):
                engine.remove_image(image)


def container_places(engine: Engine, container: str) -> Iterator[Place]:
    yield from places.inspections(engine, container)
    yield from places.engine_log(engine, container)
    yield from places.process_texts(engine, container, "environ")
    yield from places.process_texts(engine, container, "cmdline")
    yield from (("file " + path, data) for path, data in places.files(engine, container))


def found_in(needles: Needles, searched: Iterable[Place]) -> set[tuple[str, str]]:
    """Where which secret is. Most files of most nodes are the same: those are looked into once."""
    found: set[tuple[str, str]] = set()
    clean: set[bytes] = set()
    for where, data in searched:
        digest = hashlib.sha256(data).digest()
        if digest not in clean:
            here = set(needles.find(data, where))
            found |= here
            clean |= set() if here else {digest}
    return found


def test_what_is_planted_is_found_in_each_kind_of_place(
    engine: Engine, host: Host, planted: tuple[Needles, str, str]
) -> None:
    needles, name, tag = planted
    (needle, *_) = needles.secrets["planted"]
    temporary = host.here / "tmp" / "planted"
    temporary.write_bytes(needle)

    def is_kept() -> bool | None:
        return any(needle in content for _, content in host.temporaries.places()) or None

    wait_for("it is kept", is_kept, timeout_s=10)
    temporary.unlink()

    def searched() -> Iterator[Place]:
        yield from container_places(engine, name)
        yield from places.image_descriptions(engine, tag)
        yield from places.image_layers(engine, tag)
        yield from host.temporaries.places()
        yield "archive", archive_of(b"a line\n" + needle)

    found = {where for where, _ in found_in(needles, searched())}
    assert {where.partition(" ")[0].partition(":")[0] for where in found} == KINDS
    assert f"file {name}:/var/tmp/core" in found
    assert any(where.startswith(f"layers {tag}:") and "planted.gz" in where for where in found)


def real_secrets(host: Host) -> Needles:
    pool = host.pool
    keys = {
        f"key of {node}": pool.exec(node, ["sh", "-c", f"cat {contract.KEYS_DIR}/*"]).stdout
        for node in ("master", "submit")
    }
    assert [len(key) for key in keys.values()] == [64, 64]
    user = host.roost("token", "create", "--user", "dana", "--address", "head.example.org")
    tokens = {
        node: pool.exec(node, ["cat", contract.TOKEN_FILE]).stdout
        for node in ("submit", "execute-1")
    }
    found = {f"token of {node}": frozenset(token_needles(token)) for node, token in tokens.items()}
    found["token of dana"] = frozenset(token_needles(user))
    return Needles({**{name: frozenset(key_needles(key)) for name, key in keys.items()}, **found})


def test_real_secrets_are_in_their_own_files_alone(engine: Engine, host: Host) -> None:
    needles = real_secrets(host)
    containers = get_pool(engine, host.pool.name)
    archive = host.here / "support.tar.gz"
    host.roost("export", "logs", "--output", str(archive))
    told = {
        f"told by roost {what}": host.roost(what, "--json")
        for what in ("status", "logs", "jobs", "ls")
    }
    told["told by roost doctor"] = host.roost("doctor", "--json", codes=(0, 1))
    assert json.loads(told["told by roost status"])["ready"]
    assert len(told["told by roost logs"].splitlines()) > 100

    def searched() -> Iterator[Place]:
        for container in containers:
            yield from container_places(engine, container.name)
            yield from places.image_descriptions(engine, container.image)
            yield from places.image_layers(engine, container.image)
        yield from host.temporaries.places()
        yield "archive", archive.read_bytes()
        yield from told.items()

    (key,) = host.pool.exec("master", ["ls", contract.KEYS_DIR]).stdout.decode().split()
    (users,) = host.pool.exec("submit", ["ls", contract.KEYS_DIR]).stdout.decode().split()
    at = f"file {host.pool.name}"
    assert found_in(needles, searched()) == {
        (f"{at}-master:{contract.KEYS_DIR}/{key}", "key of master"),
        (f"{at}-submit:{contract.KEYS_DIR}/{users}", "key of submit"),
        (f"{at}-submit:{contract.TOKEN_FILE}", "token of submit"),
        (f"{at}-execute-1:{contract.TOKEN_FILE}", "token of execute-1"),
    }
    for node, path in (
        ("master", f"{contract.KEYS_DIR}/{key}"),
        ("submit", f"{contract.KEYS_DIR}/{users}"),
        ("submit", contract.TOKEN_FILE),
        ("execute-1", contract.TOKEN_FILE),
    ):
        folder = path.rpartition("/")[0]
        modes = host.pool.exec(node, ["stat", "-c", "%a %U", path, folder]).stdout
        assert modes == b"600 root\n700 root\n", node


def test_what_the_command_makes_on_the_host_is_for_its_user_alone(host: Host) -> None:
    made = host.here / "private.tar.gz"
    host.roost("export", "logs", "--output", str(made))
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    own = host.here / "tmp" / f"roost-{os.geteuid()}"
    assert set((host.here / "tmp").iterdir()) <= {own}
    left = list(own.iterdir()) if own.exists() else []
    assert not own.exists() or stat.S_IMODE(own.stat().st_mode) == 0o700
    locks = [one for one in left if one.suffix == ".lock" and not one.read_bytes()]
    assert left == locks, "nothing but empty files that keep commands apart"
    assert {stat.S_IMODE(one.stat().st_mode) for one in locks} <= {0o600}
