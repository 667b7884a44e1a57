import os
import threading
from pathlib import Path

import pytest

from roost.engines.fake import FakeEngine
from roost.events import Phase, Recorder, silent
from roost.images import ensure_images
from roost.images.lock import build_lock, lock_path
from roost.waiting import wait_for
from tests.unit.images.conftest import DEBIAN, tell_version
from tests.unit.images.test_ensure import built_stages


def test_the_second_waits_says_so_and_goes_on(temporary_files: Path, locks: Path) -> None:
    engine, told = FakeEngine(), Recorder()
    inside = threading.Event()

    def second() -> None:
        with build_lock(engine, told):
            inside.set()

    with build_lock(engine, silent):
        thread = threading.Thread(target=second)
        thread.start()
        wait_for("it is told", lambda: told.events or None, timeout_s=5)
        assert not inside.is_set()
        assert [event.phase for event in told.events] == [Phase.NOTE]
    assert inside.wait(5)
    thread.join()
    assert list(temporary_files.iterdir()) == []
    assert list(locks.iterdir()) == []


def test_many_take_turns_and_leave_nothing(temporary_files: Path, locks: Path) -> None:
    engine = FakeEngine()
    inside: list[int] = []
    most: list[int] = []

    def take(number: int) -> None:
        for _ in range(20):
            with build_lock(engine, silent):
                inside.append(number)
                most.append(len(inside))
                inside.remove(number)

    threads = [threading.Thread(target=take, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(most), max(most)) == (80, 1)
    assert list(temporary_files.iterdir()) == []
    assert list(locks.iterdir()) == []


def test_where_no_lock_can_be_had_the_build_goes_on(temporary_files: Path) -> None:
    engine = FakeEngine(registry=DEBIAN, on_build=tell_version)
    lock_path(engine).symlink_to("elsewhere")
    ensure_images(engine)
    assert built_stages(engine)[-1] == "execute"


def test_another_user_cannot_keep_a_build_from_going_on(
    temporary_files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("roost.locks.RUNTIME_DIRS", str(temporary_files / "none"))
    (temporary_files / f"roost-{os.geteuid()}").symlink_to("elsewhere")
    engine = FakeEngine(registry=DEBIAN, on_build=tell_version)
    ensure_images(engine)
    assert built_stages(engine)[-1] == "execute"


def test_two_builds_at_once_do_the_work_once() -> None:
    engine = FakeEngine(registry=DEBIAN, on_build=tell_version, delay_s=0.01)
    results = []
    threads = [
        threading.Thread(target=lambda: results.append(ensure_images(engine))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results[0] == results[1]
    assert built_stages(engine) == ["htcondor", "node", "master", "submit", "execute"]
