"""The shared options stand before or after the command, and know where to look otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from roost.cli.app import App
from roost.engines.fake import FakeEngine
from roost.errors import UsageError
from tests.unit.cli.conftest import Roost


@pytest.mark.parametrize(
    "arguments",
    [
        ("--pool", "lab", "status", "--json"),
        ("status", "--json", "--pool", "lab"),
        ("--json", "--pool", "lab", "status"),
        ("--pool", "other", "--json", "status", "--pool", "lab"),
    ],
)
def test_before_and_after_the_command(roost: Roost, arguments: tuple[str, ...]) -> None:
    roost("up", "--pool", "lab")
    result = roost(*arguments)
    assert result.exit_code == 0, result.stderr
    assert '"pool": "lab"' in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("--pool", "lab", "--json", "token", "list"),
        ("token", "--pool", "lab", "--json", "list"),
        ("token", "--pool", "other", "list", "--json", "--pool", "lab"),
        ("--pool", "other", "token", "--json", "--pool", "lab", "-v", "list"),
    ],
)
def test_between_the_words_of_a_command(roost: Roost, arguments: tuple[str, ...]) -> None:
    roost("up", "--pool", "lab")
    result = roost(*arguments)
    assert result.exit_code == 0, result.stderr
    assert '"identity": "submit@lab.pool"' in result.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--pool", "atlas", "ls"], "`roost ls` has no --pool."),
        (["--pool", "atlas", "build"], "`roost build` has no --pool."),
        (["--engine", "podman", "completion", "bash"], "`roost completion` has no --engine."),
        (
            ["--pool", "a", "--json", "-v", "completion", "bash"],
            "`roost completion` has no --json and no --pool.",
        ),
        (["--pool", "atlas", "images", "sbom"], "`roost images sbom` has no --pool."),
        (["images", "--json", "save"], "`roost images save` has no --json."),
        (["images", "--pool", "atlas", "sbom"], "No such option"),
        (["ls", "--pool", "atlas"], "No such option"),
    ],
)
def test_where_one_means_nothing_it_is_refused(
    roost: Roost, engine: FakeEngine, arguments: list[str], words: str
) -> None:
    result = roost(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr
    assert engine.calls == []


def test_the_environment_is_for_the_commands_that_it_means_something_to(
    roost: Roost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROOST_POOL", "lab")
    monkeypatch.setenv("ROOST_ENGINE", "podman")
    for arguments in (["ls"], ["build"], ["completion", "bash"]):
        assert roost(*arguments).exit_code == 0


def test_the_environment_names_the_pool(roost: Roost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROOST_POOL", "lab")
    assert "Pool lab is ready" in roost("up").stdout
    assert "Pool other is ready" in roost("up", "--pool", "other").stdout


def test_the_nearest_name_counts(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert App().pool_here() == "roost"
    (here / "roost.toml").write_text('name = "filed"')
    assert App().pool_here() == "filed"
    monkeypatch.setenv("ROOST_POOL", "exported")
    assert App().pool_here() == "exported"
    assert App(pool_name="given").pool_here() == "given"


@pytest.mark.parametrize("text", ["name = 3", "name = ", b"\xff\xfe".decode("latin-1")])
def test_a_broken_pool_file_is_not_guessed_over(here: Path, text: str) -> None:
    (here / "roost.toml").write_text(text, encoding="latin-1")
    with pytest.raises(UsageError, match=r"which pool is meant is not clear: roost\.toml"):
        App().pool_here()
    assert App(pool_name="given").pool_here() == "given"


def test_a_pool_file_without_a_name_is_the_default(here: Path) -> None:
    (here / "roost.toml").write_text("version = 1\n", encoding="utf-8-sig")
    assert App().pool_here() == "roost"


@pytest.mark.parametrize("command", [("up",), ("down", "--yes"), ("status",), ("scale", "3")])
def test_an_empty_name_is_no_pool(
    roost: Roost, engine: FakeEngine, command: tuple[str, ...]
) -> None:
    roost("up", "-n", "1")
    before = engine.list_containers({})
    refused = roost(*command, "--pool", "")
    assert refused.exit_code == 2
    assert "--pool: '' is not a pool name" in refused.stderr
    assert engine.list_containers({}) == before


def test_a_wrong_name_says_where_it_stands(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "roost.toml").write_text('name = ""')
    with pytest.raises(UsageError, match=r"^the name in roost\.toml: '' is not a pool name"):
        App().pool_here()
    monkeypatch.setenv("ROOST_POOL", "")
    with pytest.raises(UsageError, match=r"^the name in roost\.toml"):
        App().pool_here()
    monkeypatch.setenv("ROOST_POOL", "Bad_Name")
    with pytest.raises(UsageError, match=r"^ROOST_POOL: 'Bad_Name' is not a pool name"):
        App().pool_here()


def test_hints_name_the_pool_where_it_is_not_the_default() -> None:
    assert App().line("up", "roost") == "roost up"
    assert App().line("up", "lab") == "roost up --pool lab"


def test_no_color_where_it_is_not_wanted(roost: Roost, monkeypatch: pytest.MonkeyPatch) -> None:
    roost("up")
    assert "\033[" in roost("status", color=True).stdout
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\033[" not in roost("status", color=True).stdout
