"""Having condor_submit read a submit file whose files are not there yet."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from roost import contract
from roost.node.jobs import inspect
from roost.node.jobs.place import Place

CONDOR_SUBMIT = """#!/bin/sh
# Complains of one thing at a time, as the real one does.
[ -d run ] || { echo "ERROR: No such directory: $PWD/run" >&2; exit 1; }
[ -e old.sh ] || { echo "ERROR: Executable file old.sh does not exist" >&2; exit 1; }
[ -s old.sh ] || { echo "ERROR: Executable file old.sh has zero length" >&2; exit 1; }
[ -e bin/new.sh ] || {
    echo "ERROR: Can't access executable file bin/new.sh: No such file or directory" >&2; exit 1; }
case $4 in
    include) echo "Submit: can't open file a/b.inc: No such file or directory" >&2; exit 1;;
    outside) echo "ERROR: No such directory: /no/such" >&2; exit 1;;
    wrong) echo "ERROR: on Line 3 of submit file" >&2; exit 1;;
esac
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A submission from /me, and a condor_submit to read it."""
    program = tmp_path / "bin" / "condor_submit"
    program.parent.mkdir()
    program.write_text(CONDOR_SUBMIT)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.setattr(contract, "JOBS_DIR", str(tmp_path))
    monkeypatch.setattr(inspect, "parse_dry_run", lambda _output: iter([]))
    place = Place("s-1")
    place.directory.mkdir()
    (place.directory / contract.SUBMISSION_NOTE).write_text('{"cwd": "/me"}')
    place.mirror.mkdir(parents=True)
    return place


def test_what_is_missing_is_put_in_its_place(place: Place) -> None:
    (place.mirror / "old.sh").write_text("")
    assert inspect.find_needs(place, "x.sub").error == ""
    assert (place.mirror / "run").is_dir()
    for name in ("old.sh", "bin/new.sh"):
        assert os.access(place.mirror / name, os.X_OK)


def test_a_file_that_is_included_is_wanted(place: Place) -> None:
    needs = inspect.find_needs(place, "include")
    assert needs.wanted == f"{place.mirror}/a/b.inc"
    assert "can't open file" in needs.error


@pytest.mark.parametrize("file", ["outside", "wrong"])
def test_everything_else_is_htcondors_to_say(place: Place, file: str) -> None:
    needs = inspect.find_needs(place, file)
    assert needs.error.startswith("ERROR: ")
    assert needs.wanted == ""
    assert not Path("/no").exists()
