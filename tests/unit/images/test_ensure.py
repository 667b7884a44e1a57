from collections.abc import Callable
from dataclasses import replace
from typing import cast

import pytest

from roost import contract
from roost.contract import Role
from roost.engines.fake import Failure, FakeEngine
from roost.engines.protocol import BuildSpec, EngineInfo, File
from roost.errors import EngineError, ImageBuildError
from roost.events import Recorder
from roost.images import ensure_images, find_images, recipe
from roost.images.find import same_reference
from roost.images.nodefiles import node_files
from roost.spec.model import Suite
from tests.unit.images.conftest import DEBIAN, HTCONDOR, WORKS, Install, tell_version

STEPS = ["base", "htcondor", "node", "master", "submit", "execute"]


def builds(engine: FakeEngine) -> list[BuildSpec]:
    specs = [call.arguments["spec"] for call in engine.calls if call.method == "build_image"]
    assert all(isinstance(spec, BuildSpec) for spec in specs)
    return cast(list[BuildSpec], specs)


def built_stages(engine: FakeEngine) -> list[str]:
    return [spec.tag.partition(":")[0].removeprefix("roost-") for spec in builds(engine)]


def test_from_nothing_all_roles(engine: FakeEngine) -> None:
    told = Recorder()
    images = ensure_images(engine, report=told)
    assert told.done_steps() == STEPS
    assert images.htcondor == HTCONDOR
    assert images.references() == {role: f"roost-{role}:23.9.6-trixie" for role in Role}
    for role in Role:
        image = engine.find_image(f"roost-{role}:latest")
        assert image
        assert image.id == images.ids()[role]
        assert image.labels[contract.LABEL_ROLE] == role
        assert image.labels[contract.LABEL_HTCONDOR] == HTCONDOR
        assert image.labels["org.opencontainers.image.title"] == f"roost-{role}"
        assert image.tags == (f"roost-{role}:23.9.6-trixie", f"roost-{role}:latest")


def test_each_stage_stands_on_the_one_below(engine: FakeEngine) -> None:
    ensure_images(engine)
    specs = builds(engine)
    below = {spec.tag: spec.build_args["BASE"] for spec in specs}
    tags = [spec.tag for spec in specs]
    assert below[tags[1]] == tags[0]
    node = engine.find_image(tags[1])
    assert node
    assert {below[tag] for tag in tags[2:]} == {node.id}
    assert below[tags[0]].startswith("roost-base:trixie-")


def test_nothing_changed_is_one_question(engine: FakeEngine) -> None:
    first = ensure_images(engine)
    engine.calls.clear()
    told = Recorder()
    assert ensure_images(engine, report=told) == first == find_images(engine)
    assert [call.method for call in engine.calls] == ["list_images", "list_images"]
    assert told.events == []


def test_nothing_there_is_not_found(engine: FakeEngine) -> None:
    assert find_images(engine) is None


