"""With which nodes one that is reached through the master only will run no job, and what it says of them."""

from __future__ import annotations

import dataclasses
import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from roost import contract
from roost.contract import Role
from roost.node import apart
from roost.node.apart import Neighbour, describe_apart, find_doubtful, has_way, parse_nodes
from roost.node.settings import Address, NodeSettings
from roost.node.versions import Version, Versions

OLD, NEW = Version(23, 9, 6), Version(25, 14, 1)
BOTH_OLD, BOTH_NEW = Versions(OLD, OLD), Versions(NEW, NEW)
EXECUTE = NodeSettings(Role.EXECUTE, "execute-1", "lab", Address("192.0.2.1"))
FAR = Neighbour("submit-a", OLD, "10.3.0.2", 9618, brokered=True, network=None)
LISTING = (
    "execute-7.lab.pool\t<10.3.0.2:9618?CCBID=192.0.2.1:9618%3faddrs%3d192.0.2.1-9618%26noUDP%26sock%3dcollector#1"
    "&PrivNet=lab%40192.0.2.1&addrs=10.3.0.2-9618&alias=execute-7.lab.pool&noUDP&sock=master_15_de02>"
    "\t$CondorVersion: 23.9.6 2026-07-12 PackageID: 23.9.6+dfsg-2.1 $\n"
    "submit-a.lab.pool\t<192.0.2.1:9619?PrivAddr=%3c10.1.0.3:9619%3fsock%3dm%3e&PrivNet=submit-a.lab.pool&noUDP>"
    "\t$CondorVersion: 25.14.1 2026-08-21 $\n"
    "submit-six.lab.pool\t<[2001:db8::7]:9618?noUDP>\t\n"
    "\t\t\n"
)


def test_the_collectors_listing() -> None:
    assert parse_nodes(LISTING) == [
        Neighbour("execute-7", OLD, "10.3.0.2", 9618, brokered=True, network="lab@192.0.2.1"),
        Neighbour("submit-a", NEW, "192.0.2.1", 9619, brokered=False, network="submit-a.lab.pool"),
        Neighbour("submit-six", None, "2001:db8::7", 9618, brokered=False, network=None),
    ]


def test_only_counterparts_are_looked_for() -> None:
    nodes = parse_nodes(LISTING)
    assert [one.node for one in find_doubtful(EXECUTE, BOTH_OLD, nodes)] == [
        "submit-a",
        "submit-six",
    ]
    submit = EXECUTE._replace(role=Role.SUBMIT)
    assert [one.node for one in find_doubtful(submit, BOTH_OLD, nodes)] == ["execute-7"]


def test_a_network_of_the_same_name_is_a_way() -> None:
    nodes = parse_nodes(LISTING)
    submit = EXECUTE._replace(role=Role.SUBMIT, network="lab@192.0.2.1")
    assert find_doubtful(submit, BOTH_OLD, nodes) == []


@pytest.mark.parametrize(
    ("versions", "there", "doubtful"),
    [
        (BOTH_NEW, NEW, False),
        (BOTH_NEW, OLD, True),
        (Versions(OLD, NEW), NEW, True),
        (Versions(NEW, OLD), NEW, True),
        (Versions(NEW, None), NEW, True),
        (BOTH_NEW, None, True),
    ],
)
def test_the_master_passes_words_on_where_all_are_new(
    versions: Versions, there: Version | None, *, doubtful: bool
) -> None:
    node = dataclasses.replace(FAR, version=there)
    assert bool(find_doubtful(EXECUTE, versions, [node])) is doubtful


def test_nobody_passes_words_on_to_who_has_no_broker() -> None:
    node = dataclasses.replace(FAR, version=NEW, brokered=False)
    assert find_doubtful(EXECUTE, BOTH_NEW, [node]) == [node]


class Health(BaseHTTPRequestHandler):
    """A node that answers for its health."""

    def do_GET(self) -> None:
        """As a node that does not do its work: its name counts."""
        self.send_response(503)
        self.end_headers()
        self.wfile.write(json.dumps({"node": "submit-a"}).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with HTTPServer(("127.0.0.1", 0), Health) as server:
        monkeypatch.setattr(contract, "METRICS_PORT", server.server_port)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield
        server.shutdown()
        thread.join()


@pytest.mark.usefixtures("answering")
def test_who_answers_has_to_be_that_node() -> None:
    here = dataclasses.replace(FAR, host="127.0.0.1", port=1)
    assert has_way(here)
    assert not has_way(dataclasses.replace(here, node="submit-b"))


def test_a_node_without_a_word_of_its_health(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "_name_at", lambda _: None)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        here = dataclasses.replace(FAR, host="127.0.0.1", port=listening.getsockname()[1])
        assert has_way(here)
    assert not has_way(here)


def test_what_is_said() -> None:
    line = describe_apart([FAR])
    assert line.startswith(f"{contract.APART_WORDS} submit-a (10.3.0.2, port 9618), unless")
    assert "25.12" in line
    assert "25.12" not in describe_apart([dataclasses.replace(FAR, brokered=False)])
    many = describe_apart([dataclasses.replace(FAR, node=f"submit-{n}") for n in range(5)])
    assert "submit-2 (10.3.0.2, port 9618) and 2 more, unless" in many
    assert "submit-3" not in many
