"""A container's environment, checked before anything starts."""

from __future__ import annotations

import pytest

from roost.contract import Role
from roost.node.say import NodeError
from roost.node.settings import (
    EVERY_ADDRESS,
    Address,
    parse_address,
    parse_metrics,
    read_settings,
)

EXECUTE = {"ROOST_ROLE": "execute", "MASTER": "192.0.2.1"}


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.1", Address("192.0.2.1")),
        ("pool-master", Address("pool-master")),
        ("master.example.org:9999", Address("master.example.org", 9999)),
        ("2001:db8::1", Address("2001:db8::1")),
        ("[2001:db8::1]:9999", Address("2001:db8::1", 9999)),
        ("[2001:db8::1]", Address("2001:db8::1")),
    ],
)
def test_addresses(text: str, address: Address) -> None:
    assert parse_address(text) == address
    assert parse_address(str(address)) == address


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "MASTER is not set"),
        ("master:", "the port is missing"),
        ("master:0", "'0' is no port"),
        ("master:65536", "'65536' is no port"),
        ("master:http", "'http' is no port"),
        ("a b", "MASTER is 'a b'"),
        ("[2001:db8::1]9618", "MASTER is"),
        ("master\nSEC_DEFAULT_AUTHENTICATION = NEVER", "MASTER is"),
    ],
)
def test_bad_addresses_are_named(text: str, said: str) -> None:
    with pytest.raises(ValueError, match="MASTER") as caught:
        parse_address(text)
    assert said in str(caught.value)


def test_defaults() -> None:
    settings = read_settings(EXECUTE, "Host7")
    assert (settings.role, settings.node, settings.pool) == (Role.EXECUTE, "execute-host7", "roost")
    assert str(settings.master) == "192.0.2.1:9618"
    assert settings.cpus is None
    assert settings.join_timeout_s == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[2001:db8::1:9618", "give the master's address"),
        ("2001:db8::1::9618", "is no IPv6 address"),
        ("[192.0.2.1]:9618", "is no IPv6 address"),
        ("192.0.2.1:9618:", "is no IPv6 address"),
        ("fe80::1", "another machine on each link"),
    ],
)
def test_what_is_no_ipv6_address_of_a_master(text: str, said: str) -> None:
    with pytest.raises(NodeError, match="MASTER is") as caught:
        read_settings({**EXECUTE, "MASTER": text}, "host")
    assert said in str(caught.value)


def test_the_master_needs_no_master() -> None:
    assert read_settings({"ROOST_ROLE": "master"}, "host").master.host == "127.0.0.1"
    with pytest.raises(NodeError, match="this node is the master"):
        read_settings({"ROOST_ROLE": "master", "MASTER": "192.0.2.1"}, "host")


@pytest.mark.parametrize("role", ["", "Master", "worker"])
def test_unknown_roles(role: str) -> None:
    with pytest.raises(NodeError, match="one of master, submit, execute"):
        read_settings({"ROOST_ROLE": role}, "host")


def test_everything_that_is_wrong_is_named_at_once() -> None:
    wrong = {
        "ROOST_ROLE": "execute",
        "ROOST_NODE": "a b",
        "ROOST_POOL": "x\ny",
        "ROOST_CPUS": "-1",
        "ROOST_MEMORY_MB": "2GB",
        "ROOST_JOIN_TIMEOUT": "soon",
        "ROOST_LOG_FORMAT": "xml",
    }
    with pytest.raises(NodeError) as caught:
        read_settings(wrong, "host")
    for variable in ("MASTER", *(name for name in wrong if name != "ROOST_ROLE")):
        assert variable in str(caught.value)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("", EVERY_ADDRESS),
        ("off", None),
        ("127.0.0.1:9100", Address("127.0.0.1", 9100)),
        ("[::1]:9100", Address("::1", 9100)),
        ("0.0.0.0:65535", Address("0.0.0.0", 65535)),
    ],
)
def test_where_metrics_are_served(text: str, address: Address | None) -> None:
    assert parse_metrics(text) == address
    assert read_settings({**EXECUTE, "ROOST_METRICS": text}, "host").metrics == address


@pytest.mark.parametrize(
    "text",
    ["9620", "127.0.0.1", "localhost:9620", "1.2.3.4:0", "1.2.3.4:65536", "::1", "on", ":9620"],
)
def test_a_wrong_place_for_metrics_is_named(text: str) -> None:
    with pytest.raises(NodeError, match="ROOST_METRICS is"):
        read_settings({**EXECUTE, "ROOST_METRICS": text}, "host")