def test_another_node_program_does_not_reinstall_htcondor(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = ensure_images(engine)
    engine.calls.clear()
    changed = (*node_files(), File("roost/node/extra.py", b"x = 1\n"))
    monkeypatch.setattr(recipe, "node_files", lambda: changed)
    assert find_images(engine) is None
    second = ensure_images(engine)
    assert built_stages(engine) == ["node", "master", "submit", "execute"]
    assert second.references() == first.references()
    assert set(second.ids().values()).isdisjoint(first.ids().values())


def test_refresh_builds_all_of_it_anew(engine: FakeEngine) -> None:
    ensure_images(engine)
    engine.calls.clear()
    told = Recorder()
    ensure_images(engine, refresh=True, report=told)
    assert told.done_steps() == STEPS


def test_a_refresh_that_brings_another_htcondor_counts() -> None:
    version = "23.9.6"

    def tell(_spec: BuildSpec, on_output: Callable[[str], None]) -> None:
        on_output(f"roost-package condor {version}+dfsg-1")

    engine = FakeEngine(registry=DEBIAN, on_build=tell)
    ensure_images(engine)
    version = "23.10.1"
    refreshed = ensure_images(engine, refresh=True)
    assert refreshed.htcondor == "23.10.1"
    assert engine.find_image("roost-master:23.9.6-trixie")


def test_suites_live_side_by_side(engine: FakeEngine) -> None:
    trixie = ensure_images(engine)
    forky = ensure_images(engine, Suite.FORKY)
    assert find_images(engine) == trixie
    assert find_images(engine, Suite.FORKY) == forky
    latest = engine.find_image("roost-master:latest")
    assert latest
    assert latest.id == trixie[Role.MASTER].id


def test_a_wanted_kind_of_base_is_not_satisfied_by_the_other(
    engine: FakeEngine, install_mmdebstrap: Install
) -> None:
    install_mmdebstrap(WORKS)
    ensure_images(engine)
    assert find_images(engine, bootstrap=True) is None
    made = ensure_images(engine, bootstrap=True)
    assert find_images(engine, bootstrap=True) == find_images(engine) == made
    assert find_images(engine, bootstrap=False) is None


def test_a_missing_role_is_built_again(engine: FakeEngine) -> None:
    ensure_images(engine)
    engine.remove_image("roost-submit:23.9.6-trixie")
    assert find_images(engine) is None
    assert set(ensure_images(engine).images) == set(Role)


@pytest.mark.parametrize("after", [False, True])
def test_interrupted_anywhere_it_leaves_no_false_set_and_ends_well_next_time(
    after: bool,
) -> None:
    whole = FakeEngine(registry=DEBIAN, on_build=tell_version)
    ensure_images(whole)
    for at in range(1, len(whole.calls)):
        engine = FakeEngine(registry=DEBIAN, on_build=tell_version)
        engine.failure = Failure(at, KeyboardInterrupt(), after=after)
        with pytest.raises(KeyboardInterrupt):
            ensure_images(engine)
        engine.failure = None
        found = find_images(engine)
        assert found is None or set(found.images) == set(Role)
        assert ensure_images(engine).htcondor == HTCONDOR


def test_names_are_given_once_everything_is_built(engine: FakeEngine) -> None:
    def fail_last(spec: BuildSpec, on_output: Callable[[str], None]) -> None:
        tell_version(spec, on_output)
        if spec.tag.startswith("roost-execute"):
            raise ImageBuildError("the build failed", log_tail="E: Unable to fetch some archives")

    broken = FakeEngine(registry=DEBIAN, on_build=fail_last)
    with pytest.raises(ImageBuildError) as caught:
        ensure_images(broken)
    assert caught.value.message.startswith("the image execute: the package mirror")
    assert "Unable to fetch" in caught.value.log_tail
    assert not [
        tag
        for image in broken.list_images({})
        for tag in image.tags
        if same_reference(tag, "roost-master:23.9.6-trixie")
    ]


def test_the_engines_own_hint_is_kept_for_an_unknown_cause() -> None:
    def fail(_spec: BuildSpec, _on_output: Callable[[str], None]) -> None:
        raise ImageBuildError("the build failed: odd", hint="ask the engine", log_tail="odd")

    with pytest.raises(ImageBuildError) as caught:
        ensure_images(FakeEngine(registry=DEBIAN, on_build=fail))
    assert caught.value.hint == "ask the engine"
    assert "the build failed: odd" in caught.value.message


def test_a_full_disk_is_told_before_anything_is_built(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def info() -> EngineInfo:
        return replace(FakeEngine().info(), free_bytes=900_000_000)

    monkeypatch.setattr(engine, "info", info)
    with pytest.raises(ImageBuildError, match="900 MB free, and the build needs 1500 MB"):
        ensure_images(engine)
    assert builds(engine) == []


def test_what_cannot_be_removed_does_not_fail_a_build(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ensure_images(engine)

    def refuse(reference: str) -> None:
        raise EngineError(f"{reference} is in use")

    changed = (*node_files(), File("roost/node/extra.py", b"x = 1\n"))
    monkeypatch.setattr(recipe, "node_files", lambda: changed)
    original = engine.remove_image
    monkeypatch.setattr(
        engine,
        "remove_image",
        lambda reference: refuse(reference) if "node" in reference else original(reference),
    )
    assert set(ensure_images(engine).images) == set(Role)
