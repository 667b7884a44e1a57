"""What holds for all tests."""

from __future__ import annotations

import signal

import pytest

_ENGINES = frozenset({"docker", "podman"})
_ON_ENGINES = frozenset({"contract", "e2e"})
"""Directories of the tests that stand on engines."""


def pytest_configure() -> None:
    """A shell starts its background jobs with SIGINT ignored, nohup ignores SIGHUP, and what is
    ignored is inherited: tests of interruption would wait in vain."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What may run beside what, for ``--dist loadgroup``.

    An engine's tests share its pools, so they run one after another; the other engine's beside
    them. Tests that choose their engine themselves do so file by file.
    """
    for item in items:
        if group := _group(item):
            item.add_marker(pytest.mark.xdist_group(group))


def _group(item: pytest.Item) -> str | None:
    if not _ON_ENGINES & set(item.path.relative_to(item.config.rootpath).parts):
        return None
    call = getattr(item, "callspec", None)
    values = call.params.values() if call else ()
    engines = sorted(value for value in values if isinstance(value, str) and value in _ENGINES)
    return engines[0] if engines else item.path.stem
