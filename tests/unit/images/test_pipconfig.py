from pathlib import Path

from roost.images.pipconfig import CERTIFICATES, PipSettings, config_files, read_host_settings


def read(environment: dict[str, str], *files: Path) -> PipSettings:
    return read_host_settings(environment, files)


def test_nothing_set_is_nothing() -> None:
    assert read({}) == PipSettings("", b"")


def test_the_environment_wins_over_files_and_later_files_over_earlier(tmp_path: Path) -> None:
    one, two = tmp_path / "one.conf", tmp_path / "two.conf"
    one.write_text("[global]\nindex-url = https://one.example/simple\nretries = 1\n")
    two.write_text("[global]\nindex_url = https://two.example/simple\n[install]\nretries = 2\n")
    assert read({}, one, two).config.splitlines() == [
        "[global]",
        "index-url = https://two.example/simple",
        "retries = 2",
    ]
    chosen = read({"PIP_INDEX_URL": "https://env.example/simple"}, one, two).config
    assert "index-url = https://env.example/simple\n" in chosen


def test_only_what_a_container_reaches_is_taken(tmp_path: Path) -> None:
    environment = {
        "PIP_FIND_LINKS": "/opt/wheels",
        "PIP_EXTRA_INDEX_URL": "file:///opt/simple https://more.example/simple",
        "PIP_CONSTRAINT": "/etc/constraints.txt",
        "PIP_TARGET": "/elsewhere",
        "PIP_DEFAULT_TIMEOUT": "180",
    }
    assert read(environment).config.splitlines() == [
        "[global]",
        "extra-index-url = https://more.example/simple",
        "timeout = 180",
    ]


def test_certificates_come_along(tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    bundle.write_bytes(b"-----BEGIN CERTIFICATE-----\n")
    settings = read({"PIP_CERT": str(bundle)})
    assert settings.certificates == b"-----BEGIN CERTIFICATE-----\n"
    assert f"cert = {CERTIFICATES}\n" in settings.config


def test_a_missing_certificate_file_is_left_out(tmp_path: Path) -> None:
    assert read({"PIP_CERT": str(tmp_path / "none.pem")}) == PipSettings("", b"")


def test_a_broken_file_is_passed_over(tmp_path: Path) -> None:
    broken = tmp_path / "pip.conf"
    broken.write_text("index-url without a section\n")
    assert read({}, broken) == PipSettings("", b"")


def test_the_file_that_the_environment_names_comes_last() -> None:
    files = config_files({"HOME": "/home/me", "PIP_CONFIG_FILE": "/my/pip.conf"})
    assert files[-1] == Path("/my/pip.conf")
    assert Path("/home/me/.config/pip/pip.conf") in files
