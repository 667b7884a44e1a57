"""Make the checkout's own environment: ``python3 tools/make_venv.py .venv``.

Runs on the system's Python, so it uses the standard library alone. What is there already is kept.
An environment that was interrupted half-way, or lost its interpreter, is made anew.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
STAMP = ".complete"
"""Written last, in the environment: what it is missing in was interrupted."""

_APT = ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet=2")
_LOCK_TIMEOUT = ("--option", "DPkg::Lock::Timeout=300")


def make_venv(directory: Path) -> None:
    """Make or complete the environment, with Roost and its tools for development in it."""
    python = directory / "bin" / "python"
    stamp = directory / STAMP
    if not (stamp.exists() and works(python)):
        ensure_venv_module()
        run([sys.executable, "-m", "venv", "--clear", str(directory)])
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    run([*pip, "--editable", str(ROOT), *development_requirements()])
    stamp.touch()


def development_requirements() -> list[str]:
    """The group ``dev`` of pyproject.toml; the pip of older distributions cannot read it itself."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        requirements: list[str] = tomllib.load(file)["dependency-groups"]["dev"]
    return requirements


def works(python: Path) -> bool:
    """The interpreter runs: an upgrade of the system may have taken it away."""
    try:
        return subprocess.run([python, "-c", "import pip"], check=False).returncode == 0
    except OSError:
        return False


def ensure_venv_module() -> None:
    """Debian's python3 cannot make environments without a further package."""
    if find_spec("ensurepip") is not None:
        return
    package = f"python3.{sys.version_info.minor}-venv"
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        fail(f"this Python cannot make environments: install {package}, then try again")
    sys.stderr.write(f"installing {package}, which this Python needs to make environments\n")
    run([*_APT, "update"])
    run([*_APT, *_LOCK_TIMEOUT, "install", "--yes", "--no-install-recommends", package])


def run(command: Sequence[str]) -> None:
    """Run a command; its output is shown when it fails."""
    try:
        subprocess.run(
            command,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    except OSError as error:
        fail(f"{command[0]}: {error.strerror}")
    except subprocess.CalledProcessError as error:
        fail(f"{error}\n{error.output}")


def fail(message: str) -> NoReturn:
    """End with a message."""
    sys.exit(f"make_venv: {message}")


if __name__ == "__main__":
    make_venv(Path(sys.argv[1]))
