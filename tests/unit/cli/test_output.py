"""Tables, time lines, progress and the output of jobs."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable

import click
import pytest
from rich.console import Console

from roost.cli.output.failure import show_failure
from roost.cli.output.jobs import JobOutput
from roost.cli.output.live import LiveProgress
from roost.cli.output.plain import PlainProgress
from roost.cli.output.progress import Progress, Show
from roost.cli.output.stdout import say
from roost.cli.output.table import render_table
from roost.cli.output.timeline import render_timeline
from roost.demo import Part
from roost.engines.protocol import StreamName
from roost.errors import RoostError
from roost.events import Event, Phase, note, step
from roost.waiting import wait_for

OUT, ERR = StreamName.STDOUT, StreamName.STDERR


class Terminal(io.TextIOWrapper):
    """A standard stream that says it is a terminal."""

    def __init__(self) -> None:
        self.raw_bytes = io.BytesIO()
        super().__init__(self.raw_bytes, encoding="utf-8", write_through=True)

    def isatty(self) -> bool:
        return True

    @property
    def text(self) -> str:
        return self.raw_bytes.getvalue().decode()


def test_a_table_is_aligned_whatever_its_colors() -> None:
    rows = [("a", click.style("ready", fg="green"), ""), ("longer", "x", "y")]
    assert click.unstyle(render_table(["NAME", "STATE", "Z"], rows)).splitlines() == [
        "NAME    STATE  Z",
        "a       ready  -",
        "longer  x      y",
    ]


def test_a_terminal_does_nothing_that_others_ask_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    """Names, hosts and reasons come from ads and from jobs: from whoever is in the pool."""
    evil = "lab\x1b]0;title\x07\x1b[2J\x9b1A\u202e"
    shown = render_table(["HOST"], [[click.style(evil, fg="red")], ["two\nlines"]])
    assert "lab\\x1b]0;title\\x07\\x1b[2J\\x9b1A\\u202e" in click.unstyle(shown)
    assert shown.startswith("HOST\n\x1b[31mlab"), "colors of ours stay"
    assert shown.splitlines()[-1] == "two\\nlines"
    say(evil)
    show_failure(RoostError(f"node {evil} runs elsewhere", hint=f"go to {evil}"))
    said = click.unstyle(capsys.readouterr().err)
    assert said.count("\\x1b]0;title") == 3
    assert "\x1b" not in said


def test_plain_progress_tells_ends(capsys: pytest.CaptureFixture[str]) -> None:
    progress = PlainProgress()
    with step(progress, "network", "lab-net"):
        note(progress, "worth telling")
    with pytest.raises(RuntimeError), step(progress, "build"):
        raise RuntimeError
    assert capsys.readouterr().err.splitlines() == [
        "worth telling",
        "network: lab-net (0.0 s)",
        "build: failed after 0.0 s",
    ]


def test_a_long_step_says_that_it_goes_on(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = [100.0]
    monkeypatch.setattr("roost.cli.output.plain.time.monotonic", lambda: moments[-1])
    progress = PlainProgress()
    progress(Event(Phase.STARTED, "build"))
    progress(Event(Phase.PROGRESS, "build", "halfway"))
    for moment in (104.0, 111.0, 112.0, 122.0):
        moments.append(moment)
        progress.tell_long_steps()
    progress(Event(Phase.DONE, "build", "all"))
    moments.append(140.0)
    progress.tell_long_steps()
    progress.close()
    assert capsys.readouterr().err.splitlines() == [
        "build: halfway ... 11 s",
        "build: halfway ... 22 s",
        "build: all (22.0 s)",
    ]


def test_a_long_step_says_so_by_itself(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("roost.cli.output.plain._HEARTBEAT_S", 0.0)
    monkeypatch.setattr("roost.cli.output.plain._LOOK_S", 0.01)
    progress = PlainProgress()
    with step(progress, "wait", "1 idle"):
        wait_for(
            "it says so",
            lambda: "wait: 1 idle ... 0 s\n" in capsys.readouterr().err or None,
            timeout_s=30,
        )
    progress.close()


def test_verbose_progress_tells_everything(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(lambda: 1)
    progress.show = Show.NOTES
    with step(progress, "network") as tell:
        tell("half-way")
    assert [line.split()[2:4] for line in capsys.readouterr().err.splitlines()] == [
        ["started", "network"],
        ["progress", "network:"],
        ["done", "network:"],
    ]


def drawn(act: Callable[[LiveProgress], None]) -> str:
    """What is on a terminal after ``act`` has told things to a live display."""
    file = io.StringIO()
    console = Console(file=file, force_terminal=True, width=80, highlight=False)
    progress = LiveProgress(console)
    act(progress)
    progress.close()
    return click.unstyle(file.getvalue())


def test_live_progress_leaves_a_line_for_each_finished_step() -> None:
    def act(progress: LiveProgress) -> None:
        with step(progress, "containers") as tell:
            note(progress, "[not markup]")
            tell("master, submit")
            progress(Event(Phase.PROGRESS, "containers", "[1/2] of it", 0.5))
        with pytest.raises(RuntimeError), step(progress, "ready", "0 of 5"):
            raise RuntimeError

    lines = drawn(act)
    assert "[not markup]\n" in lines
    assert "containers  master, submit" in lines
    assert re.search(r"✗ ready  0 of 5(  [0-9.]+ s)?$", lines, re.MULTILINE), (
        "with the time, if it took any"
    )


def test_live_progress_can_be_opened_again() -> None:
    def act(progress: LiveProgress) -> None:
        with step(progress, "one"):
            pass
        progress.close()
        progress.close()
        with step(progress, "two"):
            pass

    assert "✓ one" in drawn(act)
    assert "✓ two" in drawn(act)


def test_what_goes_on_is_drawn_only_on_a_terminal_and_notes_stand_anywhere(
    capsys: pytest.CaptureFixture[str],
) -> None:
    progress = Progress(lambda: 0)
    progress.show = Show.PRESENT
    with step(progress, "run", "waiting"):
        note(progress, "a note of a \x1b]0;stranger")
    assert capsys.readouterr().err == "a note of a \\x1b]0;stranger\n"


def test_a_display_makes_way_for_the_output_of_a_job(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    progress = Progress(lambda: 0)
    progress.show = Show.PRESENT
    output = JobOutput(progress, prefix=False)
    with step(progress, "run", "waiting"):
        output(ERR, 0, b"oops\n")
        drawn_before = terminal.text
        progress(Event(Phase.PROGRESS, "run", "running"))
        note(progress, "will start again")
    after = terminal.text.removeprefix(drawn_before)
    assert "run" in drawn_before
    assert drawn_before.endswith("oops\n")
    assert click.unstyle(after) == "will start again\n"


def written(pieces: list[tuple[StreamName, int, bytes]], *, prefix: bool) -> tuple[bytes, bytes]:
    """What comes out of standard output and error for pieces of output."""
    out, err = io.TextIOWrapper(io.BytesIO()), io.TextIOWrapper(io.BytesIO())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        output = JobOutput(Progress(lambda: 0), prefix=prefix)
        for piece in pieces:
            output(*piece)
        output.finish()
    return tuple(stream.buffer.getvalue() for stream in (out, err))  # type: ignore


def test_output_is_passed_byte_for_byte() -> None:
    data = bytes(range(256))
    assert written([(OUT, 0, data), (ERR, 0, b"e"), (OUT, 1, b"\r")], prefix=False) == (
        data + b"\r",
        b"e",
    )


def test_lines_of_many_jobs_are_whole_and_marked() -> None:
    pieces = [
        *((OUT, 0, b"on"), (OUT, 1, b"\xff\n\nr"), (ERR, 0, b"x\n")),
        *((OUT, 0, b"e\ntw"), (OUT, 0, b"o\n"), (OUT, 1, b"est")),
    ]
    assert written(pieces, prefix=True) == (
        b"1| \xff\n1| \n0| one\n0| two\n1| rest\n",
        b"0| x\n",
    )


def part(number: int, executor: str, started: float, ended: float) -> Part:
    return Part(number, executor, 100 + started, 100 + ended, files=1, size=1)


def test_a_time_line_shows_who_ran_what_when() -> None:
    parts = [
        part(0, "execute-1", 0, 2),
        part(1, "execute-2", 0, 4),
        part(2, "execute-1", 2, 3),
        part(3, "execute-10", 3, 4),
        part(4, "execute-2", 1, 3),
    ]
    assert render_timeline(parts, unicode=False, width=8).splitlines() == [
        "execute-1   ####==",
        "execute-2   ########",
        "execute-2     ####",
        "execute-10        ##",
        "            0 s 4.0 s",
    ]


def test_a_time_line_of_no_time_at_all() -> None:
    assert render_timeline([part(0, "e", 0, 0)], unicode=True, width=8).startswith("e  █\n")
