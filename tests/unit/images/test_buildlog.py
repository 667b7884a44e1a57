import pytest

from roost.errors import ImageBuildError
from roost.images.buildlog import VersionReader, describe, telling


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "Get:12 http://mirror.example/debian trixie/main amd64 condor amd64 23.9.6 [8 kB]",
            "downloading condor",
        ),
        ("Get:1 http://mirror.example/debian trixie InRelease [140 kB]", "reading package lists"),
        ("Hit:1 http://mirror.example/debian trixie InRelease", "reading package lists"),
        ("Unpacking libc6:amd64 (2.41-12) ...", "unpacking libc6"),
        ("Setting up condor (23.9.6+dfsg-2.1+b10) ...\r", "setting up condor"),
        ("I: running apt-get update...", "running apt-get update"),
        ("Collecting attrs>=23", "collecting attrs>=23"),
        (
            "  Downloading attrs-26.1.0-py3-none-any.whl (67 kB)",
            "downloading attrs-26.1.0-py3-none-any.whl",
        ),
        ("Step 3/9 : RUN set -eu", None),
        ("", None),
    ],
)
def test_describe(line: str, said: str | None) -> None:
    assert describe(line) == said


def test_telling_passes_on_only_what_says_something() -> None:
    told: list[str] = []
    take = telling(told.append)
    take("Step 1/2 : FROM base")
    take("Setting up jq (1.7-1) ...")
    assert told == ["setting up jq"]


def test_version_is_read_from_the_line_that_tells_it() -> None:
    reader = VersionReader()
    for line in (
        r"RUN dpkg-query -W -f 'roost-package ${Package} ${Version}\n' condor",
        "roost-package condor 23.9.6+dfsg-2.1+b10",
        "Removing intermediate container",
    ):
        reader.read(line)
    assert reader.package_version() == "23.9.6+dfsg-2.1+b10"


def test_a_build_that_tells_no_version_is_an_error() -> None:
    with pytest.raises(ImageBuildError, match="which HTCondor"):
        VersionReader().package_version()
