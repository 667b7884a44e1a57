import threading

import pytest

from roost import contract
from roost.engines.fake import FakeEngine
from roost.engines.protocol import Image
from roost.errors import ImageBuildError
from roost.events import Phase, Recorder
from roost.images import base
from roost.images.aptsources import Mirror, Source
from roost.images.find import plan_recipes
from roost.images.recipe import Recipe
from roost.spec.model import Suite
from tests.unit.images.conftest import WORKS, Install


def make(engine: FakeEngine, bootstrap: bool | None = None) -> tuple[Recipe, Recorder]:
    told = Recorder()
    recipes = plan_recipes(Suite.TRIXIE, bootstrap)
    return base.make_base(engine, recipes, told, allow_expired_release=False), told


def notes(told: Recorder) -> list[str]:
    return [event.detail for event in told.events if event.phase is Phase.NOTE]


def test_a_registry_that_answers_is_preferred(engine: FakeEngine) -> None:
    recipe, told = make(engine)
    assert recipe == plan_recipes(Suite.TRIXIE, False)[0]
    assert engine.find_image(recipe.base_tag)
    assert told.done_steps() == ["base"]


def test_without_a_registry_the_base_is_made_here(
    lonely_engine: FakeEngine, install_mmdebstrap: Install
) -> None:
    install_mmdebstrap(WORKS)
    recipe, told = make(lonely_engine)
    image = lonely_engine.find_image(recipe.base_tag)
    assert image
    assert image.labels[contract.LABEL_SUITE] == "trixie"
    assert recipe == plan_recipes(Suite.TRIXIE, True)[0]
    assert notes(told) == ["no registry gave a Debian image: making one from packages"]


def test_a_registry_is_not_asked_where_a_bootstrap_is_wanted(
    engine: FakeEngine, install_mmdebstrap: Install
) -> None:
    install_mmdebstrap(WORKS)
    make(engine, bootstrap=True)
    assert "pull_image" not in [call.method for call in engine.calls]


def test_no_registry_where_one_is_wanted_is_an_error(lonely_engine: FakeEngine) -> None:
    with pytest.raises(ImageBuildError, match="debian:trixie-slim") as caught:
        make(lonely_engine, bootstrap=False)
    assert "--bootstrap" in (caught.value.hint or "")


def test_a_registry_that_does_not_answer_costs_little(
    lonely_engine: FakeEngine,
    install_mmdebstrap: Install,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    install_mmdebstrap(WORKS)
    answered, given_up = threading.Event(), threading.Event()

    def hang(_reference: str) -> Image | None:
        answered.wait(300)
        given_up.set()
        return None

    monkeypatch.setattr(lonely_engine, "pull_image", hang)
    monkeypatch.setattr(base, "IMPATIENT_S", 0.05)
    recipe, _told = make(lonely_engine)
    assert not given_up.is_set()
    assert lonely_engine.find_image(recipe.base_tag)
    answered.set()


def test_the_hosts_mirror_comes_first_and_mmdebstraps_next(
    lonely_engine: FakeEngine, install_mmdebstrap: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror = Mirror(Source("http://mirror.example/debian", ("main",)))
    monkeypatch.setattr(base, "find_mirror", lambda: mirror)
    arguments = install_mmdebstrap(
        'case "$*" in *mirror.example*) echo "E: Could not resolve"; exit 1;; esac\n' + WORKS
    )
    recipe, told = make(lonely_engine, bootstrap=True)
    assert lonely_engine.find_image(recipe.base_tag)
    assert arguments.read_text().count("--variant=minbase") == 2
    assert [note for note in notes(told) if "mmdebstrap's own mirror" in note]


def test_a_bootstrap_that_fails_is_told_as_a_failed_step(
    lonely_engine: FakeEngine, install_mmdebstrap: Install
) -> None:
    install_mmdebstrap("exit 1")
    told = Recorder()
    with pytest.raises(ImageBuildError):
        base.make_base(
            lonely_engine, plan_recipes(Suite.TRIXIE, True), told, allow_expired_release=False
        )
    assert [event.step for event in told.events if event.phase is Phase.FAILED] == ["base"]
    assert lonely_engine.list_images({}) == []