@pytest.mark.parametrize(
    ("given", "node"),
    [
        ("execute-1", "execute-1"),
        ("execute", "execute"),
        ("executeevil", "execute-executeevil"),
        ("submit-1", "execute-submit-1"),
        ("3f2a90c1", "execute-3f2a90c1"),
    ],
)
def test_a_nodes_name_starts_with_its_role(given: str, node: str) -> None:
    assert read_settings(EXECUTE | {"ROOST_NODE": given}, "host").node == node
    assert read_settings(EXECUTE, given.capitalize()).node == node


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("", None),
        ("192.0.2.1", "192.0.2.1"),
        (" 192.0.2.1 ", "192.0.2.1"),
        ("2001:DB8::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
    ],
)
def test_the_address_outside(text: str, address: str | None) -> None:
    assert read_settings({**EXECUTE, "ADDRESS": text}, "host").address == address
    assert read_settings({"ROOST_ROLE": "master", "ADDRESS": text}, "host").address == address


@pytest.mark.parametrize("text", ["10.244.0.0/16", "2001:db8:1::/48"])
def test_a_network_instead_of_the_address(text: str) -> None:
    for role in (EXECUTE, {"ROOST_ROLE": "master"}):
        settings = read_settings({**role, "ADDRESS": f" {text} "}, "host")
        assert (str(settings.routed), settings.address) == (text, None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("head.example.org", "is no IP address"),
        ("10.244.0.1/16", "is no IP address"),
        ("10.244.0.0/33", "is no IP address"),
        ("192.0.2.1:9618", "the port is the same inside and outside"),
        ("[2001:db8::1]:9618", "is no IP address"),
        ("192.0.2.300", "is no IP address"),
        ("192.0.2.1\nALLOW_WRITE = *", "is no IP address"),
        ("0.0.0.0", "at which no other host reaches this one"),
        ("127.0.0.1", "at which no other host reaches this one"),
        ("::1", "at which no other host reaches this one"),
        ("fe80::1", "at which no other host reaches this one"),
    ],
)
def test_a_wrong_address_outside_is_named(text: str, said: str) -> None:
    with pytest.raises(NodeError, match="ADDRESS is") as caught:
        read_settings({**EXECUTE, "ADDRESS": text}, "host")
    assert said in str(caught.value)
    assert "-e ADDRESS=192.0.2.1" in str(caught.value)


def test_the_port() -> None:
    assert read_settings(EXECUTE, "host").port == 9618
    assert read_settings({**EXECUTE, "ROOST_PORT": "9619"}, "host").port == 9619
    for wrong, said in (("0", "from 1 to 65535"), ("9620", "answers for its health"), ("x", "'x'")):
        with pytest.raises(NodeError, match=f"ROOST_PORT is .*{said}"):
            read_settings({**EXECUTE, "ROOST_PORT": wrong}, "host")
    with pytest.raises(NodeError, match="the master's port is 9618"):
        read_settings({"ROOST_ROLE": "master", "ROOST_PORT": "9619"}, "host")


@pytest.mark.parametrize("variable", ["ROOST_NETWORK", "ROOST_HOST"])
def test_names_of_networks_and_hosts(variable: str) -> None:
    for good in ("alpha", "lab7.example.org", "lab@192.0.2.1:9618"):
        read_settings({**EXECUTE, variable: good}, "host")
    for wrong in ('a"b', "a b", "-a", "a\nb", "a" * 129):
        with pytest.raises(NodeError, match=f"{variable} is"):
            read_settings({**EXECUTE, variable: wrong}, "host")


def test_only_jobs_have_time_to_end() -> None:
    assert read_settings(EXECUTE, "host").stop_grace_s == 0
    assert read_settings({**EXECUTE, "ROOST_STOP_GRACE": "3600"}, "host").stop_grace_s == 3600
    for wrong in ("-1", "1h", "99999999"):
        with pytest.raises(NodeError, match=r"ROOST_STOP_GRACE is .*whole number"):
            read_settings({**EXECUTE, "ROOST_STOP_GRACE": wrong}, "host")
    with pytest.raises(NodeError, match="only executors run jobs"):
        read_settings({"ROOST_ROLE": "master", "ROOST_STOP_GRACE": "60"}, "host")
