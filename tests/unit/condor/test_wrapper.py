"""The program that travels with a run, as HTCondor runs it: a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roost.condor import wrapper

ENVIRONMENT = {"PATH": os.environ["PATH"]}


def write_job(
    place: Path,
    argv: Sequence[str],
    outputs: Sequence[str] = (),
    environment: dict[str, str] | None = None,
) -> list[str]:
    """The job file of a run; the command that carries it out as process 3 of cluster 12."""
    job = {"argv": argv, "outputs": outputs, "environment": environment or {}}
    (place / wrapper.JOB_FILE).write_text(json.dumps(job), encoding="ascii")
    return [sys.executable, "-IS", wrapper.__file__, "3", "12"]


def run_job(
    place: Path, argv: Sequence[str], outputs: Sequence[str] = (), **environment: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        write_job(place, argv, outputs, environment),
        cwd=place,
        env=ENVIRONMENT,
        capture_output=True,
        check=False,
        timeout=30,
    )


def test_the_output_and_the_code_are_the_commands(tmp_path: Path) -> None:
    done = run_job(tmp_path, ["sh", "-c", "echo out; echo err >&2; exit 7"])
    assert (done.returncode, done.stdout, done.stderr) == (7, b"out\n", b"err\n")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV, signal.SIGINT])
def test_a_signal_that_ends_the_command_ends_the_wrapper(
    tmp_path: Path, number: signal.Signals
) -> None:
    assert run_job(tmp_path, ["sh", "-c", f"kill -{int(number)} $$"]).returncode == -number


def test_a_command_that_is_not_there(tmp_path: Path) -> None:
    done = run_job(tmp_path, ["no-such-command", "x"])
    assert (done.returncode, done.stderr) == (127, b"roost: no-such-command: command not found\n")
    assert run_job(tmp_path, ["./missing"]).returncode == 127


def test_a_command_that_may_not_be_run(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("no program")
    done = run_job(tmp_path, ["./plain"])
    assert (done.returncode, done.stderr) == (126, b"roost: ./plain: Permission denied\n")


def test_a_script_without_a_first_line_is_the_shells(tmp_path: Path) -> None:
    (tmp_path / "script").write_text("echo $1\n")
    (tmp_path / "script").chmod(0o755)
    assert run_job(tmp_path, ["./script", "a b"]).stdout == b"a b\n"


def test_arguments_arrive_byte_for_byte(tmp_path: Path) -> None:
    argv = ["", "$(date) $$ $HOME \"x\" 'y'", "two\nlines\t\r\x01\\", "ü€", "\udcff", "%s", "-n"]
    done = run_job(tmp_path, ["printf", "%s\\0", *argv])
    assert done.stdout.split(b"\0")[:-1] == [one.encode(errors="surrogateescape") for one in argv]


def test_macros_are_replaced_in_arguments_and_nothing_else(tmp_path: Path) -> None:
    argv = ["echo", "$(Process)", "$(cluster).$(PROCESS)", "$$(Process)", "$(Other)"]
    assert run_job(tmp_path, argv).stdout == b"3 12.3 $$(Process) $(Other)\n"


def test_the_environment(tmp_path: Path) -> None:
    program = 'printf "%s|" "$A" "$ROOST_PROCESS" "$HOME" "$LANG" "$PATH"'
    done = run_job(tmp_path, ["sh", "-c", program], A="a $(Process)\n'b'")
    expected = f"a $(Process)\n'b'|3|{tmp_path}|C.UTF-8|{os.environ['PATH']}|"
    assert done.stdout.decode() == expected


def test_without_a_path_the_usual_places_are_searched(tmp_path: Path) -> None:
    command = write_job(tmp_path, ["sh", "-c", "echo $PATH"])
    done = subprocess.run(command, cwd=tmp_path, env={}, capture_output=True, check=True)
    assert done.stdout == b"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"


def test_a_broken_pipe_ends_the_command_as_it_should(tmp_path: Path) -> None:
    done = run_job(tmp_path, ["bash", "-c", "yes | head -n 1; echo ${PIPESTATUS[0]}"])
    assert done.stdout == b"y\n141\n"


def test_a_signal_is_passed_on(tmp_path: Path) -> None:
    program = 'trap "echo caught; exit 5" TERM; echo ready; while :; do sleep 0.02; done'
    with subprocess.Popen(
        write_job(tmp_path, ["sh", "-c", program]),
        cwd=tmp_path,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        process.terminate()
        assert process.stdout.read() == b"caught\n"
    assert process.returncode == 5


def test_it_outlives_its_command_until_all_output_is_read(tmp_path: Path) -> None:
    """condor_starter reads piece by piece, and no more once the process has ended."""
    with subprocess.Popen(
        write_job(tmp_path, ["head", "-c", "60000", "/dev/zero"]),
        cwd=tmp_path,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        bufsize=0,
    ) as process:
        assert process.stdout
        time.sleep(0.3)
        read = 0
        while process.poll() is None:
            read += len(os.read(process.stdout.fileno(), 4096))
            time.sleep(0.01)
    assert (read, process.returncode) == (60000, 0)


def test_a_writer_that_never_ends_is_not_waited_for_for_ever() -> None:
    reader, writer = os.pipe()
    try:
        os.write(writer, b"unread")
        began = time.monotonic()
        wrapper.drain((writer,), patience_s=0.1)
        assert time.monotonic() - began >= 0.1
    finally:
        os.close(reader)
        os.close(writer)


def test_files_are_nothing_to_wait_for(tmp_path: Path) -> None:
    with (tmp_path / "file").open("wb") as file:
        file.write(b"x")
        file.flush()
        wrapper.drain((file.fileno(),), patience_s=3600)  # which no test outlives
        assert os.fstat(file.fileno()).st_size == 1


def test_outputs_are_gathered_at_their_paths(tmp_path: Path) -> None:
    program = "echo a > a.$ROOST_PROCESS; echo b > deep/er/b; mkdir tree; echo c > tree/c"
    outputs = ["a.$(Process)", "deep/er/b", "tree", "tree/c", "not/made"]
    done = run_job(tmp_path, ["sh", "-c", f"{program}; exit 4"], outputs)
    gathered = tmp_path / wrapper.OUTPUT_DIR
    found = sorted(str(path.relative_to(gathered)) for path in gathered.rglob("*"))
    assert done.returncode == 4
    assert found == ["a.3", "deep", "deep/er", "deep/er/b", "tree", "tree/c"]


def test_what_an_output_links_to_comes_in_its_place(tmp_path: Path) -> None:
    program = "echo x > real; ln -s real link; mkdir d; ln -s ../real d/l"
    run_job(tmp_path, ["sh", "-c", program], ["link", "d"])
    gathered = tmp_path / wrapper.OUTPUT_DIR
    assert sorted(path.name for path in gathered.rglob("*")) == ["d", "l", "link"]
    for path in (gathered / "link", gathered / "d/l"):
        assert path.read_text() == "x\n"
        assert not path.is_symlink()


@pytest.mark.parametrize(
    ("make", "what"),
    [
        ("ln -s nowhere d/x", b"a broken link"),
        ("ln -s .. d/x", b"a link to a directory"),
        ("mkfifo d/x", b"neither a file nor a directory"),
    ],
)
def test_what_would_hold_the_job_is_left_out_and_told(
    tmp_path: Path, make: str, what: bytes
) -> None:
    done = run_job(tmp_path, ["sh", "-c", f"mkdir d; echo > d/y; {make}"], ["d"])
    assert done.stderr == b"roost: d/x was not brought back: it is " + what + b"\n"
    assert [path.name for path in (tmp_path / wrapper.OUTPUT_DIR / "d").iterdir()] == ["y"]


def test_what_may_not_be_read_is_made_readable(tmp_path: Path) -> None:
    run_job(tmp_path, ["sh", "-c", "mkdir d; echo > d/y; chmod 0 d/y d"], ["d"])
    gathered = tmp_path / wrapper.OUTPUT_DIR
    assert (gathered / "d").stat().st_mode & 0o700 == 0o700


def test_without_outputs_no_directory_is_made(tmp_path: Path) -> None:
    run_job(tmp_path, ["true"])
    assert [path.name for path in tmp_path.iterdir()] == [wrapper.JOB_FILE]


@given(st.text(), st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_text_without_macros_stays_as_it_is(text: str, process: int, cluster: int) -> None:
    expanded = wrapper.expand(text, str(process), str(cluster))
    assert (expanded == text) or wrapper.MACRO.search(text)


@given(st.text("$()Proces"))
def test_a_dollar_before_a_macro_keeps_it(text: str) -> None:
    assert wrapper.expand(f"{text}$$(Process)", "7", "1").endswith("$$(Process)")
