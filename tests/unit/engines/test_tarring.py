"""Archives into containers and out of them."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roost.engines.api.tarring import ChunkReader, tar_stream, with_top
from roost.engines.protocol import File
from roost.errors import RoostError


def members(chunks: Iterable[bytes]) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as tar:
        return {member.name: member for member in tar}


def contents(chunks: Iterable[bytes]) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as tar:
        return {
            member.name: content.read() if (content := tar.extractfile(member)) else b""
            for member in tar
        }


@given(
    st.dictionaries(
        st.text("abcxyz/ä ", min_size=1, max_size=200).filter(
            lambda name: all(name.split("/")) and not name.endswith(" ")
        ),
        st.binary(max_size=2000),
        max_size=5,
    )
)
def test_what_goes_in_comes_out(files: dict[str, bytes]) -> None:
    assert contents(tar_stream(File(name, data) for name, data in files.items())) == files


def test_owner_mode_and_time_are_as_given() -> None:
    files = [File("dir", None, 0o710, 1, 2), File("dir/file", b"x", 0o640, 3, 4)]

    found = members(tar_stream(files, mtime=1_700_000_000))

    for file in files:
        member = found[file.path]
        assert (member.mode, member.uid, member.gid) == (file.mode, file.uid, file.gid)
        assert member.mtime == 1_700_000_000
        assert member.isdir() == (file.data is None)


def test_a_leading_slash_is_no_part_of_a_name() -> None:
    assert set(members(tar_stream([File("/etc/x", b"")]))) == {"etc/x"}


def test_no_chunk_is_tiny_and_none_is_huge() -> None:
    files = [File(f"small-{number}", b"x" * 100) for number in range(1000)]
    files.append(File("large", b"x" * 100))

    sizes = [len(chunk) for chunk in tar_stream(files)]

    assert all(size >= 256 * 1024 for size in sizes[:-1])
    assert max(sizes) < 512 * 1024


def test_a_file_of_the_host_is_streamed(tmp_path: Path) -> None:
    big = tmp_path / "big"
    with big.open("wb") as file:
        file.truncate(50 * 1024 * 1024)

    sizes = [len(chunk) for chunk in tar_stream([File("big", big)])]

    assert sum(sizes) > 50 * 1024 * 1024
    assert max(sizes) < 1024 * 1024


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(RoostError, match=r"missing: No such file"):
        list(tar_stream([File("x", tmp_path / "missing")]))


def test_a_file_that_shrinks_meanwhile_is_an_error(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_bytes(b"x" * 1024 * 1024)
    second.write_bytes(b"y" * 1024 * 1024)
    chunks = tar_stream([File("first", first), File("second", second)])

    next(chunks)
    with first.open("r+b") as file:
        file.truncate(600 * 1024)

    with pytest.raises(RoostError, match="became shorter"):
        list(chunks)


def made(*names: tuple[str, bytes, bytes]) -> bytes:
    """A tar of members: name, type, content."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, kind, data in names:
            member = tarfile.TarInfo("x")
            member.name, member.type, member.size = name, kind, len(data)
            tar.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def test_a_missing_top_is_put_back() -> None:
    archive = made(
        ("", tarfile.DIRTYPE, b""),
        ("/spool", tarfile.DIRTYPE, b""),
        ("/spool/data", tarfile.REGTYPE, b"inner"),
        ("/job", tarfile.REGTYPE, b"12345"),
    )

    assert contents(with_top([archive], "data")) == {
        "data": b"",
        "data/spool": b"",
        "data/spool/data": b"inner",
        "data/job": b"12345",
    }


def test_a_directory_named_as_its_parent_keeps_its_place() -> None:
    archive = made(("", tarfile.DIRTYPE, b""), ("/x/file", tarfile.REGTYPE, b"1"))

    assert contents(with_top([archive], "x")) == {"x": b"", "x/x/file": b"1"}


@pytest.mark.parametrize("name", ["data", "data/file", "data/" + "long" * 60])
def test_a_whole_archive_is_left_as_it_is(name: str) -> None:
    archive = b"".join(tar_stream([File("data", None), File(name, b"1")]))
    chunks = [archive[at : at + 100] for at in range(0, len(archive), 100)]

    assert b"".join(with_top(chunks, "data")) == archive


def test_a_whole_archive_that_starts_with_an_extended_header_keeps_its_names() -> None:
    name = "ä" * 80
    archive = b"".join(tar_stream([File(name, b"1")]))

    assert contents(with_top([archive], name)) == {name: b"1"}


@given(st.lists(st.binary(max_size=50), max_size=20), st.lists(st.integers(0, 60), max_size=20))
def test_chunks_read_as_a_file_are_the_same_bytes(chunks: list[bytes], sizes: list[int]) -> None:
    reader = ChunkReader(chunks)

    read = b"".join(reader.read(size) for size in sizes)
    peeked = reader.peek(10)
    rest = b"".join(reader.rest())

    assert read + rest == b"".join(chunks)
    assert rest[:10] == peeked
