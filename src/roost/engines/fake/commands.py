"""Commands in containers in memory: a handler says how they end."""

# ruff: noqa: D102, ARG002 -- roost.engines.protocol.Engine says what each method does and takes

from __future__ import annotations

from collections.abc import Mapping, Sequence

from roost.engines.fake.containers import FakeContainers
from roost.engines.fake.state import ExecHandler, recorded
from roost.engines.fake.streams import FakeCommand, FakeLines
from roost.engines.protocol import ContainerState, ExecResult, ExecStream, LineStream
from roost.errors import EngineError


class FakeCommands(FakeContainers):
    """The part of the engine in memory that deals in commands and logs."""

    _on_exec: ExecHandler

    @recorded
    def exec(
        self,
        name: str,
        argv: Sequence[str],
        *,
        user: str = "root",
        workdir: str | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> ExecResult:
        return self._run(name, argv)

    @recorded
    def exec_stream(
        self,
        name: str,
        argv: Sequence[str],
        *,
        user: str = "root",
        workdir: str | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> ExecStream:
        return FakeCommand(self._run(name, argv))

    def interactive_argv(
        self, name: str, argv: Sequence[str], *, user: str = "root", tty: bool = True
    ) -> list[str]:
        return ["fake", "exec", *(["--tty"] if tty else []), "--user", user, name, *argv]

    @recorded
    def logs(
        self, name: str, *, follow: bool = False, tail: int | None = None, since: int | None = None
    ) -> LineStream:
        return FakeLines(self._box(name).log, follow, tail, since)

    def _run(self, name: str, argv: Sequence[str]) -> ExecResult:
        box = self._box(name)
        if box.shown.state is not ContainerState.RUNNING:
            raise EngineError(f"running {argv[0]} in {name}: {name} is not running")
        return self._on_exec(box.shown, argv)
