"""The comparison that ``make reproducible`` rests on."""

import io
import json
import tarfile
from pathlib import Path

import pytest

from tools.compare_layers import differences, layer_digests


def tar(members: dict[str, bytes], **changes: object) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            for field, value in changes.items():
                setattr(member, field, value)
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def saved(file: Path, *layers: bytes) -> Path:
    names = [f"{number}.tar" for number in range(len(layers))]
    manifest = json.dumps([{"Layers": names}]).encode()
    file.write_bytes(tar({"manifest.json": manifest, **dict(zip(names, layers, strict=True))}))
    return file


BASE, TOP = tar({"a": b"1", "b": b"2"}), tar({"c": b"3"})


def test_equal_layers(tmp_path: Path) -> None:
    one, other = saved(tmp_path / "1", BASE, TOP), saved(tmp_path / "2", BASE, TOP)
    assert differences(one, other) == []
    assert len(layer_digests(one)) == 2
    assert layer_digests(one) == layer_digests(other)


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        (tar({"c": b"3"}, mtime=5), ["layer 2: c: mtime 0 5"]),
        (tar({"c": b"3"}, mode=0o600), ["layer 2: c: mode 420 384"]),
        (tar({"c": b"3"}, uid=7), ["layer 2: c: owner (0, 0) (7, 0)"]),
        (tar({}), ["layer 2: c: only in the first"]),
        (tar({"c": b"3", "d": b""}), ["layer 2: d: only in the second"]),
        (tar({"c": b"4"}), ["layer 2: c: content "]),
        (TOP + b"\0", ["layer 2: the same files, in another order or in other words"]),
    ],
)
def test_each_difference_is_named(tmp_path: Path, layer: bytes, said: list[str]) -> None:
    found = differences(saved(tmp_path / "1", BASE, TOP), saved(tmp_path / "2", BASE, layer))
    assert len(found) == len(said)
    assert all(line.startswith(start) for line, start in zip(found, said, strict=True))


def test_another_number_of_layers(tmp_path: Path) -> None:
    found = differences(saved(tmp_path / "1", BASE), saved(tmp_path / "2", BASE, TOP))
    assert found == ["1 layers, and 2"]
