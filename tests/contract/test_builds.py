"""Image builds."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from roost.engines.protocol import BuildSpec, File
from roost.errors import ImageBuildError
from roost.waiting import wait_for
from tests.contract.conftest import IMAGE, OURS, Bench


class Built:
    """Builds from a Dockerfile with a tag of its own."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.tag = f"{bench.name()}:1"
        self.output: list[str] = []

    def spec(self, dockerfile: str, *files: File, **arguments: str) -> BuildSpec:
        context = (File("Dockerfile", f"FROM {IMAGE}\n{dockerfile}\n".encode()), *files)
        return BuildSpec(self.tag, context, arguments, {**OURS, "built": "a b"})

    def run(self, dockerfile: str, *files: File, **arguments: str) -> None:
        self.bench.engine.build_image(
            self.spec(dockerfile, *files, **arguments), self.output.append
        )


@pytest.fixture
def build(real: Bench) -> Iterator[Built]:
    built = Built(real)
    yield built
    for container in real.engine.list_containers(OURS):
        real.engine.remove_container(container.name)
    real.engine.remove_image(built.tag)


def test_an_image_is_built_from_its_context(build: Built) -> None:
    build.run(
        "ARG WORD\nRUN echo $WORD > /word\nCOPY deep/file /file", File("deep/file", b"x"), WORD="hi"
    )

    image = build.bench.engine.find_image(build.tag)
    assert image is not None
    assert image.tags == (build.tag,)
    assert image.labels["built"] == "a b"
    name = build.bench.run(image=build.tag)
    assert build.bench.engine.exec(name, ["cat", "/word", "/file"]).stdout == b"hi\nx"


def test_output_comes_line_by_line_while_it_builds(build: Built) -> None:
    seen: list[tuple[str, float]] = []
    spec = build.spec("RUN echo first; sleep 4; echo second >&2")

    build.bench.engine.build_image(spec, lambda line: seen.append((line, time.monotonic())))

    times = dict(seen)
    assert times["second"] - times["first"] > 0.8
    assert not any("\n" in line or "\x1b" in line for line in times)


def test_finished_steps_are_not_done_again(build: Built) -> None:
    by_chance = "RUN head -c 16 /dev/urandom >/chance"

    def chance() -> bytes:
        build.run(by_chance)
        name = build.bench.run(image=build.tag)
        return build.bench.engine.exec(name, ["cat", "/chance"]).stdout

    first = chance()
    assert len(first) == 16
    assert chance() == first


def test_a_failed_build_shows_the_end_of_its_log(build: Built) -> None:
    with pytest.raises(ImageBuildError, match="3") as caught:
        build.run("RUN for i in $(seq 50); do echo line $i; done; exit 3")

    tail = caught.value.log_tail.splitlines()
    assert 20 <= len(tail) <= 30
    assert "line 50" in tail
    assert "line 1" not in tail
    assert build.bench.engine.find_image(build.tag) is None
    assert build.bench.engine.list_containers(OURS) == []


@pytest.mark.parametrize(
    ("words", "mend"),
    [
        ("E: Failed to fetch: Temporary failure resolving", "mirror"),
        ("Could not connect to mirror: Connection timed out", "mirror"),
        ("write error: No space left on device", "disk space"),
        ("E: Unable to locate package no-such", "spelling"),
    ],
)
def test_a_failed_build_names_the_mend(build: Built, words: str, mend: str) -> None:
    with pytest.raises(ImageBuildError) as caught:
        build.run(f"RUN echo '{words}' >&2; exit 100")

    assert mend in (caught.value.hint or "")
    assert words in caught.value.log_tail


def test_a_base_that_is_not_there_is_named(build: Built) -> None:
    spec = BuildSpec(build.tag, (File("Dockerfile", b"FROM localhost:1/roost-test-no-such:1\n"),))

    with pytest.raises(ImageBuildError, match="localhost:1"):
        build.bench.engine.build_image(spec, build.output.append)


@pytest.mark.parametrize("wrong", ["NONSENSE here", "COPY no-such-file /x"])
def test_a_wrong_dockerfile_is_an_error(build: Built, wrong: str) -> None:
    with pytest.raises(ImageBuildError) as caught:
        build.run(wrong)

    assert "nonsense" in caught.value.message.lower() or "no-such-file" in caught.value.message


def test_an_interrupted_build_leaves_nothing(build: Built) -> None:
    def interrupt(line: str) -> None:
        if line == "begun":
            raise KeyboardInterrupt

    before = running(build.bench)
    with pytest.raises(KeyboardInterrupt) as caught:
        build.bench.engine.build_image(
            build.spec("RUN echo begun; sleep 300; echo ended"), interrupt
        )
    assert caught.traceback  # which holds on to everything that the build used

    wait_for("its end", lambda: running(build.bench) <= before or None, timeout_s=60)
    assert build.bench.engine.find_image(build.tag) is None


def running(bench: Bench) -> set[str]:
    return {
        one.name
        for one in bench.engine.list_containers({})
        if one.labels.get("roost.test") or not one.labels
    }
