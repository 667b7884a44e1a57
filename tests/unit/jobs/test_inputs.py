from __future__ import annotations

from pathlib import Path

import pytest

from roost.errors import UsageError
from roost.pool.jobs.inputs import Input, find_command, find_here, find_inputs


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A directory with a few files, and one beside it."""
    here = tmp_path / "here"
    (here / "data").mkdir(parents=True)
    for name in ("a", "data/x", "in.0", "in.1", "run.sh"):
        (here / name).write_text(name)
    (tmp_path / "beside").write_text("beside")
    return here


def places(found: list[Input]) -> list[tuple[str, int | None]]:
    return [(one.place, one.process) for one in found]


def test_inputs_keep_their_paths_below_the_directory(here: Path) -> None:
    found = find_inputs(here, ["a", "./data/../data/x", str(here / "data")], 1)
    assert places(found) == [("a", None), ("data/x", None), ("data", None)]


def test_inputs_from_elsewhere_come_under_their_base_name(here: Path) -> None:
    found = find_inputs(here, ["../beside"], 1)
    assert found == [Input(here.parent / "beside", "beside")]


def test_the_directory_itself_stands_for_all_in_it(here: Path) -> None:
    found = find_inputs(here, ["."], 1)
    assert [one.place for one in found] == ["a", "data", "in.0", "in.1", "run.sh"]


def test_one_input_for_each_process(here: Path) -> None:
    found = find_inputs(here, ["in.$(Process)", "a"], 2)
    assert places(found) == [("in.0", 0), ("in.1", 1), ("a", None)]


def test_all_that_are_missing_are_named(here: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no in\.2, nope, /none"):
        find_inputs(here, ["in.$(Process)", "nope", "/none"], 3)


def test_an_empty_name_does_not_take_everything_along(here: Path) -> None:
    with pytest.raises(UsageError, match=r"an input has no name \(`-i \.` takes all"):
        find_inputs(here, [""], 1)


def test_two_inputs_cannot_meet(here: Path) -> None:
    (here / "beside").write_text("")
    with pytest.raises(UsageError, match="would both be beside"):
        find_inputs(here, ["beside", "../beside"], 1)


def test_the_same_input_twice_is_one(here: Path) -> None:
    assert len(find_inputs(here, ["a", "a", "./a"], 1)) == 1


def test_an_input_cannot_depend_on_a_cluster_to_come(here: Path) -> None:
    with pytest.raises(UsageError, match=r"\$\(Cluster\)"):
        find_inputs(here, ["in.$(Cluster)"], 1)


@pytest.mark.parametrize("command", ["./run.sh", "data/../run.sh"])
def test_a_local_command_is_taken_along(here: Path, command: str) -> None:
    assert find_command(here, [command, "x"]) == (["./run.sh", "x"], [command])


def test_a_local_command_by_its_absolute_path(here: Path) -> None:
    path = str(here / "data/x")
    assert find_command(here, [path]) == (["./data/x"], [path])


@pytest.mark.parametrize("command", ["python3", "run.sh", "/bin/sh", "/not/here"])
def test_a_command_of_the_executor(here: Path, command: str) -> None:
    assert find_command(here, [command, "x"]) == ([command, "x"], [])


def test_in_the_root_directory_absolute_commands_are_the_executors() -> None:
    assert find_command(Path("/"), ["/bin/sh"]) == (["/bin/sh"], [])


@pytest.mark.parametrize("argv", [[], [""]])
def test_no_command(here: Path, argv: list[str]) -> None:
    with pytest.raises(UsageError, match="no command"):
        find_command(here, argv)


@pytest.mark.parametrize("command", ["./nope", "data"])
def test_a_local_command_that_is_no_file(here: Path, command: str) -> None:
    with pytest.raises(UsageError, match="there is no file"):
        find_command(here, [f"{command}/" if command == "data" else command])


def test_what_cannot_be_looked_at_is_no_bug_of_ours(here: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: File name too long"):
        find_inputs(here, ["x" * 300], 1)


def test_a_directory_that_was_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert find_here(tmp_path / "x" / "..") == tmp_path
    with pytest.raises(UsageError, match="the current directory was removed"):
        find_here(None)
