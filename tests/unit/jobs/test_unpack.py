"""Archives that a job could have made to reach files of the host."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from roost.errors import RoostError
from roost.pool.jobs.unpack import unpack


def tar_of(*members: tuple[str, bytes | None], **changes: object) -> io.BytesIO:
    """A tar with files, and (None) directories; ``changes`` are made to every member."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for name, content in members:
            member = tarfile.TarInfo(name)
            member.type = tarfile.DIRTYPE if content is None else tarfile.REGTYPE
            member.size = len(content or b"")
            member.mode = 0o644
            for key, value in changes.items():
                setattr(member, key, value)
            tar.addfile(member, io.BytesIO(content or b""))
    data.seek(0)
    return data


def unpack_all(archive: io.BytesIO, to: Path) -> tuple[list[str], list[str]]:
    skipped: list[str] = []
    return unpack(archive, to, skipped.append), skipped


@pytest.fixture
def to(tmp_path: Path) -> Path:
    """Where it goes; beside it is a file that must not change."""
    (tmp_path / "to").mkdir()
    (tmp_path / "victim").write_text("untouched")
    return tmp_path / "to"


def is_untouched(to: Path) -> bool:
    beside = sorted(path.name for path in to.parent.iterdir())
    return beside == ["to", "victim"] and (to.parent / "victim").read_text() == "untouched"


def test_files_and_directories(to: Path) -> None:
    names, skipped = unpack_all(
        tar_of(("d", None), ("d/x", b"x"), ("new/y", b"y"), ("e", None)), to
    )
    assert (names, skipped) == (["d", "d/x", "new/y", "e"], [])
    assert (to / "d/x").read_bytes() + (to / "new/y").read_bytes() == b"xy"
    assert (to / "e").is_dir()


def test_twice_is_as_once(to: Path) -> None:
    for _ in range(2):
        unpack_all(tar_of(("d", None), ("d/x", b"x")), to)
    assert [path.name for path in (to / "d").iterdir()] == ["x"]


@pytest.mark.parametrize("name", ["/tmp/../victim", "../victim", "d/../../victim", "..", "."])
def test_paths_that_lead_out(to: Path, name: str) -> None:
    names, skipped = unpack_all(tar_of((name, b"evil")), to)
    assert (names, len(skipped)) == ([], 1)
    assert is_untouched(to)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_what_is_no_file(to: Path, kind: bytes) -> None:
    names, skipped = unpack_all(tar_of(("x", b""), type=kind, linkname="../victim"), to)
    assert (names, skipped) == ([], ["x: it is neither a file nor a directory"])
    assert list(to.iterdir()) == []


def test_a_link_that_is_there_already_is_not_followed_out(to: Path) -> None:
    (to / "out").symlink_to("..")
    names, skipped = unpack_all(tar_of(("out/victim", b"evil"), ("out/d", None)), to)
    assert (names, len(skipped)) == ([], 2)
    assert is_untouched(to)


def test_something_in_the_way_of_an_output(to: Path) -> None:
    """All else comes first."""
    (to / "a").mkdir()
    (to / "b").symlink_to("..")
    archive = tar_of(("a", b"a"), ("b/victim", b"evil"), ("c", b"c"), ("other", b"o"))
    skipped: list[str] = []
    with pytest.raises(RoostError, match=r"a: there is a directory.*b/victim: .* link out"):
        unpack(archive, to, skipped.append, outputs={"a", "b", "c"})
    assert (to / "c").read_bytes() == b"c"
    assert skipped == ["other: no output of that name was asked for"]
    assert is_untouched(to)


def test_a_file_where_a_directory_belongs(to: Path) -> None:
    (to / "res").write_text("in the way")
    archive = (("res", None), ("res/out", b"x"), ("z", b"z"))
    names, skipped = unpack_all(tar_of(*archive), to)
    assert names == ["z"]
    assert skipped == ["res: there is a file of that name", f"res/out: {to}/res is a file"]
    with pytest.raises(RoostError, match="res: there is a file"):
        unpack(tar_of(*archive), to, skipped.append, outputs={"res", "z"})
    assert (to / "res").read_text() == "in the way"


