"""A master whose name means another address."""

from __future__ import annotations

import subprocess

import pytest

from roost.contract import Role
from roost.node.masteraddress import EVERY_S, MasterAddress
from roost.node.settings import Address, NodeSettings


def settings(host: str) -> NodeSettings:
    return NodeSettings(Role.EXECUTE, "execute-1", "lab", Address(host))


def test_htcondor_is_told_once_the_name_means_another_address(
    capsys: pytest.CaptureFixture[str],
) -> None:
    said = [{"10.0.0.2"}, {"10.0.0.2"}, set(), {"10.0.0.9"}, {"10.0.0.9"}]
    told: list[int] = []
    looks = 0

    def resolve(_address: Address) -> frozenset[str]:
        nonlocal looks
        looks += 1
        return frozenset(said[looks - 1])

    master = MasterAddress(settings("lab-master"), resolve, lambda: told.append(looks), frozenset())
    for number in range(len(said)):
        master.step(number * EVERY_S)
        master.step(number * EVERY_S + EVERY_S / 2)
    assert (looks, told) == (len(said), [4])
    assert "the master lab-master:9618 is at 10.0.0.9 now" in capsys.readouterr().out


def test_what_it_meant_when_htcondor_started_counts() -> None:
    told: list[str] = []
    known = frozenset({"10.0.0.2"})
    new = frozenset({"10.0.0.9"})
    MasterAddress(settings("m"), lambda _: new, lambda: told.append("now"), known).step(0.0)
    assert told == ["now"]


def test_an_address_is_not_looked_up() -> None:
    def resolve(_address: Address) -> frozenset[str]:
        raise AssertionError

    MasterAddress(settings("192.0.2.1"), resolve).step(1e9)


def test_htcondor_is_told_again_where_it_did_not_answer() -> None:
    told: list[float] = []

    def reconfigure() -> None:
        told.append(1)
        if len(told) == 1:
            raise subprocess.TimeoutExpired("condor_reconfig", 10)

    new = frozenset({"10.0.0.9"})
    master = MasterAddress(settings("m"), lambda _: new, reconfigure, frozenset({"10.0.0.2"}))
    for number in range(3):
        master.step(number * EVERY_S)
    assert len(told) == 2
