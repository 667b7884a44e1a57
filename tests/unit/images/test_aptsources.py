from pathlib import Path

import pytest

from roost.images.aptsources import find_mirror, parse_deb822, parse_one_line
from roost.spec.model import Suite

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def write(apt_dir: Path, name: str, text: str) -> Path:
    path = apt_dir / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return apt_dir


def test_deb822_with_security(tmp_path: Path) -> None:
    write(
        tmp_path,
        "sources.list.d/debian.sources",
        f"""\
Types: deb deb-src
# a comment
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: {KEYRING}

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
""",
    )
    mirror = find_mirror(tmp_path)
    assert mirror
    assert mirror.keyring() == KEYRING
    assert mirror.sources_list(Suite.FORKY) == (
        "deb http://mirror.example/debian forky main\n"
        "deb http://mirror.example/debian forky-updates main\n"
        "deb http://mirror.example/debian-security forky-security main\n"
    )


def test_one_line_format(tmp_path: Path) -> None:
    write(
        tmp_path,
        "sources.list",
        "# deb http://off.example/debian trixie main\n"
        "deb-src http://mirror.example/debian trixie main\n"
        f"deb [arch=amd64 signed-by={KEYRING}] https://mirror.example/debian/ trixie main # on\n",
    )
    mirror = find_mirror(tmp_path)
    assert mirror
    assert (mirror.main.uri, mirror.keyring()) == ("https://mirror.example/debian/", KEYRING)
    assert mirror.security is None
    assert "security" not in mirror.sources_list(Suite.TRIXIE)


@pytest.mark.parametrize(
    "line",
    [
        "deb http://mirror.example/ubuntu noble main",
        "deb [signed-by=/etc/apt/keyrings/other.gpg] https://other.example/debian trixie main",
        "deb https://other.example/debian trixie stable",
        "deb https://user:password@mirror.example/debian trixie main",
        "deb cdrom:[Debian]/ trixie main",
        "deb file:/srv/debian trixie main",
        "deb http://mirror.example/debian",
        "nonsense",
    ],
)
def test_what_is_not_plainly_debians_archive_is_passed_over(tmp_path: Path, line: str) -> None:
    assert find_mirror(write(tmp_path, "sources.list", f"{line}\n")) is None


def test_other_files_are_not_read(tmp_path: Path) -> None:
    text = "deb http://mirror.example/debian trixie main\n"
    assert find_mirror(write(tmp_path, "sources.list.d/old.list.disabled", text)) is None


def test_unreadable_files_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path, "sources.list.d/a.list", "").joinpath("sources.list.d/b.list").mkdir()
    (tmp_path / "sources.list.d/c.list").write_bytes(b"\xff\xfe\xff")
    assert find_mirror(tmp_path) is None


def test_no_sources_at_all(tmp_path: Path) -> None:
    assert find_mirror(tmp_path / "nowhere") is None


def test_a_switched_off_source_is_passed_over() -> None:
    text = "Enabled: no\nTypes: deb\nURIs: http://mirror.example/debian\nComponents: main\n"
    assert list(parse_deb822(text)) == []


def test_continuation_lines_and_an_embedded_key() -> None:
    text = (
        "Types: deb\nURIs:\n http://a.example/debian\n http://b.example/debian\n"
        "Suites: trixie\nComponents: main\n"
        "Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mDMEY\n"
    )
    sources = list(parse_deb822(text))
    assert [source.uri for source in sources] == [
        "http://a.example/debian",
        "http://b.example/debian",
    ]
    assert {source.signed_by for source in sources} == {None}


def test_several_components_on_one_line() -> None:
    (source,) = parse_one_line("deb http://mirror.example/debian trixie main contrib non-free")
    assert source.components == ("main", "contrib", "non-free")


def test_options_that_lower_apts_guard_stay_on_the_host(tmp_path: Path) -> None:
    write(
        tmp_path,
        "sources.list",
        "deb [trusted=yes allow-insecure=yes] http://mirror.example/debian trixie main\n",
    )
    write(
        tmp_path,
        "sources.list.d/debian.sources",
        "Types: deb\nURIs: http://mirror.example/debian-security\nSuites: trixie-security\n"
        "Components: main\nTrusted: yes\nAllow-Insecure: yes\nCheck-Valid-Until: no\n",
    )
    mirror = find_mirror(tmp_path)
    assert mirror
    assert mirror.security
    assert mirror.sources_list(Suite.TRIXIE) == (
        "deb http://mirror.example/debian trixie main\n"
        "deb http://mirror.example/debian trixie-updates main\n"
        "deb http://mirror.example/debian-security trixie-security main\n"
    )