def test_a_name_that_cannot_be(to: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the locale has no such letter."""

    def refuse(*_arguments: object, **_options: object) -> None:
        raise UnicodeEncodeError("ascii", "Ω", 0, 1, "ordinal not in range(128)")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(RoostError, match="cannot write below"):
        unpack_all(tar_of(("Ω", None)), to)


def test_a_time_that_no_file_can_have(to: Path) -> None:
    with pytest.raises(RoostError, match="cannot write below"):
        unpack_all(tar_of(("x", b"x"), mtime=2**80), to)


def test_a_link_in_a_files_place_is_replaced(to: Path) -> None:
    (to / "x").symlink_to("../victim")
    unpack_all(tar_of(("x", b"new")), to)
    assert (to / "x").read_text() == "new"
    assert not (to / "x").is_symlink()
    assert is_untouched(to)


def test_a_link_inside_may_be_followed(to: Path) -> None:
    (to / "real").mkdir()
    (to / "link").symlink_to("real")
    names, _ = unpack_all(tar_of(("link", None), ("link/x", b"x")), to)
    assert names == ["link", "link/x"]
    assert (to / "real/x").read_bytes() == b"x"


def test_a_file_and_a_directory_do_not_replace_each_other(to: Path) -> None:
    (to / "d").mkdir()
    (to / "f").write_text("f")
    names, skipped = unpack_all(tar_of(("d", b"x"), ("f", None)), to)
    assert names == []
    assert skipped == [
        "d: there is a directory of that name",
        "f: there is a file of that name",
    ]


def test_only_the_right_to_execute_is_taken_over(to: Path) -> None:
    before = os.umask(0o022)
    try:
        unpack_all(tar_of(("x", b""), mode=0o6777), to)
        unpack_all(tar_of(("y", b""), mode=0o6000), to)
    finally:
        os.umask(before)
    assert [(to / name).stat().st_mode & 0o7777 for name in "xy"] == [0o755, 0o644]


def test_nothing_comes_but_what_was_asked_for(to: Path) -> None:
    archive = tar_of(
        *((".bashrc", b"evil"), ("result.txt", b"r"), ("result.txt.sh", b"evil"), (".git", None)),
        *((".git/hooks", None), (".git/hooks/pre-commit", b"evil"), ("deep", b"a file")),
        *(("res", None), ("res/a", None), ("res/a/out", b"o"), ("res/a/Makefile", b"evil")),
        *(("tree", None), ("tree/sub/x", b"x"), ("./tree/./y", b"y")),
    )
    skipped: list[str] = []
    outputs = {"result.txt", "res/a/out", "tree", "deep/one"}
    names = unpack(archive, to, skipped.append, outputs=outputs)
    assert names == [
        *("result.txt", "res", "res/a", "res/a/out"),
        *("tree", "tree/sub/x", "./tree/./y"),
    ]
    assert {one.partition(":")[0] for one in skipped} == {
        *(".bashrc", "result.txt.sh", ".git", ".git/hooks", ".git/hooks/pre-commit"),
        *("deep", "res/a/Makefile"),
    }
    assert skipped[0] == ".bashrc: no output of that name was asked for"
    assert sorted(path.name for path in to.iterdir()) == ["res", "result.txt", "tree"]


@pytest.mark.parametrize("cut", [lambda data: data[:700], lambda data: data[:100]])
def test_an_archive_that_ends_early(to: Path, cut: Callable[[bytes], bytes]) -> None:
    whole = tar_of(("x", b"x" * 1000)).getvalue()
    with pytest.raises(RoostError, match="incomplete"):
        unpack_all(io.BytesIO(cut(whole)), to)
    assert list(to.iterdir()) == []


def test_a_disk_that_is_full(to: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfileobj", full)
    with pytest.raises(RoostError, match=r"cannot write below .*: No space left"):
        unpack_all(tar_of(("x", b"x")), to)
    assert list(to.iterdir()) == []
