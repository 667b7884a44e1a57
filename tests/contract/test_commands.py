"""Commands in running containers."""

from __future__ import annotations

import subprocess
import threading

import pytest

from roost.engines.protocol import StreamName
from roost.errors import EngineError, NotFoundError
from roost.waiting import wait_for
from tests.contract.conftest import Bench
from tests.enginehost.rootfs import NOBODY


def test_a_command_needs_a_running_container(bench: Bench) -> None:
    name, missing = bench.create().name, bench.name()

    with pytest.raises(EngineError, match=name):
        bench.engine.exec(name, ["true"])
    with pytest.raises(NotFoundError, match=missing):
        bench.engine.exec(missing, ["true"])


def test_output_and_exit_code_come_back_apart(real: Bench) -> None:
    result = real.engine.exec(real.run(), ["sh", "-c", "echo out; echo err >&2; exit 3"])

    assert (result.exit_code, result.stdout, result.stderr) == (3, b"out\n", b"err\n")


def test_a_command_without_output_has_none(real: Bench) -> None:
    result = real.engine.exec(real.run(), ["true"])

    assert (result.exit_code, result.stdout, result.stderr) == (0, b"", b"")


def test_arguments_are_passed_as_they_are(real: Bench) -> None:
    arguments = ["a b", "", "$HOME", "'q'", '"', "ä", "\n"]

    result = real.engine.exec(real.run(), ["printf", "%s|", *arguments])

    assert result.stdout.decode() == "".join(f"{one}|" for one in arguments)


def test_user_directory_and_environment_are_as_given(real: Bench) -> None:
    name = real.run(capabilities=("SETUID", "SETGID"))

    result = real.engine.exec(
        name,
        ["sh", "-c", "id -u; pwd; echo $GREETING"],
        user="nobody",
        workdir="/var/lib",
        environment={"GREETING": "a=b c"},
    )

    assert result.stdout.decode().splitlines() == [str(NOBODY), "/var/lib", "a=b c"]


def test_a_command_that_is_not_there_ends_as_in_a_shell(real: Bench) -> None:
    name = real.run()

    missing = real.engine.exec(name, ["no-such-command"])
    no_program = real.engine.exec(name, ["/tmp"])

    assert (missing.exit_code, missing.stdout) == (127, b"")
    assert b"no-such-command" in missing.stderr
    assert b"unixpacket" not in missing.stderr
    assert (no_program.exit_code, no_program.stdout) == (126, b"")


def test_a_command_ended_by_a_signal_says_so(real: Bench) -> None:
    assert real.engine.exec(real.run(), ["sh", "-c", "kill -9 $$"]).exit_code == 137


def test_much_output_arrives_whole(real: Bench) -> None:
    script = "yes out | head -c 3000000; yes err | head -c 2000000 >&2"

    result = real.engine.exec(real.run(), ["sh", "-c", script])

    assert result.exit_code == 0
    assert result.stdout == (b"out\n" * 750_000)
    assert result.stderr == (b"err\n" * 500_000)


def test_output_of_quick_commands_is_never_lost(real: Bench) -> None:
    """The first bytes can arrive together with the head of the answer."""
    name = real.run()

    for number in range(15):
        assert real.engine.exec(name, ["echo", str(number)]).stdout == f"{number}\n".encode()


def test_output_comes_while_the_command_runs(real: Bench) -> None:
    """What it says second it says because what it said first was read."""
    name = real.run()
    wait = "until [ -e /tmp/read ]; do sleep 0.05; done"
    command = real.engine.exec_stream(name, ["sh", "-c", f"echo one; {wait}; echo two >&2; exit 4"])
    pieces = iter(command)

    assert next(pieces) == (StreamName.STDOUT, b"one\n")
    assert real.engine.exec(name, ["touch", "/tmp/read"]).exit_code == 0
    assert list(pieces) == [(StreamName.STDERR, b"two\n")]
    assert command.exit_code == 4
    command.close()


def test_a_reader_can_be_ended_from_another_thread(real: Bench) -> None:
    command = real.engine.exec_stream(real.run(), ["sh", "-c", "echo one; sleep 60"])
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.extend(data for _, data in command))

    reader.start()
    wait_for("the first word", lambda: read or None, timeout_s=10)
    assert reader.is_alive()
    command.close()
    reader.join(5)

    assert not reader.is_alive()
    assert read == [b"one\n"]


def test_a_command_whose_container_ends_under_it_says_so(real: Bench) -> None:
    name = real.run()
    command = real.engine.exec_stream(name, ["sh", "-c", "echo one; sleep 60"])
    pieces = iter(command)
    assert next(pieces) == (StreamName.STDOUT, b"one\n")

    real.engine.remove_container(name)

    assert list(pieces) == []
    with pytest.raises(EngineError, match=f"running sh in {name}: its container ended meanwhile"):
        assert command.exit_code


def test_an_interactive_command_line_runs_as_it_is(real: Bench) -> None:
    name = real.run()
    argv = real.engine.interactive_argv(name, ["cat"], tty=False)

    done = subprocess.run(argv, input=b"through\n", capture_output=True, timeout=60, check=False)

    assert (done.returncode, done.stdout) == (0, b"through\n"), done.stderr


def test_a_terminal_is_asked_for_only_where_there_is_one(bench: Bench) -> None:
    name = bench.name()

    with_tty = bench.engine.interactive_argv(name, ["sh"], user="nobody")
    without = bench.engine.interactive_argv(name, ["sh"], user="nobody", tty=False)

    assert "--tty" in with_tty
    assert "--tty" not in without
    for argv in (with_tty, without):
        assert argv[-2:] == [name, "sh"]
        assert argv[argv.index("--user") + 1] == "nobody"
