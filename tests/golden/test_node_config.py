"""The whole configuration that a node writes, for each role."""

from __future__ import annotations

import pytest

from roost.contract import Role
from roost.node.enforcement import Enforcement, Means
from roost.node.htcondor_config import render_config
from roost.node.programs import render_supervisor_config
from roost.node.settings import Address, NodeSettings
from tests.golden.golden import assert_golden

NODES = {Role.MASTER: "master", Role.SUBMIT: "submit", Role.EXECUTE: "execute-1"}


def settings(role: Role) -> NodeSettings:
    master = Address("127.0.0.1" if role is Role.MASTER else "lab-master")
    size = {Role.MASTER: (None, None), Role.SUBMIT: (None, 16384), Role.EXECUTE: (2, 4096)}
    return NodeSettings(role, NODES[role], "lab", master, *size[role])


@pytest.mark.parametrize("role", list(Role))
def test_condor_config(role: Role) -> None:
    key = None if role is Role.EXECUTE else "key-0123abcd"
    files = ("/c/host.crt", "/c/host.key") if role is Role.MASTER else None
    bounds = Enforcement(Means.POLICY, Means.CONTAINER, private_tmp=False)
    text = render_config(
        settings(role),
        signing_key=key,
        certificate=files,
        enforcement=bounds if role is Role.EXECUTE else None,
        extra_files=["/x/10-mine.config"],
    )
    assert_golden(f"node/{role}.config", text)


@pytest.mark.parametrize("role", list(Role))
def test_supervisor_config(role: Role) -> None:
    assert_golden(f"node/supervisord-{role}.conf", render_supervisor_config(role))
