"""What containers say is kept within bounds, and whatever is kept can be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from roost.engines.fake import FakeEngine
from roost.engines.protocol import Limits
from roost.errors import EngineError
from roost.pool.logs.container import ContainerLog, Line
from roost.waiting import wait_for
from tests.contract.conftest import OURS, Bench
from tests.contract.test_logs import said, texts

LINES = 40_000
TALKER = (
    f"i=0; while [ $i -lt {LINES} ]; do i=$((i+1)); echo $i {'x' * 60}; done; echo end; sleep 60"
)
"""Says some 2.6 MB, which is more than twice what its log may hold."""
STEADY_LINES = 8000
STEADY = (
    f"i=0; while [ $i -lt {STEADY_LINES} ]; do i=$((i+1)); echo $i {'x' * 300};"
    " [ $((i % 100)) = 0 ] && sleep 0.02; done; echo end; sleep 60"
)
LIMIT = Limits(log_mb=1)


def talk(bench: Bench) -> str:
    """A container that has said more than its log may hold; its name."""
    if isinstance(bench.engine, FakeEngine):
        name = bench.run(limits=LIMIT)
        text = "\n".join(f"{number} {'x' * 6000}" for number in range(LINES // 100))
        bench.engine.say(name, f"{text}\nend")
        return name
    return bench.run("sh", "-c", TALKER, limits=LIMIT)


def test_a_container_that_says_too_much_keeps_its_last_words(bench: Bench) -> None:
    name = talk(bench)
    kept = said(bench, name, b"end")
    assert sum(len(line) for line in kept) < LIMIT.log_mb * 1024 * 1024  # type: ignore[operator]
    # Podman's conmon may begin its file anew within a line, whose rest is the first that is kept.
    read = [int(line.split()[0]) for line in kept[1:-1]]
    assert read == list(range(read[0], read[-1] + 1))
    assert texts(list(bench.engine.logs(name, tail=2)))[-1] == b"end"


def numbers(lines: Iterable[Line]) -> Iterator[int]:
    """The numbers that a talker says, up to its end."""
    for line in lines:
        if line.text == "end":
            return
        yield int(line.text.split()[0])


def test_a_follower_sees_all_of_it(real: Bench) -> None:
    """Through the rotations of Docker's files; Podman's log stays within its limit here, where all of it
    would go at once, and with it what nobody had read yet."""
    name = real.run("sh", "-c", STEADY, limits=Limits(log_mb=4))
    read = list(numbers(ContainerLog(real.engine, real.container(name)).following()))
    assert set(read) == set(range(1, STEADY_LINES + 1)), "Docker repeats some, and leaves out none"


def test_a_follower_that_falls_behind_still_sees_what_is_kept(real: Bench) -> None:
    name = real.run("sh", "-c", TALKER, limits=Limits(log_mb=16))
    lines = numbers(ContainerLog(real.engine, real.container(name)).following())
    read = [next(lines)]
    said(real, name, b"end")
    assert set(read) | set(lines) == set(range(1, LINES + 1))


def test_a_log_that_cannot_be_read_says_the_mend(real: Bench) -> None:
    name = real.name()
    body = {
        "Image": real.spec().image,
        "Cmd": ["sh", "-c", "echo said; sleep 60"],
        "Labels": OURS,
        "HostConfig": {"LogConfig": {"Type": "none"}},
    }
    connection = real.engine._connection  # type: ignore[attr-defined]
    connection.request("POST", "/containers/create", "making", params={"name": name}, json=body)
    real.engine.start(name)
    with pytest.raises(EngineError, match=f"reading the log of {name}") as caught:
        wait_for("the log", lambda: list(real.engine.logs(name)) or None, timeout_s=5)
    assert "log driver" in (caught.value.hint or "")
