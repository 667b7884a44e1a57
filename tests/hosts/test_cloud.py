"""A master whose address outside is not on its machine, and an executor at home: docs/hosts-cloud.md."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.hosts.bench import Bench
from tests.hosts.host import Host
from tests.hosts.pages import steps_on, type_in

PAGE = "docs/hosts-cloud.md"


@pytest.fixture
def places(bench: Bench) -> Iterator[dict[str, Host]]:
    """By their names on the page; the address of the first is the one that its router passes on to it."""
    machine, home = bench.hosts("lab", "office", behind_router=True)
    machine.plug.forward(machine.address, range(9618, 9620))
    try:
        yield {"cloud": replace(machine, address=machine.plug.address), "home": home}
    finally:
        for host in (machine, home):
            host.clear()


def test_a_floating_address(places: dict[str, Host], tmp_path: Path) -> None:
    for step in steps_on(places, PAGE):
        type_in(step, places, cwd=tmp_path)
