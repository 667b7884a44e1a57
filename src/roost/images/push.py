"""Images to another host's engine, over ssh: what is there already is not sent.

The other host needs an ssh server and its engine's own command, and nothing of Roost.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from roost.engines.protocol import Engine
from roost.errors import RoostError, UsageError
from roost.events import Reporter, step
from roost.images.carry import counted

ENGINES = ("docker", "podman")
_NO_ENGINE = 3
_SSH_FAILED = 255

_LOOK = """\
for engine in {engines}; do
  $engine version >/dev/null 2>&1 || continue
  echo $engine
  case $engine in podman) at=localhost/ ;; *) at= ;; esac
  for name in {names}; do
    labels=$($engine image inspect --format '{{{{json .Config.Labels}}}}' $at$name 2>/dev/null) || labels=null
    echo "$labels"
  done
  exit 0
done
exit {no_engine}
"""
_LOAD = """\
{engine} load --quiet >/dev/null || exit
for name in {names}; do
  {engine} image inspect {other}$name >/dev/null 2>&1 || continue
  {engine} tag {other}$name {at}$name && {engine} rmi {other}$name >/dev/null || exit
done
"""
"""The second half is for an archive that the other kind of engine has written."""


@dataclass(frozen=True)
class Pushed:
    """What became of each image on the other host."""

    host: str
    engine: str
    sent: tuple[str, ...]
    there: tuple[str, ...]
    """They were there already."""


def push_images(
    engine: Engine, names: Sequence[str], host: str, wanted: str | None, report: Reporter
) -> Pushed:
    """Bring the images to the engine of ``host``, which is what ssh calls it. ``wanted`` is the engine there;
    None: the first that answers.

    Raises UsageError for what is no host, RoostError with the words of ssh or of the engine there.
    """
    if not host or host.startswith("-") or any(letter.isspace() for letter in host):
        raise UsageError(f"{host!r} is no host", hint="give it as ssh takes it, such as user@lab7")
    here = {name: _labels_here(engine, name) for name in names}
    with step(report, "look", f"what {host} has"):
        program, there = _look(host, names, wanted)
    missing = [name for name in names if there[name] != here[name]]
    if missing:
        with step(report, "push", f"{len(missing)} images to {program} on {host}") as update:
            chunks = counted(engine.save_images(missing), update, "sent")
            _send(host, _load_script(program, missing), chunks, program)
        program, there = _look(host, names, program)
    lost = [name for name in missing if there[name] != here[name]]
    if lost:
        raise RoostError(f"{program} on {host} took the images, and has no {', '.join(lost)}")
    present = tuple(name for name in names if name not in missing)
    return Pushed(host, program, tuple(missing), present)


def _labels_here(engine: Engine, name: str) -> Mapping[str, str]:
    """They tell the recipe and the moment of the build, and stay the same in every engine."""
    image = engine.find_image(name)
    return dict(image.labels) if image else {}


def _look(host: str, names: Sequence[str], wanted: str | None) -> tuple[str, dict[str, Any]]:
    """The engine of the host, and the labels of each image there; None for one that is not."""
    engines = [wanted] if wanted else ENGINES
    script = _LOOK.format(engines=" ".join(engines), names=_quoted(names), no_engine=_NO_ENGINE)
    asked = _ssh(host, script)
    if asked.returncode == _NO_ENGINE:
        raise RoostError(
            f"on {host} no engine answers this user ({', '.join(engines)})",
            hint="start it, or let this user use it; `roost setup` there installs one",
        )
    _check(host, asked.returncode, asked.stderr.decode(errors="replace"), "looking for its images")
    program, *lines = asked.stdout.decode(errors="replace").splitlines() or [""]
    try:
        return program, {name: json.loads(line) for name, line in zip(names, lines, strict=True)}
    except ValueError:
        raise RoostError(
            f"{host} answers what no shell does: {asked.stdout[:200]!r}",
            hint="its start-up files must print nothing when nobody is at a terminal",
        ) from None


def _load_script(program: str, names: Sequence[str]) -> str:
    podman = program == "podman"
    return _LOAD.format(
        engine=program,
        names=_quoted(names),
        at="localhost/" if podman else "",
        other="docker.io/library/" if podman else "localhost/",
    )


def _quoted(names: Sequence[str]) -> str:
    return " ".join(map(shlex.quote, names))


def _send(host: str, script: str, chunks: Iterable[bytes], program: str) -> None:
    with tempfile.TemporaryFile() as complaints:
        process = _start(host, script, stdin=subprocess.PIPE, stderr=complaints)
        assert process.stdin
        try:
            for chunk in chunks:
                process.stdin.write(chunk)
            process.stdin.close()
        except BrokenPipeError:
            pass  # it says why below
        except BaseException:
            process.kill()
            raise
        finally:
            code = process.wait()
        complaints.seek(0)
        said = complaints.read().decode(errors="replace")
    _check(host, code, said, f"{program} load")


def _ssh(host: str, script: str) -> subprocess.CompletedProcess[bytes]:
    process = _start(host, script, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    output, complaints = process.communicate()
    return subprocess.CompletedProcess([], process.returncode, output, complaints)


def _start(host: str, script: str, **streams: Any) -> subprocess.Popen[bytes]:
    """One string, which the login shell of the other side reads; whatever that is, it knows ``sh -c``."""
    argv = ["ssh", "-T", "--", host, f"sh -c {shlex.quote(script)}"]
    try:
        return subprocess.Popen(argv, stdout=subprocess.PIPE, **streams)
    except FileNotFoundError:
        raise RoostError(
            "there is no ssh on this host",
            hint="install it (openssh-client), or carry the images in a file: roost images save FILE",
        ) from None


def _check(host: str, code: int, said: str, doing: str) -> None:
    if code == 0:
        return
    last = ([line for line in said.splitlines() if line.strip()] or [f"exit code {code}"])[-1]
    if code == _SSH_FAILED:
        raise RoostError(f"ssh to {host} failed: {last}", hint=f"try `ssh {host}` by itself")
    raise RoostError(f"{doing} on {host} failed: {last}")
