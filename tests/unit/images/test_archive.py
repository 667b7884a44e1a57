"""Archives of images: what is taken, and in which words the rest is refused."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Callable

import pytest

from roost.engines.fake.archives import write_archive
from roost.images.archive import ArchiveError, read_archive

LABELS = {"roost.role": "execute", "roost.suite": "trixie"}
NAME = "roost-execute:23.9.6-trixie"
GOOD = write_archive([(LABELS, [f"localhost/{NAME}", "roost-execute:latest"])])

Members = dict[str, bytes]


def members_of(archive: bytes) -> Members:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return {one.name: file.read() for one in tar if (file := tar.extractfile(one))}


def packed(members: Members, links: dict[str, str] | None = None) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
        for name, target in (links or {}).items():
            link = tarfile.TarInfo(name)
            link.type, link.linkname = tarfile.SYMTYPE, target
            tar.addfile(link)
    return buffer.getvalue()


def layer_of(members: Members) -> str:
    return next(name for name in members if name.endswith("layer.tar"))


@pytest.mark.parametrize("form", [bytes, gzip.compress])
def test_a_good_one_tells_images_and_names(form: Callable[[bytes], bytes]) -> None:
    (image,) = read_archive(io.BytesIO(form(GOOD)))
    assert image.names == (NAME, "roost-execute:latest")
    assert image.labels == LABELS
    assert len(image.id) == 64


def test_a_layer_may_be_packed_or_a_link_to_one() -> None:
    members = members_of(GOOD)
    layer = layer_of(members)
    content = members.pop(layer)
    members["other/layer.tar"] = gzip.compress(content)
    archive = packed(members, links={layer: "../other/layer.tar"})
    assert read_archive(io.BytesIO(archive))[0].names == (NAME, "roost-execute:latest")


def damage(change: Callable[[Members], None]) -> bytes:
    members = members_of(GOOD)
    change(members)
    return packed(members)


def in_layer(members: Members) -> None:
    members[layer_of(members)] += b"x"


def in_configuration(members: Members) -> None:
    name = next(name for name in members if name.count("/") == 0 and name != "manifest.json")
    members[name] = members[name].replace(b"trixie", b"forky!")


def without_layer(members: Members) -> None:
    del members[layer_of(members)]


def without_manifest(members: Members) -> None:
    del members["manifest.json"]


def in_manifest(members: Members) -> None:
    members["manifest.json"] = b'[{"Config": 1}]'


@pytest.mark.parametrize(
    ("archive", "words"),
    [
        (damage(in_layer), "layer 1 of 1 is missing or not what it should be"),
        (damage(without_layer), "layer 1 of 1 is missing"),
        (damage(in_configuration), "its configuration is missing or not what it should be"),
        (damage(without_manifest), "there is no manifest.json in it"),
        (damage(in_manifest), "manifest.json is damaged"),
        (GOOD[:900], "damaged or cut short"),
        (gzip.compress(GOOD)[:-300], "damaged or cut short"),
        (b"", "no archive of images"),
        (b"something else" * 100, "no archive of images"),
    ],
)
def test_a_damaged_one_is_refused(archive: bytes, words: str) -> None:
    with pytest.raises(ArchiveError, match=words):
        read_archive(io.BytesIO(archive))


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        ({}, ["debian:trixie-slim"]),
        ({}, ["roost-execute:latest"]),
        (LABELS, ["debian:trixie-slim"]),
        (LABELS, ["roost-master:latest"]),
        (LABELS, ["elsewhere.example/roost-execute:latest"]),
        (LABELS, []),
    ],
)
def test_what_is_not_roosts_is_refused(labels: dict[str, str], names: list[str]) -> None:
    archive = write_archive([(LABELS, [NAME]), ({**labels, "a": "b"}, names)])
    with pytest.raises(ArchiveError, match="no image of Roost's"):
        read_archive(io.BytesIO(archive))


def test_the_list_of_images_is_json() -> None:
    assert json.loads(members_of(GOOD)["manifest.json"])[0]["RepoTags"][0] == f"localhost/{NAME}"
