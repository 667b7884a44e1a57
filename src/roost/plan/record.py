"""What a pool was made as, kept with it: a file in the master's volume.

So a later command that is not told everything again, such as ``scale`` or ``up`` without a pool file,
starts from what is there and not from defaults. A file, since a pool's configuration may hold what is
nobody's business, and labels are everybody's.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from roost import contract
from roost.contract import Role
from roost.engines.protocol import File
from roost.spec import ConfigPart, PoolSpec, Suite, VolumeSpec

_VERSION = 1


@dataclass(frozen=True)
class PoolRecord:
    """What a pool was made as, and the image of each role then."""

    spec: PoolSpec
    images: Mapping[Role, str]


def record_file(record: PoolRecord) -> File:
    """The file, to be put below :data:`roost.contract.STATE_DIR`."""
    path = PurePosixPath(contract.POOL_RECORD).relative_to(contract.STATE_DIR)
    data = {
        "version": _VERSION,
        "pool": dataclasses.asdict(record.spec),
        "images": dict(record.images),
    }
    return File(str(path), json.dumps(data, default=str).encode(), mode=0o600)


def read_record(data: bytes) -> PoolRecord | None:
    """The record in such a file; None for one that another version of Roost wrote."""
    try:
        record = json.loads(data)
        if record["version"] != _VERSION:
            return None
        images = {role: str(record["images"][role]) for role in Role}
        return PoolRecord(_to_spec(record["pool"]), images)
    except (ValueError, KeyError, TypeError):
        return None


def _to_spec(plain: dict[str, object]) -> PoolSpec:
    """Back from plain data. Raises ValueError, KeyError or TypeError for what is no settings."""
    values = {
        key: tuple(value) if isinstance(value, list) else value for key, value in plain.items()
    }
    values["suite"] = Suite(str(plain["suite"]))
    values["config"] = tuple(ConfigPart(**_with_roles(part)) for part in _dicts(plain["config"]))
    values["volumes"] = tuple(
        VolumeSpec(**{**_with_roles(volume), "source": Path(volume["source"])})
        for volume in _dicts(plain["volumes"])
    )
    return PoolSpec(**values)  # type: ignore[arg-type]


def _dicts(value: object) -> list[dict[str, Any]]:
    if not isinstance(value, list):
        raise TypeError(value)
    return value


def _with_roles(plain: dict[str, Any]) -> dict[str, Any]:
    return {**plain, "roles": tuple(Role(role) for role in plain["roles"])}
