"""What the documentation says is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from roost.spec import config_warnings, load_pool_file
from roost.version import __version__
from tools.generate_docs import DOCS, PAGES, render

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("page", PAGES)
def test_generated_pages_are_up_to_date(page: str) -> None:
    assert (DOCS / page).read_text(encoding="utf-8") == render(page), "run `make docs`"


@pytest.mark.parametrize(
    "path", sorted((DOCS / "examples").rglob("*.toml")), ids=lambda path: path.name
)
def test_example_pool_files_load_without_a_warning(path: Path) -> None:
    spec = load_pool_file(path)
    assert config_warnings(spec) == ()


def test_the_changelog_starts_with_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (\S+)", changelog, flags=re.MULTILINE)
    assert headings[0] == __version__


def pages() -> list[Path]:
    return sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])


MAKE = re.compile(r"(?:^|`)make ([a-z0-9 -]+)", re.MULTILINE)


def test_every_make_command_of_the_pages_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    known = re.findall(r"^([a-z0-9-]+):.*## ", makefile, re.MULTILINE)
    named = {
        target
        for page in pages()
        for targets in MAKE.findall(page.read_text(encoding="utf-8"))
        for target in targets.split()
    }
    assert {"venv", "test"} <= named <= set(known)


LINK = re.compile(r"\[[^\]]*\]\((?!https?://|#)([^)#\s]+)")


def test_links_between_pages_lead_somewhere() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages()
        for target in LINK.findall(page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []


NAMED_TEST = re.compile(r"`((?:unit|attacks)/[a-z_/]+(?:\.py)?|test_[a-z_]+\.py)`")


def test_every_test_that_the_threat_model_names_is_there() -> None:
    named = NAMED_TEST.findall((DOCS / "security.md").read_text(encoding="utf-8"))
    assert len(set(named)) > 10
    places = [ROOT / "tests", ROOT / "tests" / "e2e"]
    assert [test for test in named if not any((place / test).exists() for place in places)] == []
