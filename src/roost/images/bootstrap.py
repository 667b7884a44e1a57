"""A root file system made on this host with mmdebstrap: the base where no registry answers."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from roost.errors import ImageBuildError
from roost.images import diagnosis
from roost.images.aptsources import Mirror
from roost.images.network import apt_settings
from roost.images.nodefiles import recipe_file
from roost.images.recipe import BASE_TIME_S, BOOTSTRAP_OPTIONS
from roost.images.space import ensure_temporary_space
from roost.spec.model import Suite

GRACE_S = 5.0
"""How long an interrupted mmdebstrap may take to remove what it made."""

_TAIL_LINES = 40
_FORGET_APT_SETTINGS = 'rm "$1"/etc/apt/apt.conf.d/99mmdebstrap'


def ensure_can_bootstrap() -> None:
    """Raise :class:`ImageBuildError` where mmdebstrap is missing or has no room to work."""
    if shutil.which("mmdebstrap") is None:
        raise ImageBuildError(
            "no registry gave a Debian image, and mmdebstrap, which makes one, is not installed",
            hint="run `roost setup`, or install the packages mmdebstrap and debian-archive-keyring",
        )
    ensure_temporary_space()


def plan_command(
    suite: Suite, target: Path, mirror: Mirror | None, *, allow_expired_release: bool
) -> list[str]:
    """The mmdebstrap command that writes the root file system to the tar file ``target``.

    Without a mirror mmdebstrap takes its own default. It chooses by itself how to get the rights
    that it needs (root, or user namespaces).
    """
    command = ["mmdebstrap", "--format=tar", *BOOTSTRAP_OPTIONS]
    config = recipe_file("dpkg.cfg").data
    assert isinstance(config, bytes)
    rules = [line for line in config.decode().splitlines() if not line.startswith("#")]
    command += [f"--dpkgopt={rule}" for rule in rules]
    settings = apt_settings(allow_expired_release=allow_expired_release)
    command += [f'--aptopt={name} "{value}"' for name, value in settings.items()]
    # They are for this build alone: the image must not keep one that lowers its guard.
    command.append(f"--customize-hook={_FORGET_APT_SETTINGS}")
    if mirror and mirror.keyring():
        command.append(f"--keyring={mirror.keyring()}")
    command += [str(suite), str(target)]
    if mirror:
        command += mirror.sources_list(suite).splitlines()
    return command


@contextmanager
def bootstrapped(
    suite: Suite,
    mirror: Mirror | None,
    *,
    allow_expired_release: bool,
    on_output: Callable[[str], None],
) -> Iterator[Path]:
    """Make the root file system and yield its tar file, which is gone afterwards."""
    # An unprivileged mmdebstrap leaves nothing that its user could not remove, unless it is killed.
    with tempfile.TemporaryDirectory(prefix="roost-base-", ignore_cleanup_errors=True) as name:
        directory = Path(name)
        # Also for the users of mmdebstrap's user namespace, which works in here.
        directory.chmod(0o755)
        target = directory / "root.tar"
        command = plan_command(suite, target, mirror, allow_expired_release=allow_expired_release)
        _run(command, directory, f"the base system of {suite}", on_output)
        yield target


def _run(command: list[str], temporary: Path, what: str, on_output: Callable[[str], None]) -> None:
    """Run to the end, tell each line, and raise with the last ones on failure."""
    tail: list[str] = []
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
        env={
            **os.environ,
            "TMPDIR": str(temporary),
            "LC_ALL": "C.UTF-8",
            "SOURCE_DATE_EPOCH": str(BASE_TIME_S),
        },
    ) as process:
        assert process.stdout
        try:
            for line in process.stdout:
                on_output(line.rstrip())
                tail = [*tail, line][-_TAIL_LINES:]
        except BaseException:
            _end(process)
            raise
    if process.returncode:
        raise diagnosis.explain(what, "".join(tail))


def _end(process: subprocess.Popen[str]) -> None:
    """End it with all its children, and wait for the last of them.

    It removes its own root file system, which may belong to other users than ours. A child that was
    made while the signal came has not seen it, so the signal is sent again.
    """
    for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            # The pipe ends with the last process that may still write.
            process.communicate(timeout=GRACE_S)
        except subprocess.TimeoutExpired:
            continue
        except ProcessLookupError:
            pass
        return
