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
