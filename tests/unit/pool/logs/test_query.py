"""What is asked for, and what is not there to ask for."""

from __future__ import annotations

from typing import Any

import pytest

from roost.contract import Role
from roost.errors import NotFoundError, UsageError
from roost.logline import Level, LogRecord
from roost.pool.logs import make_query
from tests.unit.pool.logs.nodes import make_engine, record

NOON = 1777636800.0
"""2026-05-01T12:00Z."""


@pytest.mark.parametrize(
    ("asked", "admitted"),
    [
        ({}, record(1, "")),
        ({"daemons": ["schedd", "Shadow"]}, record(1, "", daemon="SHADOW")),
        ({"daemons": ["SUPERVISORD"]}, record(1, "", daemon="supervisord")),
        ({"level": "warning"}, record(1, "", level=Level.ERROR)),
        ({"level": Level.WARNING}, record(1, "", level=Level.WARNING)),
        ({"job": "12"}, record(1, "", job="12.3")),
        ({"job": 12}, record(1, "", job="12")),
        ({"job": "12.3"}, record(1, "", job="12.3")),
        ({"job": "12.3"}, record(1, "", job="12")),
        ({"since": NOON + 1, "until": NOON + 1}, record(1, "")),
        ({"since": -1.0, "until": 1e15}, record(1, "")),
        ({"level": "info", "job": "1", "daemons": ["schedd"]}, record(1, "", job="1.0")),
    ],
)
def test_what_passes(asked: dict[str, Any], admitted: LogRecord) -> None:
    assert make_query(**asked).admits(admitted)


@pytest.mark.parametrize(
    ("asked", "refused"),
    [
        ({"daemons": ["SCHEDD"]}, record(1, "", daemon="SHADOW")),
        ({"level": "warning"}, record(1, "", level=Level.INFO)),
        ({"job": "1"}, record(1, "", job="12.3")),
        ({"job": "12.3"}, record(1, "", job="12.30")),
        ({"job": "12.3"}, record(1, "")),
        ({"since": NOON + 1.0004}, record(1 - 0.001, "")),
        ({"until": NOON + 1}, record(1.001, "")),
        ({"job": "1", "level": "error"}, record(1, "", job="1.0")),
    ],
)
def test_what_does_not_pass(asked: dict[str, Any], refused: LogRecord) -> None:
    assert not make_query(**asked).admits(refused)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"daemons": ["shedd"]}, ["no daemon 'shedd'", "SHADOW", "supervisord"]),
        ({"level": "loud"}, ["no level 'loud'", "ERROR, WARNING, INFO, DEBUG"]),
        ({"roles": ["worker"]}, ["no role 'worker'", "master, submit, execute"]),
        ({"job": "x"}, ["'x' is no job", "12.3"]),
        ({"job": "12."}, ["'12.' is no job"]),
        ({"since": 60.0, "until": 0.0}, ["1970-01-01T00:01:00.000Z", "before"]),
    ],
)
def test_what_cannot_be_asked(asked: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        make_query(**asked)
    assert all(word in str(caught.value) for word in words)


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({}, ["lab-execute-1", "lab-execute-2", "lab-master"]),
        ({"nodes": ["master", "lab-execute-2"]}, ["lab-execute-2", "lab-master"]),
        ({"roles": [Role.EXECUTE, "Master"]}, ["lab-execute-1", "lab-execute-2", "lab-master"]),
        ({"nodes": ["master", "execute-1"], "roles": ["execute"]}, ["lab-execute-1"]),
    ],
)
def test_whose_logs(asked: dict[str, Any], names: list[str]) -> None:
    containers = make_engine("master", "execute-1", "execute-2").list_containers({})
    chosen = make_query(**asked).choose("lab", containers)
    assert [container.name for container in chosen] == names


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"nodes": ["master", "execute-9"]}, "no node 'execute-9' (it has execute-1, master)"),
        ({"roles": ["submit"]}, "no node of role submit (it has execute-1, master)"),
        ({"nodes": ["master"], "roles": ["execute"]}, "no node of role execute among master"),
    ],
)
def test_who_is_not_there(asked: dict[str, Any], words: str) -> None:
    containers = make_engine("master", "execute-1").list_containers({})
    with pytest.raises(NotFoundError) as caught:
        make_query(**asked).choose("lab", containers)
    assert words in str(caught.value)
