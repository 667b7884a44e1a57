"""A pool on an engine in memory, whose submit node answers as it is told."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from roost import contract
from roost.contract import Role
from roost.engines.fake import FakeEngine
from roost.engines.protocol import Container, ContainerSpec, ExecResult, File
from roost.plan.names import node_labels

POOL = "pool"
Answer = Callable[[Sequence[str]], bytes]


def json_lines(*values: Mapping[str, Any]) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


def tar_bytes(files: Mapping[str, bytes]) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o644
            tar.addfile(member, io.BytesIO(content))
    return data.getvalue()


class Node:
    """What roost-node answers, by its command: the arguments are given to what makes the answer.

    An answer that is an exception is raised in its place, as the engine would.
    """

    def __init__(self) -> None:
        self.answers: dict[str, Answer | bytes | BaseException] = {"job-clean": b""}
        self.exit_codes: dict[str, tuple[int, bytes]] = {}
        """Other than 0, with what the command says to stderr."""
        self.asked: list[list[str]] = []
        self.engine = FakeEngine(images={"i": {}}, on_exec=self._answer)
        self.engine.ensure_network("net", {})
        labels = node_labels(POOL, "submit", Role.SUBMIT)
        self.engine.ensure_container(ContainerSpec(f"{POOL}-submit", "i", "host", "net", labels))
        self.engine.start(f"{POOL}-submit")

    def _answer(self, _container: Container, argv: Sequence[str]) -> ExecResult:
        assert argv[0] == contract.NODE_PROGRAM
        self.asked.append(list(argv[1:]))
        answer = self.answers[argv[1]]
        if isinstance(answer, BaseException):
            raise answer
        code, said = self.exit_codes.get(argv[1], (0, b""))
        return ExecResult(code, answer if isinstance(answer, bytes) else answer(argv[2:]), said)

    @property
    def commands(self) -> list[str]:
        """The names of the commands, in order."""
        return [command for command, *_ in self.asked]

    @property
    def files(self) -> dict[str, File]:
        """What was put there, by its path below its submission's directory."""
        prefix = f"{contract.JOBS_DIR}/"
        found = self.engine.files(f"{POOL}-submit")
        paths = {path.removeprefix(prefix): file for path, file in found.items()}
        return {path.partition("/")[2]: file for path, file in paths.items()}


@pytest.fixture
def node() -> Node:
    """The submit node of a pool."""
    return Node()
