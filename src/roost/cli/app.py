"""What one run of ``roost`` knows: the options shared by all commands, and the way to the pool."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roost.cli.output.progress import Progress
from roost.commandline import DEFAULT_POOL, command_line
from roost.errors import UsageError

if TYPE_CHECKING:
    from roost.engines.protocol import Engine
    from roost.pool import Pool

ENV_POOL = "ROOST_POOL"
DEFAULT_FILE = Path("roost.toml")


@dataclass
class App:
    """The shared options, as given before or after the command; the last one counts.

    ``engine`` is a name from ``--engine``, None for the one that is found, or (in tests) an engine.
    ``if_interrupted`` says what state remains when the command is interrupted now, and the mend;
    nothing where an interruption is its ordinary end.
    """

    pool_name: str | None = None
    engine: Engine | str | None = None
    json: bool = False
    verbosity: int = 0
    if_interrupted: str = "nothing was changed"
    progress: Progress = field(init=False)

    def __post_init__(self) -> None:
        self.progress = Progress(lambda: self.verbosity)

    @property
    def wanted_pool(self) -> str | None:
        """The pool named by ``--pool`` or ROOST_POOL. Raises UsageError that says which of them is wrong."""
        if self.pool_name is not None:
            return _checked(self.pool_name, "--pool")
        named = os.environ.get(ENV_POOL)
        return _checked(named, ENV_POOL) if named else None

    def pool_here(self) -> str:
        """The pool that is meant: the one named, else that of ./roost.toml, else the default."""
        from roost.cli.poolfile import name_in

        if (wanted := self.wanted_pool) is not None:
            return wanted
        named = name_in(DEFAULT_FILE)
        return DEFAULT_POOL if named is None else _checked(named, f"the name in {DEFAULT_FILE}")

    @contextmanager
    def open_pool(
        self, name: str | None = None, *, file: Path | None = None, **settings: Any
    ) -> Iterator[Pool]:
        """The pool that is meant, or the one of a pool file, whose engine is closed afterwards. Does
        nothing to the pool itself."""
        from roost.pool import Pool

        name = name or (self.wanted_pool if file else self.pool_here())
        pool = Pool(name, file=file, engine=self.engine, report=self.progress, **settings)
        try:
            yield pool
        finally:
            pool.close()

    @contextmanager
    def open_engine(self) -> Iterator[Engine]:
        """The engine, closed afterwards."""
        if self.engine is not None and not isinstance(self.engine, str):
            yield self.engine
            return
        from roost.engines.detect import open_engine

        engine = open_engine(self.engine, os.environ)
        try:
            yield engine
        finally:
            engine.close()

    def line(self, command: str, pool: str) -> str:
        """A command line of ``roost`` that means this pool, for hints."""
        return command_line(command, pool)


def _checked(name: str, origin: str) -> str:
    from roost.spec import check_pool_name

    try:
        return check_pool_name(name)
    except UsageError as error:
        raise UsageError(f"{origin}: {error.message}", hint=error.hint) from error
