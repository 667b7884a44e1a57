"""Tokens for nodes: the master makes them, the host carries each to its node as a file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from roost import contract
from roost.commandline import command_line
from roost.engines.protocol import Engine, File
from roost.errors import RoostError
from roost.plan.model import NodePlan


def issue_tokens(
    engine: Engine, pool: str, master: str, nodes: Sequence[NodePlan]
) -> dict[str, str]:
    """A token for each node by its name, made in the container ``master``.

    The tokens pass through the engine's exec only: no argument, environment or log holds one.
    """
    return issue_for(engine, pool, master, {node.name: node.role for node in nodes})


def issue_for(engine: Engine, pool: str, master: str, roles: Mapping[str, str]) -> dict[str, str]:
    """A token for each node of ``roles``, the roles by the nodes' names."""
    if not roles:
        return {}
    requests = [f"{role}:{node}" for node, role in roles.items()]
    asked = engine.exec(master, [contract.NODE_PROGRAM, "issue", *requests])
    if asked.exit_code:
        reason = (asked.stdout + asked.stderr).decode(errors="replace").strip()
        raise RoostError(
            f"the master {master} issued no tokens: {reason or 'it gave no reason'}",
            hint=f"see its log: {command_line(f'logs {contract.Role.MASTER}', pool)}",
        )
    tokens: dict[str, str] = json.loads(asked.stdout)
    return tokens


def token_file(token: str) -> File:
    """The token as a file below the node's state directory, readable by root alone."""
    path = PurePosixPath(contract.TOKEN_FILE).relative_to(contract.STATE_DIR)
    return File(str(path), token.encode("ascii") + b"\n", mode=0o600)
