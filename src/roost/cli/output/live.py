"""Progress on a terminal: what goes on is drawn live, what is done stays above it."""

from __future__ import annotations

import threading
import time

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, Task, TaskID, TextColumn
from rich.table import Column
from rich.text import Text

from roost.cli.output.safety import safe
from roost.events import Event, Phase


class _Bar(BarColumn):
    """A bar for steps that know how far they are and got somewhere; nothing for the others."""

    def render(self, task: Task) -> Text:  # type: ignore[override]
        return Text() if task.total is None else super().render(task)  # type: ignore[return-value]


class _Elapsed(TextColumn):
    """Seconds, once there are any to tell."""

    def __init__(self) -> None:
        super().__init__("")

    def render(self, task: Task) -> Text:
        elapsed_s = task.elapsed or 0.0
        return Text(f"{elapsed_s:.0f} s" if elapsed_s >= 1 else "", style="dim")


class LiveProgress:
    """Steps with a spinner, a bar where their end is known, and the time they took."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True, highlight=False, soft_wrap=True)
        self._lock = threading.Lock()
        self._display: Progress | None = None
        self._tasks: dict[str, TaskID] = {}
        self._started: dict[str, float] = {}
        unicode = (self._console.encoding or "").lower().startswith("utf")
        self._marks = ("✓", "✗") if unicode else ("ok", "failed")

    def __call__(self, event: Event) -> None:
        """Show one event."""
        with self._lock:
            match event.phase:
                case Phase.NOTE:
                    self._print(Text(safe(event.detail)))
                case Phase.STARTED | Phase.PROGRESS:
                    self._update(event)
                case Phase.DONE | Phase.FAILED:
                    self._finish(event)

    def close(self) -> None:
        """Take the display off the terminal; the lines of finished steps stay."""
        with self._lock:
            if self._display is not None:
                self._display.stop()
            self._display = None
            self._tasks.clear()

    def _update(self, event: Event) -> None:
        display = self._open()
        if event.step not in self._tasks:
            self._started.setdefault(event.step, time.monotonic())
            self._tasks[event.step] = display.add_task(event.step, total=None, detail="")
        display.update(
            self._tasks[event.step],
            total=1.0 if event.fraction else None,
            completed=event.fraction,
            detail=_one_line(event.detail),
        )

    def _finish(self, event: Event) -> None:
        if self._display is not None and event.step in self._tasks:
            self._display.remove_task(self._tasks.pop(event.step))
        took_s = time.monotonic() - self._started.pop(event.step, time.monotonic())
        done, failed = self._marks
        good = event.phase is Phase.DONE
        mark = (done, "green") if good else (failed, "red")
        line = Text.assemble(mark, f" {event.step}", (f"  {_one_line(event.detail)}", "dim"))
        if took_s >= 0.05:
            line.append(f"  {took_s:.1f} s", style="dim")
        self._print(line)

    def _print(self, line: Text) -> None:
        """Above what is drawn live."""
        (self._display.console if self._display else self._console).print(line)

    def _open(self) -> Progress:
        if self._display is None:
            self._display = Progress(
                SpinnerColumn(),
                TextColumn("{task.description}"),
                _Bar(bar_width=24),
                TextColumn("{task.fields[detail]}", style="dim", markup=False, table_column=_cut()),
                _Elapsed(),
                console=self._console,
                transient=True,
                refresh_per_second=10,
            )
            self._display.start()
        return self._display


def _cut() -> Column:
    return Column(no_wrap=True, overflow="ellipsis", ratio=1)


def _one_line(detail: str) -> str:
    return safe(" ".join(detail.split()))
