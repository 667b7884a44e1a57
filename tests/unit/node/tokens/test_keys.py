"""Signing keys through a rotation, interrupted anywhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from roost.node.credential import ensure_signing_key
from roost.node.say import NodeError
from roost.node.tokens import keys


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    ensure_signing_key(tmp_path)
    return tmp_path


def test_a_rotation_adds_a_key_that_signs_and_keeps_the_old_one(directory: Path) -> None:
    old = keys.issuer_of(directory)
    assert keys.begin_rotation(directory)
    new = keys.issuer_of(directory)
    assert new != old
    assert keys.key_ids(directory) == sorted([old, new])
    assert keys.old_keys(directory) == [old]
    assert (directory / new).stat().st_mode & 0o777 == 0o600
    assert len((directory / new).read_bytes()) == 64
    assert ensure_signing_key(directory) == new


def test_a_rotation_that_is_not_over_goes_on(directory: Path) -> None:
    keys.begin_rotation(directory)
    new = keys.issuer_of(directory)
    assert not keys.begin_rotation(directory)
    assert keys.issuer_of(directory) == new
    (old,) = keys.old_keys(directory)
    keys.delete_key(old, directory)
    assert keys.key_ids(directory) == [new]
    assert keys.begin_rotation(directory)


@pytest.mark.parametrize("step", ["make_key", "switch_issuer"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_beginning_that_was_interrupted_is_finished(
    directory: Path, monkeypatch: pytest.MonkeyPatch, step: str, when: str
) -> None:
    real: Callable[..., None] = getattr(keys, step)

    def interrupted(*arguments: object) -> None:
        if when == "after":
            real(*arguments)
        raise KeyboardInterrupt

    old = keys.issuer_of(directory)
    monkeypatch.setattr(keys, step, interrupted)
    with pytest.raises(KeyboardInterrupt):
        keys.begin_rotation(directory)
    monkeypatch.undo()
    assert keys.begin_rotation(directory)
    assert keys.issuer_of(directory) != old
    assert keys.old_keys(directory) == [old], "one new key, not two"
    assert not keys.begin_rotation(directory)


def test_deleting_a_key_leaves_a_mark_until_its_sessions_are_gone(directory: Path) -> None:
    keys.begin_rotation(directory)
    assert not keys.sessions_to_drop(directory)
    keys.delete_key(keys.old_keys(directory)[0], directory)
    assert keys.sessions_to_drop(directory)
    keys.sessions_dropped(directory)
    assert not keys.sessions_to_drop(directory)


def test_the_key_that_signs_is_never_deleted(directory: Path) -> None:
    with pytest.raises(NodeError, match="signs tokens"):
        keys.delete_key(keys.issuer_of(directory), directory)
    assert keys.key_ids(directory) == [keys.issuer_of(directory)]
