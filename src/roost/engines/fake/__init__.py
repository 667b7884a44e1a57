"""An engine in memory, for tests of everything above the seam.

It passes the contract tests for all that needs no real command to run. Beyond the protocol it can
be told what commands answer (``on_exec``) and what builds do (``on_build``), to fail at the Nth
call (``failure``) and to be slow (``delay_s``); it shows what it was asked (``calls``) and what it
holds (``files``).
"""

# ruff: noqa: D102 -- roost.engines.protocol.Engine says what each method does

from __future__ import annotations

from collections.abc import Mapping

from roost.engines.fake.commands import FakeCommands
from roost.engines.fake.networks import FakeNetworks
from roost.engines.fake.state import BuildHandler, Call, ExecHandler, Failure
from roost.engines.protocol import Capabilities, EngineInfo, ExecResult

__all__ = ["BuildHandler", "Call", "ExecHandler", "Failure", "FakeEngine"]


_ALL = Capabilities()


class FakeEngine(FakeCommands, FakeNetworks):
    """Implements :class:`roost.engines.protocol.Engine` in memory.

    ``images`` are there from the start, ``registry`` are those that ``pull_image`` finds, both by
    reference with their labels. ``on_exec`` says how a command in a container ends: well and in
    silence by default. ``on_build`` tells a build's output, and raises to fail it. ``failure`` and
    ``delay_s`` (seconds before each call) may be changed at any time.
    """

    name = "fake"

    def __init__(
        self,
        *,
        images: Mapping[str, Mapping[str, str]] | None = None,
        registry: Mapping[str, Mapping[str, str]] | None = None,
        on_exec: ExecHandler = lambda _container, _argv: ExecResult(0, b"", b""),
        on_build: BuildHandler = lambda _spec, _on_output: None,
        failure: Failure | None = None,
        delay_s: float = 0.0,
        capabilities: Capabilities = _ALL,
    ) -> None:
        super().__init__(failure, delay_s)
        self.capabilities = capabilities
        self.closed = False
        self._on_exec = on_exec
        self._on_build = on_build
        self._registry = dict(registry or {})
        for reference, labels in (images or {}).items():
            self._keep_image(reference, labels, reference)

    def info(self) -> EngineInfo:
        return EngineInfo("fake", "1.0", "memory", "/nowhere", None, self.capabilities)

    def close(self) -> None:
        self.closed = True
