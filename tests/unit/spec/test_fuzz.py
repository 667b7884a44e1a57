"""Whatever a pool file holds, the answer is a specification or an error that says what to mend."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roost.errors import RoostError
from roost.spec import PoolSpec, load_pool_file

EXAMPLE = Path(__file__).resolve().parents[3] / "docs/examples/roost.toml"
TEXT = EXAMPLE.read_text(encoding="utf-8")
PIECES = st.sampled_from(
    ["", "[", "]", '"', "'", "=", "\n", "{}", "0", "-1", "[[", '"""', ".", "\\", "\0"]
)

SCALARS = st.sampled_from(["1", "-1", "0.5", "true", '"x"', '"/"', "1979-05-27", "inf", "[]", "{}"])
TABLES = st.sampled_from(
    ["", "[executors]", "[software]", "[htcondor]", "[htcondor.master]", "[[volumes]]", "[x.y]"]
)
KEYS = st.sampled_from(
    [
        *("version", "name", "suite", "count", "cpus", "memory", "apt", "pip", "config"),
        *("config_files", "source", "target", "read_only", "roles", "a.b", '"a b"', "executors"),
    ]
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz") / "roost.toml"


def load(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    try:
        assert isinstance(load_pool_file(path), PoolSpec)
    except RoostError as error:
        assert str(error).startswith(str(path))


@given(edits=st.lists(st.tuples(st.integers(0, len(TEXT)), st.integers(0, 9), PIECES), max_size=3))
def test_a_damaged_file(path: Path, edits: list[tuple[int, int, str]]) -> None:
    text = TEXT
    for start, length, piece in edits:
        text = text[:start] + piece + text[start + length :]
    load(path, text)


@given(tables=st.lists(st.tuples(TABLES, st.dictionaries(KEYS, SCALARS, max_size=4)), max_size=5))
def test_keys_and_values_in_wrong_places(
    path: Path, tables: list[tuple[str, dict[str, Any]]]
) -> None:
    lines = []
    for header, values in tables:
        lines += [header, *(f"{key} = {value}" for key, value in values.items())]
    load(path, "\n".join(lines) + "\n")
