"""Calls to an engine, several at once."""

from __future__ import annotations

import threading

import pytest

from roost.pool.threads import each, engine_threads


def test_all_are_done_and_the_first_failure_is_told() -> None:
    done: set[int] = set()

    def act(number: int) -> None:
        if number == 3:
            raise ValueError("three")
        done.add(number)

    with engine_threads() as threads:
        each(threads, act, [1, 2])
    assert done == {1, 2}
    with pytest.raises(ValueError, match="three"), engine_threads() as threads:
        each(threads, act, [3, 4])


def test_after_ctrl_c_nothing_new_begins() -> None:
    begun = 0
    lock = threading.Lock()
    go_on = threading.Event()

    def act(_number: int) -> None:
        nonlocal begun
        with lock:
            begun += 1
        go_on.wait(30)

    with pytest.raises(KeyboardInterrupt), engine_threads() as threads:
        for number in range(1000):
            threads.submit(act, number)
        threading.Timer(0.1, go_on.set).start()
        raise KeyboardInterrupt
    assert begun < 1000
