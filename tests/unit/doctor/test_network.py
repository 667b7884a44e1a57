"""``doctor --network`` on an engine in memory: who is asked, and what becomes of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace

from roost.contract import Role
from roost.engines.fake import FakeEngine
from roost.engines.protocol import Container, ContainerSpec, ExecResult
from roost.events import silent
from roost.nodefacts import Reach
from roost.pathfacts import Answer, NetworkFacts, Path, Peer
from roost.plan.names import node_labels
from roost.pool.doctor.network import conclude, look_at_network

WAY = Path("execute-1", "master", "192.0.2.1:9618", to_master=True, reach=Reach.CONNECTED)
GOOD = replace(WAY, answer=Answer.GRANTED)
PEERS = (Peer("master", "master", "head"), Peer("execute-1", "execute"))
FACTS = NetworkFacts("execute-1", "execute", "lab", (GOOD,), PEERS)


def engine_with(answer: ExecResult) -> FakeEngine:
    def answer_it(_container: Container, argv: Sequence[str]) -> ExecResult:
        assert list(argv[1:]) == ["network", "--json"]
        return answer

    engine = FakeEngine(images={"i": {}}, on_exec=answer_it)
    engine.ensure_network("net", {})
    labels = node_labels("lab", "execute-1", Role.EXECUTE)
    engine.ensure_container(ContainerSpec("lab-execute-1", "i", "execute-1", "net", labels))
    engine.start("lab-execute-1")
    return engine


def test_a_host_that_only_joined() -> None:
    engine = engine_with(ExecResult(0, json.dumps(asdict(FACTS)).encode(), b""))
    report = look_at_network(engine, "lab", silent)
    assert report.healthy
    assert report.paths == (GOOD,)
    assert report.elsewhere == (Peer("master", "master", "head"),)
    told = json.loads(json.dumps(report.to_json()))
    assert told["paths"][0]["target"] == "master"
    assert (told["healthy"], told["elsewhere"][0]["host"]) == (True, "head")


def test_nodes_that_do_not_tell() -> None:
    for answer, why in (
        (ExecResult(2, b"unknown command", b""), "it is of another Roost; `roost up --pool lab`"),
        (ExecResult(1, b"", b"it broke"), "it does not answer: `roost-node network` failed"),
        (ExecResult(0, b"[]", b""), "it is of another Roost"),
    ):
        report = look_at_network(engine_with(answer), "lab", silent)
        assert not report.healthy
        ((node, said),) = report.unmeasured
        assert node == "execute-1"
        assert said.startswith(why)
    engine = engine_with(ExecResult(0, b"", b""))
    engine.stop("lab-execute-1")
    assert look_at_network(engine, "lab", silent).unmeasured == (
        ("execute-1", "its container is exited"),
    )


def test_what_a_node_could_not_find_out() -> None:
    blind = replace(FACTS, error="no answer within 5 s", unmeasured=("submit",))
    report = conclude("docker", "lab", {"execute-1": blind})
    assert not report.healthy
    assert [why for _, why in report.unmeasured] == [
        "the master did not tell it of other nodes: no answer within 5 s",
        "there was no time for submit",
    ]


def test_a_way_that_jobs_need_makes_it_ill() -> None:
    failed = replace(WAY, reach=Reach.SILENT)
    report = conclude("docker", "lab", {"execute-1": replace(FACTS, paths=(failed,))})
    assert not report.healthy
    spare = replace(failed, needed=False)
    report = conclude("docker", "lab", {"execute-1": replace(FACTS, paths=(spare,))})
    assert report.healthy
    assert len(report.problems) == 1


def test_masters_first() -> None:
    master = NetworkFacts("master", "master", "lab", (replace(GOOD, source="master"),))
    report = conclude("docker", "lab", {"execute-1": FACTS, "master": master})
    assert [path.source for path in report.paths] == ["master", "execute-1"]
