"""Finding the input and splitting it."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roost.demo.sources import Source, find_sources, split, standard_library, write_tar
from roost.errors import NotFoundError


def source(name: str, size: int) -> Source:
    return Source(Path("/", name), name, size)


def test_only_sources_of_the_directory_itself(tmp_path: Path) -> None:
    for name in (
        *("b.py", "a/c.py", "a/readme.md"),
        *("__pycache__/x.py", "site-packages/y.py", ".venv/lib/z.py"),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x = 1\n")
    (tmp_path / "dangling.py").symlink_to("nowhere")
    skipped: list[str] = []
    found = find_sources(tmp_path, skipped.append)
    assert [(one.name, one.size) for one in found] == [("a/c.py", 6), ("b.py", 6)]
    assert skipped == [f"left out, since it cannot be read: {tmp_path / 'dangling.py'}"]


def test_the_standard_library_is_real_input() -> None:
    found = find_sources(standard_library(), lambda _text: None)
    assert len(found) > 500
    assert {"ast.py", "json/decoder.py"} <= {one.name for one in found}
    assert not any("site-packages" in one.name for one in found)


def test_nothing_to_do_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="there is no Python source below"):
        find_sources(tmp_path, lambda _text: None)
    with pytest.raises(NotFoundError, match="there is no directory"):
        find_sources(tmp_path / "nosuch", lambda _text: None)


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=80), st.integers(0, 12))
def test_chunks_are_complete_and_balanced(sizes: list[int], wanted: int) -> None:
    sources = [source(f"{number}.py", size) for number, size in enumerate(sizes)]
    chunks = split(sources, wanted)
    assert sorted(one.name for chunk in chunks for one in chunk) == sorted(s.name for s in sources)
    assert all(chunks)
    assert len(chunks) == min(max(wanted, 1), len(sources))
    loads = [sum(one.size + 1 for one in chunk) for chunk in chunks]
    assert max(loads) - min(loads) <= max(sizes) + 1


def test_a_tar_has_the_sources_under_their_names(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "link.py").symlink_to("a.py")
    found = find_sources(tmp_path, lambda _text: None)
    write_tar(tmp_path / "sources.tar", found)
    with tarfile.open(tmp_path / "sources.tar") as tar:
        contents = {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore
    assert contents == {"a.py": b"x = 1\n", "link.py": b"x = 1\n"}
