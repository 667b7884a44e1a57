"""Several calls to an engine at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

AT_ONCE = 16
"""Engines serve some calls in parallel and queue the rest; more threads only queue on our side."""
T = TypeVar("T")


@contextmanager
def engine_threads() -> Iterator[ThreadPoolExecutor]:
    """Threads that are waited for at the end. After an error or Ctrl-C, what has not begun never does."""
    threads = ThreadPoolExecutor(AT_ONCE)
    try:
        yield threads
    finally:
        threads.shutdown(cancel_futures=True)


def each(threads: ThreadPoolExecutor, act: Callable[[T], object], items: Iterable[T]) -> None:
    """Do it with all of them at once; return when it is done, or raise what the first raised."""
    for future in [threads.submit(act, item) for item in items]:
        future.result()
