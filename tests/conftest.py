"""What holds for all tests."""

from __future__ import annotations

import re
import signal
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from xdist.remote import Producer

_NEED_ENGINES = ("tests/contract/", "tests/e2e/")
_NEED_HOSTS = "tests/hosts/"
"""They share hosts, which one process makes."""
_ENGINE = re.compile(r"[\[-](docker|podman)[\]-]")
"""Among a test's parameters."""


# A machine with more to do than cores has pauses of its own: a slow example is no wrong one.
settings.register_profile("roost", deadline=None)
settings.load_profile("roost")


def pytest_configure() -> None:
    """A shell starts its background jobs with SIGINT ignored, nohup ignores SIGHUP, and what is
    ignored is inherited: tests of interruption would wait in vain."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> object:
    """With ``-n 2``, one engine's tests run beside the other's."""
    from xdist.scheduler import LoadScopeScheduling

    class EngineScheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
        def _split_scope(self, nodeid: str) -> str:
            return group(nodeid)

    return EngineScheduling(config, log)


def group(test: str) -> str:
    """What runs in one process, one after another: an engine's tests, which share its pools; a file of
    others that choose their engine themselves; and of those that need none, each for itself."""
    if test.startswith(_NEED_HOSTS):
        return _NEED_HOSTS
    if not test.startswith(_NEED_ENGINES):
        return test
    engine = _ENGINE.search(test)
    return engine[1] if engine else test.partition("::")[0]
