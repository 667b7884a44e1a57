"""Where the keys of a TOML text stand."""

from __future__ import annotations

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from roost.spec.lines import find_line, read_lines

TEXT = '''\
# a comment
version = 1

name = "lab" # and another
[executors]
count = 3
[htcondor]
config = """
[not.a.table]
count = 9
"""
config_files = [
  "a.config", # [x]
  "b.config",
]
[htcondor.master]
config = 'x'
[[volumes]]
source = "/a"
target = "/b"
[[volumes]]
source = { nested = "/c" }
software.apt = ["x"]
[volumes.extra]
deep = true
'''


def test_every_key_is_found_at_its_own_line() -> None:
    assert read_lines(TEXT) == {
        "version": 2,
        "name": 4,
        "executors": 5,
        "executors.count": 6,
        "htcondor": 7,
        "htcondor.config": 8,
        "htcondor.config_files": 12,
        "htcondor.config_files[0]": 12,
        "htcondor.config_files[1]": 12,
        "htcondor.master": 16,
        "htcondor.master.config": 17,
        "volumes[0]": 18,
        "volumes[0].source": 19,
        "volumes[0].target": 20,
        "volumes[1]": 21,
        "volumes[1].source": 22,
        "volumes[1].source.nested": 22,
        "volumes[1].software": 23,
        "volumes[1].software.apt": 23,
        "volumes[1].software.apt[0]": 23,
        "volumes[1].extra": 24,
        "volumes[1].extra.deep": 25,
    }


def test_a_key_that_is_not_there_is_found_at_its_table() -> None:
    lines = read_lines(TEXT)
    assert find_line(lines, "volumes[1].target") == 21
    assert find_line(lines, "executors.cpus") == 5
    assert find_line(lines, "suite") is None
    assert find_line(lines, "") is None


def test_windows_line_ends_count_once() -> None:
    assert read_lines("a = 1\r\n\r\nb = 2\r\n") == {"a": 1, "b": 3}


_KEYS = st.lists(st.from_regex(r"[a-z]{1,5}", fullmatch=True), unique=True, max_size=8)
_VALUES = st.sampled_from(["1", '"x"', "[\n1,\n2,\n]", '"""\n[t]\nk = 1\n"""', "{ q = [1] }"])


@given(st.data(), _KEYS)
def test_lines_agree_with_the_text(data: st.DataObject, keys: list[str]) -> None:
    statements = [f"{key} = {data.draw(_VALUES)}\n" for key in keys]
    text = "".join(statements)
    assert set(tomllib.loads(text)) == set(keys)
    lines = read_lines(text)
    assert [text.splitlines()[lines[key] - 1].split(" = ")[0] for key in keys] == keys
