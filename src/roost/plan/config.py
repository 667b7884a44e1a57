"""The extra configuration of a node, as the one file that HTCondor reads last."""

from __future__ import annotations

from pathlib import PurePosixPath

from roost import contract
from roost.contract import Role
from roost.engines.protocol import File
from roost.spec import PoolSpec

_DIRECTORY = PurePosixPath(contract.EXTRA_CONFIG_DIR).relative_to(contract.STATE_DIR)


def plan_config_files(spec: PoolSpec, role: Role) -> tuple[File, ...]:
    """Files below the state directory with the role's extra configuration.

    There is always exactly one, also when it says nothing: it replaces what an earlier plan left in
    the node's volume.
    """
    text = render_config(spec, role)
    return (
        File(str(_DIRECTORY), None, mode=0o755),
        File(str(_DIRECTORY / "pool.config"), text.encode(), mode=0o644),
    )


def render_config(spec: PoolSpec, role: Role) -> str:
    """The role's pieces of configuration, each under a line that says where it was written."""
    pieces = ["# Extra configuration of the pool file, applied last.\n"]
    for part in spec.config_for(role):
        text = part.text if part.text.endswith("\n") else part.text + "\n"
        pieces.append(f"\n# {part.origin}\n{text}")
    return "".join(pieces)
