"""New tokens for nodes that are there."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import PurePosixPath

from roost import contract
from roost.engines.protocol import Container, ContainerState, Engine, File
from roost.errors import RoostError
from roost.plan.names import MASTER_NODE
from roost.pool.credentials import issue_for, token_file
from roost.pool.nodes import ask_node, get_node, role_of
from roost.pool.threads import engine_threads
from roost.pool.tokens.state import node_name


def give_tokens(engine: Engine, pool: str, containers: Sequence[Container]) -> dict[str, str]:
    """A new token for each node, which has logged in with it when this returns.

    Returns why a node did not take its token, by the node's name; it keeps its old one.
    """
    master = get_node(engine, pool, MASTER_NODE).name
    wanted = {node_name(one): str(role_of(one)) for one in containers}
    tokens = issue_for(engine, pool, master, wanted)
    with engine_threads() as threads:
        given = {
            node_name(one): threads.submit(_give, engine, one, tokens[node_name(one)])
            for one in containers
        }
        return {node: problem for node, future in given.items() if (problem := _problem(future))}


def _give(engine: Engine, container: Container, token: str) -> None:
    if container.state is not ContainerState.RUNNING:
        engine.put_files(container.name, contract.STATE_DIR, [token_file(token)])
        return
    engine.put_files(container.name, contract.STATE_DIR, waiting_files(token))
    ask_node(engine, container.name, ["take-token"])


def waiting_files(token: str) -> list[File]:
    """The token where the node takes it from, readable by root alone."""
    directory = PurePosixPath(contract.NEW_TOKEN_DIR).relative_to(contract.STATE_DIR)
    return [
        File(str(directory), None, mode=0o700),
        File(str(directory / "token"), token.encode("ascii") + b"\n", mode=0o600),
    ]


def _problem(future: Future[None]) -> str | None:
    try:
        future.result()
    except RoostError as error:
        return error.message
    return None
