from __future__ import annotations

import os
from pathlib import Path

import pytest

from roost.errors import UsageError
from roost.pool.jobs.outputs import find_outputs


def test_outputs_are_relative_to_the_directory(tmp_path: Path) -> None:
    named = ["a", "./b/../b/c", str(tmp_path / "d"), "a"]
    assert find_outputs(tmp_path, named, 1) == ["a", "b/c", "d"]


@pytest.mark.parametrize("name", ["..", ".", "../x", "/etc/passwd", "a/../../x", ""])
def test_outputs_stay_below_the_directory(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="not below the current directory"):
        find_outputs(tmp_path, [name], 1)


def test_a_name_that_only_looks_like_above(tmp_path: Path) -> None:
    assert find_outputs(tmp_path, ["..a", "...", "..b/c"], 1) == ["..a", "...", "..b/c"]


def test_each_process_needs_an_output_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        find_outputs(tmp_path, ["res/hits.csv"], 2)
    assert "all 2 processes would bring back res/hits.csv" in str(caught.value)
    assert "'res/hits.$(Process).csv'" in str(caught.value)
    assert find_outputs(tmp_path, ["hits.$(Process)"], 2) == ["hits.$(Process)"]


def test_a_file_where_a_directory_would_have_to_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="file is not a directory"):
        find_outputs(tmp_path, ["file/x/y"], 1)


def test_a_link_out_of_the_directory(tmp_path: Path) -> None:
    here = tmp_path / "here"
    (tmp_path / "there").mkdir()
    here.mkdir()
    (here / "link").symlink_to("../there")
    for name in ("link/x", "link"):
        with pytest.raises(UsageError, match="is a link out of"):
            find_outputs(here, [name], 1)


@pytest.mark.parametrize("name", ["x", "sub/x", "new/x"])
def test_a_directory_that_may_not_be_written(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sub").mkdir()
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # the tests may run as root
    with pytest.raises(UsageError, match="may not be written"):
        find_outputs(tmp_path, [name], 1)
