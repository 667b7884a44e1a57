"""Images: made, named, listed, removed."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from roost.errors import EngineError, NotFoundError, RoostError
from roost.waiting import wait_for
from tests.contract.conftest import IMAGE, OURS, Bench


def test_an_image_is_found_by_its_name_and_its_id(bench: Bench) -> None:
    image = bench.engine.find_image(IMAGE)

    assert image is not None
    assert image.tags == (IMAGE,)
    assert image.labels.items() >= OURS.items()
    assert image.size > 0
    assert bench.engine.find_image(image.id) == image
    assert bench.engine.find_image("roost-test-no-such-image") is None


def test_an_image_knows_when_it_was_made(real: Bench) -> None:
    image = real.engine.find_image(IMAGE)

    assert image is not None
    made = datetime.strptime(image.created, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert abs(datetime.now(UTC) - made) < timedelta(hours=2)


def test_a_list_shows_what_a_look_shows(bench: Bench) -> None:
    listed = [one for one in bench.engine.list_images(OURS) if IMAGE in one.tags]

    assert listed == [bench.engine.find_image(IMAGE)]
    assert bench.engine.list_images({**OURS, "no.such.label": None}) == []


def test_an_image_may_have_several_names(bench: Bench) -> None:
    other = f"{bench.name()}:other"

    bench.engine.tag_image(IMAGE, other)

    image = bench.engine.find_image(other)
    assert image is not None
    assert image.tags == tuple(sorted((IMAGE, other)))
    for _ in range(2):
        bench.engine.remove_image(other)
        assert bench.engine.find_image(other) is None
    assert bench.engine.find_image(IMAGE) is not None


def test_a_name_without_a_tag_means_the_latest(bench: Bench) -> None:
    name = bench.name()
    bench.engine.tag_image(IMAGE, name)

    by_name, by_tag = bench.engine.find_image(name), bench.engine.find_image(f"{name}:latest")

    assert by_name is not None
    assert by_name == by_tag
    assert f"{name}:latest" in by_name.tags
    bench.engine.remove_image(name)
    assert bench.engine.find_image(name) is None


def test_what_is_not_there_gets_no_name(bench: Bench) -> None:
    with pytest.raises(NotFoundError, match="roost-test-no-such-image"):
        bench.engine.tag_image("roost-test-no-such-image:1", f"{bench.name()}:1")


def test_an_image_in_use_is_not_removed(bench: Bench) -> None:
    bench.create()

    with pytest.raises(EngineError, match=IMAGE):
        bench.engine.remove_image(IMAGE)

    assert bench.engine.find_image(IMAGE) is not None


def test_labels_are_kept_to_the_letter(bench: Bench, rootfs: Path) -> None:
    labels = {**OURS, "a.b-c": "", "quoted": "say \"$HOME\" \\ and 'go' = #1", "spaced": " a  b "}
    tag = f"{bench.name()}:1"

    image = bench.engine.import_image(rootfs, tag, labels, {"CMD": '["/bin/sh"]'})

    assert {key: image.labels.get(key) for key in labels} == labels
    bench.engine.remove_image(tag)


def test_a_new_image_takes_the_name_from_an_older_one(bench: Bench, rootfs: Path) -> None:
    tag = f"{bench.name()}:1"

    older = bench.engine.import_image(rootfs, tag, {**OURS, "number": "1"}, {})
    newer = bench.engine.import_image(rootfs, tag, {**OURS, "number": "2"}, {})

    assert older.id != newer.id
    assert newer.labels["number"] == "2"
    assert bench.engine.find_image(tag) == newer
    bench.engine.remove_image(tag)
    bench.engine.remove_image(older.id)


def test_an_archive_that_is_not_there_is_named(bench: Bench, tmp_path: Path) -> None:
    with pytest.raises(RoostError, match=r"no-such\.tar"):
        bench.engine.import_image(tmp_path / "no-such.tar", f"{bench.name()}:1", OURS, {})


def test_nothing_is_pulled_where_no_registry_has_it(bench: Bench) -> None:
    began = time.monotonic()

    assert bench.engine.pull_image("localhost:1/roost-test/no-such-image:1") is None

    assert time.monotonic() - began < 30


def test_the_instructions_of_an_import_hold(real: Bench, rootfs: Path) -> None:
    tag = f"{real.name()}:1"
    config = {"CMD": '["sh", "-c", "echo $WORD; sleep 60"]', "ENV": "WORD=hello"}

    real.engine.import_image(rootfs, tag, OURS, config)
    name = real.run(image=tag, command=None)

    (line,) = wait_for("its greeting", lambda: list(real.engine.logs(name)) or None, timeout_s=10)
    assert line.endswith(b" hello")
    real.engine.remove_container(name)
    real.engine.remove_image(tag)


def test_images_travel_in_an_archive_with_their_names(bench: Bench) -> None:
    one, other = f"{bench.name()}:one", f"{bench.name()}:other"
    for name in (one, other):
        bench.engine.tag_image(IMAGE, name)
    archive = list(bench.engine.save_images([one, other]))
    for name in (one, other):
        bench.engine.remove_image(name)

    bench.engine.load_images(archive, [one, other])

    before = bench.engine.find_image(IMAGE)
    after = [bench.engine.find_image(name) for name in (one, other)]
    assert before
    assert [image and image.labels for image in after] == [before.labels] * 2
    for name in (one, other):
        bench.engine.remove_image(name)


def test_only_images_and_archives_of_them_travel(bench: Bench) -> None:
    with pytest.raises(NotFoundError, match="roost-test-no-such-image"):
        list(bench.engine.save_images([IMAGE, "roost-test-no-such-image"]))
    with pytest.raises(EngineError):
        bench.engine.load_images([b"no archive"], [])
