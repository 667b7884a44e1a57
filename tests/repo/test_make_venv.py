"""Making the checkout's environment."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tools import make_venv


def test_the_tools_for_development_are_those_of_the_project_file() -> None:
    names = {requirement.partition(">")[0] for requirement in make_venv.development_requirements()}
    assert {"mypy", "pytest", "ruff"} <= names


def test_an_interpreter_that_is_gone_does_not_work(tmp_path: Path) -> None:
    assert make_venv.works(Path(sys.executable))
    assert not make_venv.works(tmp_path / "python")
    broken = tmp_path / "broken"
    broken.symlink_to(tmp_path / "python3.old")
    assert not make_venv.works(broken)


def test_a_python_that_cannot_make_environments_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(make_venv, "find_spec", lambda _name: None)
    monkeypatch.setattr("shutil.which", lambda _name: None)
    with pytest.raises(SystemExit, match=r"install python3\.\d+-venv, then try again"):
        make_venv.ensure_venv_module()


def test_the_missing_package_is_installed_where_that_is_possible(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    commands: list[str] = []
    monkeypatch.setattr(make_venv, "find_spec", lambda _name: None)
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr(make_venv, "run", lambda command: commands.append(" ".join(command)))
    make_venv.ensure_venv_module()
    assert commands[-1].endswith(f"python3.{sys.version_info.minor}-venv")
    assert "DPkg::Lock::Timeout=300" in commands[-1]


def test_the_output_of_a_command_that_fails_is_the_message() -> None:
    with pytest.raises(SystemExit, match=r"make_venv: (?s:.)*so it is"):
        make_venv.run(["sh", "-c", "echo so it is; exit 3"])
    with pytest.raises(SystemExit, match="No such file"):
        make_venv.run(["/no/such/program"])
