"""``roost images save``, ``load`` and ``push-to``."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from roost.engines.fake import FakeEngine
from roost.errors import ImageBuildError
from roost.invitation import encode
from tests.unit.cli.conftest import Roost
from tests.unit.cli.fakepool import FakePool, says
from tests.unit.invites import make_invite

NAMES = [
    f"roost-{role}:{tag}"
    for role in ("execute", "master", "submit")
    for tag in ("23.9.6-trixie", "latest")
]


def without_images(engine: FakeEngine) -> None:
    for name in NAMES:
        engine.remove_image(name)


def test_a_file_carries_all_images_with_their_names(
    roost: Roost, engine: FakeEngine, here: Path
) -> None:
    roost("build")
    saved = roost("images", "save", "images.tar")
    assert saved.exit_code == 0, saved.output
    without_images(engine)
    loaded = roost("images", "load", "images.tar", "--json")
    assert json.loads(loaded.stdout) == {"images": NAMES, "used_here": True, "engine": "fake"}
    assert all(engine.find_image(name) for name in NAMES)
    built = sum(call.method == "build_image" for call in engine.calls)
    assert roost("build").exit_code == 0
    assert sum(call.method == "build_image" for call in engine.calls) == built, "they are used"


def test_images_of_another_roost_are_taken_and_told(
    roost: Roost, engine: FakeEngine, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    roost("build")
    roost("images", "save", "images.tar")
    without_images(engine)
    monkeypatch.setattr("roost.images.carry.find_images", lambda *_: None)
    loaded = roost("images", "load", "images.tar")
    assert loaded.exit_code == 0
    assert "another version of Roost" in loaded.stderr


def test_a_file_that_is_there_is_kept(roost: Roost, here: Path) -> None:
    roost("build")
    (here / "images.tar").write_text("mine")
    refused = roost("images", "save", "images.tar")
    assert refused.exit_code == 1
    assert "images.tar is there already" in refused.stderr
    assert (here / "images.tar").read_text() == "mine"
    assert roost("images", "save", "--force", "images.tar").exit_code == 0
    assert not list(here.glob(".*.part"))


def test_images_that_are_not_built(roost: Roost) -> None:
    failed = roost("images", "save", "images.tar")
    assert failed.exit_code == 1
    assert "the images of trixie are not built on this host" in failed.stderr


def test_what_is_no_archive(roost: Roost, here: Path, engine: FakeEngine) -> None:
    (here / "images.tar").write_text("something else")
    failed = roost("images", "load", "images.tar")
    assert failed.exit_code == 1
    assert "no archive of images" in failed.stderr
    assert not any(call.method == "load_images" for call in engine.calls)


def invite() -> str:
    return encode(make_invite(time.time() + 60))


def test_join_takes_images_from_a_file(
    roost: Roost, engine: FakeEngine, here: Path, pool: FakePool
) -> None:
    pool.answers["cat"] = lambda *_: says({"state": "healthy"})
    roost("build")
    roost("images", "save", "images.tar")
    without_images(engine)
    built = sum(call.method == "build_image" for call in engine.calls)
    joined = roost("join", "--images", "images.tar", "--node", "lab7", input=invite())
    assert "execute-lab7 has joined pool lab" in joined.stdout, joined.output
    assert sum(call.method == "build_image" for call in engine.calls) == built


def test_join_names_the_way_where_images_cannot_be_built(
    roost: Roost, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_arguments: object, **_settings: object) -> None:
        raise ImageBuildError("no mirror answers", hint="look at the network")

    monkeypatch.setattr("roost.images.ensure_images", fails)
    failed = roost("join", input=invite())
    assert failed.exit_code == 1
    assert "look at the network; or the host of the pool has them" in failed.stderr
    assert "roost images push-to" in failed.stderr


def test_join_cannot_read_two_things_from_one_place(roost: Roost) -> None:
    refused = roost("join", "--images", "-", input=invite())
    assert refused.exit_code == 2
    assert "cannot both come from one place" in refused.stderr


@pytest.fixture
def other_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A host whose shell ssh runs commands in, with an engine that is a script; its directory."""
    programs = tmp_path / "programs"
    programs.mkdir()
    state = tmp_path / "state"
    state.mkdir()

    def program(name: str, text: str) -> None:
        (programs / name).write_text(f"#!/bin/sh\n{text}")
        (programs / name).chmod(0o755)

    program(
        "ssh",
        f'echo "$*" >> {state}/ssh\n[ "$3" = lab7 ] || {{ echo "no route" >&2; exit 255; }}\neval "$4"\n',
    )
    program("docker", "exit 1\n")
    program(
        "podman",
        f"""case "$1" in
version) ;;
image) cat "{state}/$(echo "$5" | tr / _)" ;;
load) cat > {state}/loaded; cp {state}/new/* {state}/ ;;
esac
""",
    )
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    return state


def test_another_host_gets_what_it_has_not(
    roost: Roost, engine: FakeEngine, other_host: Path
) -> None:
    roost("build")
    (other_host / "new").mkdir()
    for name in NAMES:
        image = engine.find_image(name)
        assert image
        place = other_host if name.startswith("roost-master") else other_host / "new"
        (place / f"localhost_{name}").write_text(json.dumps(dict(image.labels)))
    pushed = roost("images", "push-to", "lab7", "--json")
    assert pushed.exit_code == 0, pushed.output
    assert json.loads(pushed.stdout) == {
        "host": "lab7",
        "engine": "podman",
        "sent": [name for name in NAMES if "master" not in name],
        "there": [name for name in NAMES if "master" in name],
    }
    assert (other_host / "loaded").stat().st_size > 0
    before = (other_host / "ssh").read_text().count("lab7")
    again = roost("images", "push-to", "lab7")
    assert f"podman on lab7 had {', '.join(NAMES)} already" in again.stdout
    assert (other_host / "ssh").read_text().count("lab7") == before + 1


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["lab8"], 1, "ssh to lab8 failed: no route"),
        (["lab7", "--engine-there", "docker"], 1, "on lab7 no engine answers this user (docker)"),
        (["--", "-oProxyCommand=evil"], 2, "'-oProxyCommand=evil' is no host"),
        (["lab7"], 1, "podman on lab7 took the images, and has no roost-execute"),
    ],
)
def test_a_host_that_cannot_be_had(
    roost: Roost, other_host: Path, arguments: list[str], code: int, words: str
) -> None:
    roost("build")
    (other_host / "new").mkdir()
    (other_host / "new" / "nothing").touch()
    failed = roost("images", "push-to", *arguments)
    assert failed.exit_code == code
    assert words in failed.stderr
