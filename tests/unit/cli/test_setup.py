"""``roost setup``, with a host that is not this one."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from roost.errors import EngineUnavailableError
from roost.setup import SetupResult
from tests.unit.cli.conftest import Roost


class Host:
    """Stands for ``ensure_engine``: asks, and ends as it is told."""

    def __init__(self) -> None:
        self.result = SetupResult("docker", "docker 26.1.5", ("install docker.io",))
        self.wanted: list[str | None] = []

    def ensure(
        self, wanted: str | None, *, confirm: Callable[[str], bool], report: Any
    ) -> SetupResult:
        self.wanted.append(wanted)
        if not confirm("Roost would change this host. Go on?"):
            raise EngineUnavailableError("nothing was changed: it was declined", hint="by hand: x")
        return self.result


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Host:
    host = Host()
    monkeypatch.setattr("roost.setup.ensure_engine", host.ensure)
    return host


def test_with_consent(roost: Roost, host: Host) -> None:
    result = roost("setup", "--yes", engine=None)
    assert (result.exit_code, result.stdout) == (0, "docker 26.1.5 is ready. Next: roost up\n")
    assert "Go on?" not in result.stderr


def test_off_a_terminal_nothing_is_changed_unasked(roost: Roost, host: Host) -> None:
    result = roost("setup", engine=None, input="y\n")
    assert result.exit_code == 1
    assert "there was no --yes" in result.stderr
    assert result.stderr.endswith("Hint: by hand: x\n")


def test_a_named_engine(roost: Roost, host: Host) -> None:
    roost("setup", "--yes", "--engine", "podman", engine=None)
    assert host.wanted == ["podman"]


def test_an_engine_that_wants_a_new_login_is_not_ready(roost: Roost, host: Host) -> None:
    host.result = SetupResult("docker", None, ("add you to the group docker",))
    result = roost("setup", "--yes", engine=None)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "log out and in again" in result.stderr
    told = json.loads(roost("setup", "--yes", "--json", engine=None).stdout)
    assert told == {
        "engine": "docker",
        "version": None,
        "ready": False,
        "done": ["add you to the group docker"],
    }
