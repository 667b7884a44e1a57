"""What the nodes of a pool in memory answer, in the words of ``roost-node``."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from roost import contract
from roost.engines.fake import FakeEngine
from roost.engines.protocol import Container, ContainerState, ExecResult
from tests.unit.cli.faketokens import FakeTokens, RefusedError
from tests.unit.cli.fakeusers import FakeUsers

HTCONDOR = "23.9.6"
Answer = Callable[[Container, Sequence[str]], ExecResult]


class FakePool:
    """Answers for every node. ``jobs`` are the counts of the queue, ``health`` is that of nodes which
    are not healthy; ``answers`` come first, by the command of ``roost-node`` or by the program."""

    def __init__(self) -> None:
        self.engine: FakeEngine
        self.jobs = {"idle": 0, "running": 0, "held": 0, "completed": 0}
        self.health: dict[str, dict[str, Any]] = {}
        self.places: dict[str, dict[str, Any]] = {}
        """Of nodes of other hosts."""
        self.limits: dict[str, dict[str, Any]] = {}
        self.answers: dict[str, Answer] = {}
        self.tokens = FakeTokens()
        self.users = FakeUsers()

    def __call__(self, container: Container, argv: Sequence[str]) -> ExecResult:
        program, *arguments = argv
        word = arguments[0] if program == contract.NODE_PROGRAM else program
        if word in self.answers:
            return self.answers[word](container, argv)
        try:
            return self._answer(container, word, arguments)
        except RefusedError as problem:
            return ExecResult(1, str(problem).encode(), b"")

    def _answer(self, container: Container, word: str, arguments: Sequence[str]) -> ExecResult:
        match word:
            case "issue":
                nodes = [request.partition(":")[2] for request in arguments[1:]]
                return says(self.tokens.issue(nodes))
            case "tokens":
                pool = container.labels[contract.LABEL_POOL]
                return says(self.tokens.master(pool, *arguments[1:]))
            case "token":
                return says(self.tokens.token(self.engine, container))
            case "take-token":
                return says(self.tokens.take(self.engine, container))
            case "release":
                return says(self.tokens.release(arguments[1]))
            case "watch":
                return says({"ready": arguments[2:], "missing": []})
            case "users":
                pool = container.labels[contract.LABEL_POOL]
                return says(self.users.ask(pool, *arguments[1:]))
            case "drain":
                return says({"drained_after_s": 0.0})
            case "observe":
                return says(self._seen(container.labels[contract.LABEL_POOL]))
        return ExecResult(0, b"", b"")

    def _seen(self, pool: str) -> dict[str, Any]:
        nodes = [
            (one.labels[contract.LABEL_ROLE], one.labels[contract.LABEL_NODE])
            for one in self.engine.list_containers({contract.LABEL_POOL: pool})
            if one.state is ContainerState.RUNNING
        ]
        slots = sum(role == "execute" for role, _ in nodes)
        return {
            "ready": [f"{role}:{node}" for role, node in nodes]
            + [f"{place['role']}:{node}" for node, place in self.places.items()],
            "versions": {node: HTCONDOR for _, node in nodes},
            "slots": {"total": slots, "claimed": 0, "unclaimed": slots},
            "jobs": self.jobs,
            "health": {node: {"state": "healthy", "reasons": []} for _, node in nodes}
            | self.health,
            "limits": self.limits,
            "places": self.places
            | {
                node: {
                    "role": role,
                    "host": None,
                    "address": "10.0.0.2",
                    "reach": "address",
                    "joined": False,
                }
                for role, node in nodes
            },
        }


def says(data: Any) -> ExecResult:
    """A command that prints one line of JSON."""
    return ExecResult(0, json.dumps(data).encode() + b"\n", b"")
