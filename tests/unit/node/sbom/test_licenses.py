from pathlib import Path

import pytest

from roost.node.sbom.licenses import licenses_in

FORMAT = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("License: Apache-2.0\n", ("Apache-2.0",)),
        ("License: GPL-2+\n text\nLicense: Expat\n\nLicense: GPL-2+\n", ("Expat", "GPL-2+")),
        ("License: GPL-1+ or Artistic, and Expat\n", ("Artistic", "Expat", "GPL-1+")),
        ("License: GPL-3+ with Bison exception\n", ("GPL-3+ with Bison exception",)),
        ("License: This software is provided as-is, without express\n", ()),
        ("License:\n Copyright (c) somebody\n", ()),
        ("Comment: License: none\n", ()),
    ],
)
def test_names_of_licences(tmp_path: Path, text: str, names: tuple[str, ...]) -> None:
    file = tmp_path / "copyright"
    file.write_text(FORMAT + text)
    assert licenses_in(file) == names


def test_text_for_people_is_not_guessed_at(tmp_path: Path) -> None:
    file = tmp_path / "copyright"
    file.write_text("This package was debianized by somebody.\nLicense: GPL\n")
    assert licenses_in(file) == ()
    assert licenses_in(tmp_path / "none") == ()
