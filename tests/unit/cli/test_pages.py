"""The pages for people, as far as no pool is needed to check them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from roost.spec import config_warnings, load_pool_file
from tests.e2e.documents import ROOT, Step, matches, steps

TOML = re.compile(r"^```toml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("text", TOML.findall((ROOT / "README.md").read_text(encoding="utf-8")))
def test_pool_files_of_the_readme_load(text: str, tmp_path: Path) -> None:
    (tmp_path / "roost.toml").write_text(text)
    assert config_warnings(load_pool_file(tmp_path / "roost.toml")) == ()


def test_steps_of_a_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "```console\n$ untested\n```\n"
        "<!-- tested -->\n```console\n"
        "$ cat > x <<'END'\n> text\n> END\n$ cat x\ntext\n\nmore\n```\n"
    )
    assert list(steps(str(page))) == [
        Step("cat > x <<'END'\ntext\nEND", ""),
        Step("cat x", "text\n\nmore"),
    ]


def test_three_dots_stand_for_anything() -> None:
    assert matches("a\nb\nc 3\n", "a\n...\nc ...")
    assert matches("a (b)", "a (b)")
    assert not matches("a\nb", "a")
