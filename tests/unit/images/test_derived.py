from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import pytest

from roost import contract
from roost.contract import Role
from roost.engines.fake import FakeEngine
from roost.engines.protocol import BuildSpec, Engine, Image
from roost.errors import ImageBuildError, UsageError
from roost.events import Reporter
from roost.images import ImageSet, derived, ensure_derived, ensure_images, find_derived
from roost.images.pipconfig import PipSettings
from roost.images.software import LABEL_TEMPORARY, check_software, plan_derived
from tests.unit.images.conftest import DEBIAN, tell_version
from tests.unit.images.test_ensure import builds

APT_LIST = "root/usr/share/roost/build/apt.txt"
SECRET = "https://user:secret@index.example/simple"


@pytest.fixture(autouse=True)
def host_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = PipSettings(f"[global]\nindex-url = {SECRET}\n", b"CERT")
    monkeypatch.setattr(derived, "read_host_settings", lambda: settings)


@pytest.fixture
def images(engine: FakeEngine) -> ImageSet:
    built = ensure_images(engine)
    engine.calls.clear()
    return built


def content(spec: BuildSpec) -> dict[str, object]:
    return {file.path: file.data for file in spec.context}


def test_no_software_is_no_build(engine: FakeEngine, images: ImageSet) -> None:
    assert ensure_derived(engine, images) is images
    assert find_derived(engine, images) is images
    assert engine.calls == []


def test_only_the_execute_image_changes(engine: FakeEngine, images: ImageSet) -> None:
    made = ensure_derived(engine, images, apt=["jq"], pip=["attrs>=23"])
    reference = made[Role.EXECUTE].reference
    assert reference.startswith("roost-execute:23.9.6-trixie-")
    assert made[Role.EXECUTE].id != images[Role.EXECUTE].id
    assert made[Role.MASTER] == images[Role.MASTER]
    image = engine.find_image(reference)
    assert image
    assert image.labels[contract.LABEL_ROLE] == Role.EXECUTE
    (spec,) = builds(engine)
    assert spec.build_args["BASE"] == images[Role.EXECUTE].id
    assert (content(spec)[APT_LIST], content(spec)["requirements.txt"]) == (
        b"jq\n",
        b"attrs>=23\n",
    )


def test_the_same_software_in_any_order_is_built_once(engine: FakeEngine, images: ImageSet) -> None:
    first = ensure_derived(engine, images, apt=["jq", "python3-numpy"])
    assert ensure_derived(engine, images, apt=["python3-numpy", "jq", "jq"]) == first
    assert find_derived(engine, images, apt=["jq", "python3-numpy"]) == first
    assert len(builds(engine)) == 1


def test_images_that_another_build_replaces_meanwhile(
    engine: FakeEngine, images: ImageSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def another_build(engine: Engine, _report: Reporter) -> Iterator[None]:
        replaced = engine.find_image(images[Role.EXECUTE].id)
        assert replaced
        for name in replaced.tags:
            engine.remove_image(name)
        yield

    monkeypatch.setattr(derived, "build_lock", another_build)
    with pytest.raises(ImageBuildError, match="another build has replaced the images"):
        ensure_derived(engine, images, apt=["jq"])
    assert builds(engine) == []


def test_other_software_is_another_image(engine: FakeEngine, images: ImageSet) -> None:
    tags = {
        plan_derived(images, ["jq"], []).tag,
        plan_derived(images, [], ["jq"]).tag,
        plan_derived(images, ["jq"], ["jq"]).tag,
    }
    assert len(tags) == 3
    assert find_derived(engine, images, apt=["jq"]) is None


def test_the_hosts_pip_settings_are_in_no_argument_label_or_tag(
    engine: FakeEngine, images: ImageSet
) -> None:
    ensure_derived(engine, images, pip=["six"])
    (spec,) = builds(engine)
    assert content(spec)["cert.pem"] == b"CERT"
    assert content(spec)["pip.conf"] == f"[global]\nindex-url = {SECRET}\n".encode()
    assert "secret" not in f"{spec.build_args}{spec.labels}{spec.tag}"


def test_the_stage_that_pip_worked_in_is_removed(
    engine: FakeEngine, images: ImageSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    removed: list[str] = []

    def list_images(labels: Mapping[str, str | None]) -> list[Image]:
        asked.append(labels)
        return [Image("sha256:left", (), {}, 1, "2024-01-01T00:00:00Z")]

    monkeypatch.setattr(engine, "list_images", list_images)
    monkeypatch.setattr(engine, "remove_image", removed.append)
    ensure_derived(engine, images, pip=["six"])
    (spec,) = builds(engine)
    assert asked == [{LABEL_TEMPORARY: spec.build_args["TEMPORARY"]}]
    assert removed == ["sha256:left"]


def test_a_failed_build_names_the_package() -> None:
    def fail(spec: BuildSpec, on_output: Callable[[str], None]) -> None:
        tell_version(spec, on_output)
        if APT_LIST in content(spec):
            raise ImageBuildError("failed", log_tail="E: Unable to locate package nosuch")

    engine = FakeEngine(registry=DEBIAN, on_build=fail)
    with pytest.raises(ImageBuildError, match="suite: nosuch"):
        ensure_derived(engine, ensure_images(engine), apt=["nosuch"])


def test_software_that_would_replace_htcondor() -> None:
    def fail(spec: BuildSpec, on_output: Callable[[str], None]) -> None:
        tell_version(spec, on_output)
        if APT_LIST in content(spec):
            raise ImageBuildError(
                "failed", log_tail="E: these packages do not leave HTCondor 23.9.6 as it is"
            )

    engine = FakeEngine(registry=DEBIAN, on_build=fail)
    with pytest.raises(ImageBuildError, match="replace or remove HTCondor"):
        ensure_derived(engine, ensure_images(engine), apt=["minicondor"])


@pytest.mark.parametrize(
    ("apt", "pip"),
    [
        (["--allow-unauthenticated"], []),
        (["condor-"], []),
        (["jq; reboot"], []),
        ([""], []),
        ([], ["--index-url=https://evil.example"]),
        ([], ["-r/etc/passwd"]),
        ([], ["six\n--target=/"]),
    ],
)
def test_what_is_no_package_is_refused(
    engine: FakeEngine, images: ImageSet, apt: list[str], pip: list[str]
) -> None:
    with pytest.raises(UsageError):
        ensure_derived(engine, images, apt=apt, pip=pip)
    assert builds(engine) == []


def test_packages_that_end_in_plus_are_packages() -> None:
    check_software(
        ["g++", "libstdc++6", "python3-numpy=1:2.2.4-1"], ["x[extra]>=1; python_version>'3'"]
    )
