from __future__ import annotations

import pytest

from roost.condor.resources import Request, Slot, explain_misfit, parse_request
from roost.errors import UsageError

SMALL = Slot("slot1@a", cpus=1, memory_mb=4096, disk_mb=1000)
BIG = Slot("slot1@b", cpus=8, memory_mb=1024, disk_mb=1000)


@pytest.mark.parametrize(
    ("memory", "expected"),
    [(512, 512), ("512", 512), ("2GB", 2048), ("1.5g", 1536), ("1 TiB", 1048576), ("1500K", 2)],
)
def test_amounts(memory: int | str, expected: int) -> None:
    assert parse_request(None, memory, None) == Request(memory_mb=expected)
    assert parse_request(2, None, memory) == Request(cpus=2, disk_mb=expected)


@pytest.mark.parametrize("amount", ["", "lots", "-1", -1, 0, "0GB", "1 2", "2PB", "GB", "1e3"])
def test_what_is_no_amount(amount: int | str) -> None:
    with pytest.raises(UsageError, match="is not an amount of memory") as caught:
        parse_request(None, amount, None)
    assert "2GB" in str(caught.value)


@pytest.mark.parametrize("cpus", [0, -3, True])
def test_cpus_that_cannot_be(cpus: int) -> None:
    with pytest.raises(UsageError, match="a job cannot have"):
        parse_request(cpus, None, None)


def test_the_lines_of_a_submit_file() -> None:
    assert Request().submit_commands() == {}
    assert parse_request(2, "2GB", "1GB").submit_commands() == {
        "request_cpus": "2",
        "request_memory": "2048",
        "request_disk": "1048576",
    }


def test_a_request_that_a_slot_can_hold() -> None:
    assert explain_misfit(Request(cpus=8), [SMALL, BIG]) is None
    assert explain_misfit(Request(memory_mb=4096), [SMALL, BIG]) is None
    assert explain_misfit(Request(), [SMALL]) is None


def test_without_slots_nothing_is_said_of_them() -> None:
    assert explain_misfit(Request(cpus=1000), []) is None


def test_a_request_that_no_one_slot_can_hold_names_the_biggest() -> None:
    words = explain_misfit(Request(cpus=8, memory_mb=4096), [SMALL, BIG])
    assert words == (
        "it asks for 8 CPUs, 4096 MB of memory; "
        "the biggest, slot1@b, has 8 CPUs, 1024 MB of memory, 1000 MB of disk"
    )
