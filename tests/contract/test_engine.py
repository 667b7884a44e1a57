"""The engine as such: what it says of itself, and many threads on it at once."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

from roost.engines.protocol import File
from tests.contract.conftest import OURS, Bench


def test_an_engine_says_what_it_is(bench: Bench) -> None:
    info = bench.engine.info()

    assert info.name == bench.engine.name
    assert info.version
    assert info.host
    assert info.root_dir.startswith("/")
    assert info.capabilities == bench.engine.capabilities


def test_an_engine_on_this_machine_knows_its_free_space(real: Bench) -> None:
    info = real.engine.info()

    assert info.free_bytes is not None
    assert info.free_bytes > 0
    assert info.capabilities.rootless == (os.geteuid() != 0)


def test_sixteen_threads_share_one_engine(real: Bench) -> None:
    """Each does a bit of everything, and gets its own answers."""
    names = [real.run() for _ in range(2)]

    def work(number: int) -> bool:
        engine, name = real.engine, names[number % 2]
        told = engine.exec(name, ["sh", "-c", f"echo out {number}; echo err {number} >&2"])
        engine.put_files(name, "/tmp", [File(f"file-{number}", b"%d" % number * 1000)])
        read = engine.exec(name, ["cat", f"/tmp/file-{number}"])
        listed = {one.name for one in engine.list_containers(OURS)}
        return (
            told.stdout == f"out {number}\n".encode()
            and told.stderr == f"err {number}\n".encode()
            and read.stdout == b"%d" % number * 1000
            and listed >= set(names)
        )

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(work, range(48)))
