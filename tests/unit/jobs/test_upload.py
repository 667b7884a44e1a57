from __future__ import annotations

import os
from pathlib import Path

import pytest

from roost.errors import UsageError
from roost.pool.jobs.upload import owned, upload


def test_a_file_keeps_whether_it_can_be_executed(tmp_path: Path) -> None:
    for name, mode in (("program", 0o755), ("data", 0o600)):
        (tmp_path / name).write_text("")
        (tmp_path / name).chmod(mode)
    files = list(upload([(tmp_path / "program", "program"), (tmp_path / "data", "data")]))
    assert [(one.path, one.mode) for one in files] == [("program", 0o755), ("data", 0o644)]
    assert {(one.uid, one.gid) for one in files} == {(1000, 1000)}


def test_directories_come_before_what_is_in_them(tmp_path: Path) -> None:
    (tmp_path / "d" / "e").mkdir(parents=True)
    (tmp_path / "d" / "e" / "x").write_text("")
    (tmp_path / "d" / "y").write_text("")
    files = list(upload([(tmp_path / "d", "p/q/d"), (tmp_path / "d" / "y", "p/z")], "top"))
    assert [(one.path, one.data is None) for one in files] == [
        ("top/p", True),
        ("top/p/q", True),
        ("top/p/q/d", True),
        ("top/p/q/d/e", True),
        ("top/p/q/d/e/x", False),
        ("top/p/q/d/y", False),
        ("top/p/z", False),
    ]


def test_links_are_followed(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("content")
    (tmp_path / "link").symlink_to("real")
    assert list(upload([(tmp_path / "link", "link")])) == [owned("link", tmp_path / "link")]


def test_a_link_to_a_directory_that_it_is_in(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "loop").symlink_to(".")
    with pytest.raises(UsageError, match="loop is a link to a directory that it is in"):
        list(upload([(tmp_path / "d", "d")]))


def test_what_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        list(upload([(tmp_path / "nope", "nope")]))
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(UsageError, match="neither a file nor a directory"):
        list(upload([(tmp_path / "fifo", "fifo")]))
    (tmp_path / "secret").write_text("")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(UsageError, match="secret may not be read"):
        list(upload([(tmp_path / "secret", "secret")]))
