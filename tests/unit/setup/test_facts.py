"""Looking at this host."""

from __future__ import annotations

import getpass
import os

import pytest

from roost.setup.facts import EngineState, is_in_group, read_facts, search_path


def test_the_facts_of_this_host_agree_with_it() -> None:
    facts = read_facts(lambda _engine: EngineState.STOPPED)
    assert facts.os_name
    assert facts.user == getpass.getuser()
    assert facts.is_root == (os.geteuid() == 0)
    assert facts.engine("docker") is EngineState.STOPPED
    assert facts.engine("lxc") is EngineState.ABSENT


def test_administrators_directories_are_searched_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/usr/sbin")
    assert search_path() == "/usr/bin:/usr/sbin:/usr/local/sbin:/sbin"


def test_a_group_that_is_not_there_has_no_members() -> None:
    assert not is_in_group("root", "no-such-group")
