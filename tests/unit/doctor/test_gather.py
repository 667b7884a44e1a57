"""Asking a pool on an engine in memory: whatever it answers, or does not, is a diagnosis."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

import pytest

from roost.engines.fake import FakeEngine
from roost.engines.protocol import Container, ContainerSpec, ExecResult
from roost.errors import EngineError, EngineUnavailableError, RoostError, UsageError
from roost.events import Recorder, silent
from roost.nodefacts import JobFacts, PoolFacts
from roost.plan.names import node_labels
from roost.pool.doctor import Cause, Diagnosis, diagnose, gather
from tests.unit.doctor.pools import NODES, ad, told

Answer = Callable[[str], ExecResult]


def says(value: Any) -> ExecResult:
    return ExecResult(0, json.dumps(asdict(value)).encode(), b"")


class Pool:
    """Answers as a healthy pool would; ``answers`` come first, by node and command."""

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str], Answer] = {}
        self.engine = FakeEngine(images={"i": {}}, on_exec=self._answer)
        self.engine.ensure_network("net", {})
        for node, role in NODES.items():
            labels = node_labels("lab", node, role)
            self.engine.ensure_container(ContainerSpec(f"lab-{node}", "i", node, "net", labels))
            self.engine.start(f"lab-{node}")

    def _answer(self, container: Container, argv: Sequence[str]) -> ExecResult:
        node, command = container.name.removeprefix("lab-"), argv[1]
        if (node, command) in self.answers:
            return self.answers[node, command](node)
        match command:
            case "diagnose":
                return says(told(node, NODES[node]))
            case "diagnose-pool":
                return says(PoolFacts(tuple(ad(one, role) for one, role in NODES.items())))
            case _:
                return says(JobFacts(running=2))

    def diagnose(self) -> Diagnosis:
        return diagnose(lambda: self.engine, "lab", silent)

    def causes(self) -> list[tuple[Cause, tuple[str, ...]]]:
        """Without clocks: those of the facts stand still."""
        findings = self.diagnose().findings
        return [(one.cause, one.nodes) for one in findings if one.cause not in TIMES]


TIMES = (Cause.CLOCK_SKEW, Cause.TOKEN_EXPIRES_SOON)


@pytest.fixture
def pool() -> Pool:
    return Pool()


def test_a_pool_that_is_well(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("roost.pool.doctor.gather.time.time", lambda: 1_800_000_000.0)
    diagnosis = pool.diagnose()
    assert diagnosis.findings == ()
    assert diagnosis.jobs == {"idle": 0, "running": 2, "held": 0}


def test_no_engine() -> None:
    def refuse() -> FakeEngine:
        raise EngineUnavailableError("nothing listens", hint="start it")

    (finding,) = diagnose(refuse, "lab", silent).findings
    assert (finding.cause, finding.seen) == (Cause.ENGINE_UNREACHABLE, "nothing listens")
    assert finding.mend == "start it"


def test_an_engine_that_does_not_exist_is_wrong_usage() -> None:
    def refuse() -> FakeEngine:
        raise UsageError("no such engine")

    with pytest.raises(UsageError):
        diagnose(refuse, "lab", silent)


def test_no_pool(pool: Pool) -> None:
    (finding,) = diagnose(lambda: pool.engine, "other", silent).findings
    assert finding.cause is Cause.NO_POOL
    assert "there are: lab" in finding.mend
    assert "roost up --pool other" in finding.mend


def test_a_node_that_was_stopped(pool: Pool) -> None:
    pool.engine.stop("lab-execute-2")
    assert pool.causes() == [(Cause.CONTAINER_STOPPED, ("execute-2",))]


@pytest.fixture
def never() -> Iterator[Answer]:
    end = threading.Event()

    def wait(_node: str) -> ExecResult:
        end.wait()
        return ExecResult(0, b"", b"")

    yield wait
    end.set()


def test_a_node_that_hangs_holds_nobody_up(
    pool: Pool, never: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gather, "NODE_TIMEOUT_S", 1.0)
    pool.answers["execute-1", "diagnose"] = never
    pool.answers["submit", "diagnose-jobs"] = never
    assert pool.causes() == [
        (Cause.NODE_SILENT, ("execute-1",)),
        (Cause.SCHEDD_SILENT, ("submit",)),
    ]


def test_a_node_of_another_version(pool: Pool) -> None:
    pool.answers["execute-1", "diagnose"] = lambda _node: ExecResult(2, b"unknown command", b"")
    pool.answers["execute-2", "diagnose"] = lambda _node: ExecResult(0, b'{"else": 1}', b"")
    assert pool.causes() == [
        (Cause.NODE_OUTDATED, ("execute-1",)),
        (Cause.NODE_OUTDATED, ("execute-2",)),
    ]


def test_a_command_that_fails(pool: Pool) -> None:
    pool.answers["execute-1", "diagnose"] = lambda _node: ExecResult(
        1, b"", b"Traceback\nno memory"
    )
    (finding,) = (one for one in pool.diagnose().findings if one.cause is Cause.NODE_SILENT)
    assert finding.seen == "`roost-node diagnose` failed with 1: no memory"


def test_a_collector_that_cannot_be_asked(pool: Pool) -> None:
    pool.answers["master", "diagnose-pool"] = lambda _node: ExecResult(1, b"", b"killed")
    assert pool.causes() == [(Cause.COLLECTOR_SILENT, ("master",))]


def test_an_engine_that_fails_in_between(pool: Pool) -> None:
    def fail(_node: str) -> ExecResult:
        raise EngineError("the engine broke off")

    for node in NODES:
        pool.answers[node, "diagnose"] = fail
    assert [cause for cause, _ in pool.causes()] == [Cause.NODE_SILENT] * 4


def test_progress_is_told(pool: Pool) -> None:
    told = Recorder()
    diagnose(lambda: pool.engine, "lab", told)
    assert told.done_steps() == ["look"]


def test_mistakes_are_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        gather.within(1.0, lambda: 1 // 0)
    with pytest.raises(RoostError, match=r"no answer within 0\.05 s"):
        gather.within(0.05, threading.Event().wait)
