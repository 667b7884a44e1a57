"""What a pool was made as comes back from its record as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from roost.contract import Role
from roost.plan.record import PoolRecord, read_record, record_file
from roost.spec import ConfigPart, PoolSpec, Suite, VolumeSpec

_RECORD = PoolRecord(
    PoolSpec(
        name="lab",
        suite=Suite.FORKY,
        executors=7,
        cpus=3,
        memory_mb=512,
        apt=("r-base",),
        pip=("numpy<3",),
        config=(ConfigPart("roost.toml: config", "A = 1\n", (Role.MASTER, Role.SUBMIT)),),
        volumes=(VolumeSpec(Path("/data"), "/data", read_only=False),),
    ),
    {role: f"sha256:{role}" for role in Role},
)


def test_a_record_comes_back_as_it_was() -> None:
    file = record_file(_RECORD)
    assert isinstance(file.data, bytes)
    assert read_record(file.data) == _RECORD


def test_a_record_is_for_root_alone() -> None:
    assert record_file(_RECORD).mode == 0o600


@pytest.mark.parametrize(
    "data", [b"", b"null", b"[]", b"{}", b'{"version": 2}', b'{"version": 1, "pool": {}}', b"\xff"]
)
def test_what_is_no_record_is_none(data: bytes) -> None:
    assert read_record(data) is None
