"""``roost export swarm`` and ``roost export compose``."""

from __future__ import annotations

import dataclasses
import errno
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from roost.engines.fake import FakeEngine
from tests.unit.cli.conftest import Roost

SECRETS = {"promise", "invite-submit", "invite-execute"}


@pytest.fixture
def built(roost: Roost) -> Roost:
    assert roost("build").exit_code == 0
    return roost


@pytest.mark.parametrize(
    ("arguments", "file"),
    [
        (["swarm", "--state-on", "head"], "roost-swarm/stack.yaml"),
        (["compose"], "roost-compose/compose.yaml"),
    ],
)
def test_files_are_written_and_secrets_are_closed(
    built: Roost, here: Path, arguments: list[str], file: str
) -> None:
    written = built("export", *arguments)
    assert written.exit_code == 0, written.output
    assert written.stdout == f"{file}\n"
    assert "roost-execute:23.9.6-trixie" in (here / file).read_text()
    secrets = (here / file).parent / "secrets"
    assert {path.name for path in secrets.iterdir()} == SECRETS
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
    texts = [(secrets / name).read_text() for name in SECRETS]
    assert not any(text.strip() in (here / file).read_text() for text in texts)
    assert not any(text.strip() in written.output for text in texts)


def test_secrets_stay_and_a_file_stays_unless_forced(built: Roost, here: Path) -> None:
    built("export", "swarm", "--state-on", "head", "lab")
    file, promise = here / "lab/stack.yaml", here / "lab/secrets/promise"
    before = promise.read_text()
    file.write_text("mine")
    refused = built("export", "swarm", "--state-on", "head", "lab")
    assert refused.exit_code == 1
    assert "lab/stack.yaml is there already" in refused.stderr
    again = built("export", "swarm", "--state-on", "other", "--force", "--json", "lab")
    assert json.loads(again.stdout)["new_secrets"] is False
    assert promise.read_text() == before
    assert "node.hostname == other" in file.read_text()
    built("export", "swarm", "--state-on", "other", "--force", "--new-secrets", "lab")
    assert promise.read_text() != before


def test_the_pool_file_is_heeded(built: Roost, here: Path) -> None:
    (here / "roost.toml").write_text(
        'version = 1\nname = "lab"\n[executors]\ncount = 7\n[htcondor.submit]\nconfig = "A = 1"\n'
        '[hosts]\naddress = "192.0.2.1"\n'
    )
    written = built("export", "swarm", "--state-on", "head", "--longest-job", "8h")
    assert written.exit_code == 0, written.output
    assert "left out: hosts.address" in written.stderr
    text = (here / "lab-swarm/stack.yaml").read_text()
    assert "replicas: 7" in text
    assert "ROOST_STOP_GRACE: '28800'" in text
    assert "stop_grace_period: 28860s" in text
    assert "A = 1" in (here / "lab-swarm/submit.config").read_text()


def test_a_manager_keeps_the_state_by_default(built: Roost, here: Path, engine: FakeEngine) -> None:
    able = dataclasses.replace(engine.capabilities, stacks=True)
    engine.capabilities = able
    assert built("export", "swarm").exit_code == 0
    host = engine.info().host
    assert f"node.hostname == {host}" in (here / "roost-swarm/stack.yaml").read_text()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["swarm"], 2, "no manager of a Swarm"),
        (
            ["swarm", "--state-on", "head", "--longest-job", "soon"],
            2,
            "'soon' is no time such as 300",
        ),
        (["swarm", "--state-on", "head", "--longest-job", "0s"], 2, "--longest-job is from 1s"),
        (["swarm", "--state-on", "head", "--ttl", "0s"], 2, "--ttl': an invite lives from 1 s to"),
        (["compose", "--ttl", "0.5s"], 2, "to 31536000 s (365 days), not 0.5 s"),
        (["compose", "--ttl", "366d"], 2, "(365 days), not 31622400 s"),
        (["compose", "--ttl", "99999d", "--force"], 2, "not 8639913600 s"),
        (["swarm", "--state-on", "head == x"], 2, "'head == x' is no host name"),
        (["compose", "--pool", "A b"], 2, "A b"),
        (["compose", "-n", "-1"], 2, "-1"),
        (["kubernetes"], 2, "there is no `roost export kubernetes`"),
    ],
)
def test_what_cannot_be_exported(
    built: Roost, here: Path, arguments: list[str], code: int, words: str
) -> None:
    refused = built("export", *arguments)
    assert refused.exit_code == code, refused.output
    assert words in refused.stderr
    assert not list(here.iterdir())


@pytest.mark.parametrize("ttl", ["1s", "365d"])
def test_invites_that_live_as_short_and_as_long_as_they_may(built: Roost, ttl: str) -> None:
    assert built("export", "compose", "--ttl", ttl).exit_code == 0


def test_images_that_are_not_built(roost: Roost) -> None:
    refused = roost("export", "compose")
    assert refused.exit_code == 1
    assert "the images of trixie are not built on this host" in refused.stderr


def test_a_place_where_nothing_can_be_written(built: Roost, here: Path) -> None:
    (here / "file").touch()
    refused = built("export", "compose", "file/below")
    assert refused.exit_code == 1
    assert "cannot write file" in refused.stderr


def test_secrets_that_are_damaged(built: Roost, here: Path) -> None:
    built("export", "compose", "lab")
    (here / "lab/secrets/promise").write_text("{}")
    refused = built("export", "swarm", "--state-on", "head", "lab")
    assert refused.exit_code == 1
    assert "lab/secrets/promise: it is damaged" in refused.stderr
    assert "--new-secrets" in refused.stderr


def test_new_secrets_that_cannot_be_written_leave_the_old_ones(
    built: Roost, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = ("export", "swarm", "--state-on", "head", "--force", "lab")
    built(*export)
    secrets = here / "lab/secrets"
    before = {name: (secrets / name).read_text() for name in SECRETS}
    fdopen, opened = os.fdopen, list[int]()

    def full_at_the_second(descriptor: int, *rest: Any, **more: Any) -> Any:
        opened.append(descriptor)
        if len(opened) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        return fdopen(descriptor, *rest, **more)

    with monkeypatch.context() as patch:
        patch.setattr("roost.export.files.os.fdopen", full_at_the_second)
        assert built(*export, "--new-secrets").exit_code == 1
    assert {path.name: path.read_text() for path in secrets.iterdir()} == before
    built(*export, "--new-secrets")
    assert {path.name for path in secrets.iterdir()} == SECRETS
    assert all((secrets / name).read_text() != before[name] for name in SECRETS)
