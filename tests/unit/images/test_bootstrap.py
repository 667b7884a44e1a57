import os
from pathlib import Path

import pytest

from roost.errors import ImageBuildError
from roost.images import bootstrap
from roost.images.aptsources import Mirror, Source
from roost.images.bootstrap import bootstrapped, ensure_can_bootstrap, plan_command
from roost.spec.model import Suite
from tests.unit.images.conftest import WORKS, Install

TARGET = Path("/target/root.tar")
MIRROR = Mirror(Source("http://mirror.example/debian", ("main",), "/usr/share/keyrings/d.gpg"))


def command(mirror: Mirror | None = None, *, expired: bool = False) -> list[str]:
    return plan_command(Suite.TRIXIE, TARGET, mirror, allow_expired_release=expired)


def test_without_a_mirror_mmdebstrap_takes_its_own() -> None:
    assert command()[-2:] == ["trixie", str(TARGET)]


def test_the_hosts_mirror_and_keyring() -> None:
    words = command(MIRROR)
    assert "--keyring=/usr/share/keyrings/d.gpg" in words
    assert words[words.index(str(TARGET)) + 1 :] == [
        "deb http://mirror.example/debian trixie main",
        "deb http://mirror.example/debian trixie-updates main",
    ]


def test_manuals_never_reach_the_disk() -> None:
    assert "--dpkgopt=path-exclude=/usr/share/man/*" in command()
    assert not [word for word in command() if "#" in word]


def test_an_expired_release_file_is_accepted_only_when_asked_and_never_by_the_image() -> None:
    assert not [word for word in command() if "Check-Valid-Until" in word]
    words = command(expired=True)
    assert '--aptopt=Acquire::Check-Valid-Until "false"' in words
    for words in (command(), command(expired=True)):
        assert '--customize-hook=rm "$1"/etc/apt/apt.conf.d/99mmdebstrap' in words


def test_names_and_addresses_of_this_host_do_not_stay_in_the_base() -> None:
    (hook,) = [word for word in command() if "resolv.conf" in word]
    assert hook.startswith('--customize-hook=cd "$1/etc"; ')
    assert "for f in hosts hostname resolv.conf; do rm -f $f; : >$f; done" in hook


def test_missing_mmdebstrap_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ImageBuildError) as caught:
        ensure_can_bootstrap()
    assert "roost setup" in (caught.value.hint or "")


def make(seen: list[str] | None = None) -> bytes:
    with bootstrapped(
        Suite.TRIXIE,
        None,
        allow_expired_release=False,
        on_output=(seen if seen is not None else []).append,
    ) as archive:
        return archive.read_bytes()


def test_the_archive_is_there_for_a_while_and_its_making_is_told(
    install_mmdebstrap: Install, temporary_files: Path
) -> None:
    install_mmdebstrap(WORKS)
    seen: list[str] = []
    assert make(seen) == b"tar"
    assert seen == ["I: running apt-get update..."]
    assert list(temporary_files.iterdir()) == []


def test_mmdebstraps_own_temporary_files_go_too(
    install_mmdebstrap: Install, temporary_files: Path
) -> None:
    install_mmdebstrap('mkdir "$TMPDIR/left"; echo x > "$TMPDIR/left/x"; ' + WORKS)
    make()
    assert list(temporary_files.iterdir()) == []


def test_failure_explains_itself(install_mmdebstrap: Install, temporary_files: Path) -> None:
    install_mmdebstrap("echo \"E: Could not resolve 'm.example'\" >&2; exit 25")
    with pytest.raises(ImageBuildError, match="base system of trixie: the package mirror"):
        make()
    assert list(temporary_files.iterdir()) == []


def interrupt(line: str) -> None:
    assert line == "started"
    raise KeyboardInterrupt


def make_and_interrupt() -> None:
    with (
        pytest.raises(KeyboardInterrupt),
        bootstrapped(Suite.TRIXIE, None, allow_expired_release=False, on_output=interrupt),
    ):
        pass


def is_running(pid_file: Path) -> bool:
    try:
        os.kill(int(pid_file.read_text()), 0)
    except ProcessLookupError:
        return False
    return True


def test_interruption_lets_mmdebstrap_clean_up(
    install_mmdebstrap: Install, temporary_files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "GRACE_S", 1.0)
    pid_file = temporary_files.parent / "pid"
    install_mmdebstrap(
        f"echo $$ > {pid_file}\n"
        "trap 'sleep 0.2; touch \"$TMPDIR/late\"; exit 1' TERM\n"
        "sleep 60 & echo started; wait"
    )
    make_and_interrupt()
    assert not is_running(pid_file)
    assert list(temporary_files.iterdir()) == []


def test_what_does_not_end_is_killed(
    install_mmdebstrap: Install, temporary_files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "GRACE_S", 0.1)
    pid_file = temporary_files.parent / "pid"
    install_mmdebstrap(f"echo $$ > {pid_file}\ntrap '' TERM\necho started; exec sleep 60")
    make_and_interrupt()
    assert not is_running(pid_file)
    assert list(temporary_files.iterdir()) == []
