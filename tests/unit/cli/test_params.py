"""Values of options."""

from __future__ import annotations

import time
from pathlib import Path

import click
import pytest

from roost.cli import params

CONTEXT = click.Context(click.Command("test"))
OPTION = click.Option(["--value"])


@pytest.mark.parametrize(
    ("text", "ago_s"), [("30s", 30), ("1.5m", 90), ("2h", 7200), ("1d", 86400)]
)
def test_a_while_ago(text: str, ago_s: float) -> None:
    found = params.moment(CONTEXT, OPTION, text)
    assert found == pytest.approx(time.time() - ago_s, abs=5)


def test_a_time_of_day() -> None:
    assert params.moment(CONTEXT, OPTION, "1970-01-02T00:00:00+00:00") == 86400
    assert params.moment(CONTEXT, OPTION, None) is None


@pytest.mark.parametrize("text", ["", "10", "m", "-5m", "yesterday", "10 minutes", "9" * 12 + "d"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(click.BadParameter, match="neither a duration"):
        params.moment(CONTEXT, OPTION, text)


def test_memory_in_mb() -> None:
    assert params.memory_mb(CONTEXT, OPTION, "2048") == 2048
    assert params.memory_mb(CONTEXT, OPTION, "2GB") == 2048
    assert params.memory_mb(CONTEXT, OPTION, None) is None
    with pytest.raises(click.BadParameter):
        params.memory_mb(CONTEXT, OPTION, "much")


def test_settings() -> None:
    assert params.settings(CONTEXT, OPTION, ("A=1", "B=x=y", "A=", "C= z")) == {
        "A": "",
        "B": "x=y",
        "C": " z",
    }
    with pytest.raises(click.BadParameter, match="'=x' is not KEY=VALUE"):
        params.settings(CONTEXT, OPTION, ("=x",))


@pytest.mark.parametrize(
    ("text", "seconds"), [("300", 300), ("0.5", 0.5), ("5m", 300), ("1h", 3600)]
)
def test_how_long_to_wait(text: str, seconds: float) -> None:
    assert params.waiting_s(least=0)(CONTEXT, OPTION, text) == seconds


@pytest.mark.parametrize("text", ["", "nan", "inf", "1e9", "-1", "soon", "5 minutes", "0x10"])
def test_what_is_no_time_to_wait(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is no time such as 300"):
        params.waiting_s(least=0)(CONTEXT, OPTION, text)


@pytest.mark.parametrize("text", ["0", "0.9s", "367d"])
def test_a_time_to_wait_has_bounds(text: str) -> None:
    with pytest.raises(click.BadParameter, match=f"'{text}' is not a time from 1s to 366d"):
        params.waiting_s(least=1)(CONTEXT, OPTION, text)


def test_an_empty_path_is_not_the_current_directory() -> None:
    assert params.PathName().convert(".", OPTION, CONTEXT) == Path()
    with pytest.raises(click.BadParameter, match="the name is empty"):
        params.PathName().convert("", OPTION, CONTEXT)
