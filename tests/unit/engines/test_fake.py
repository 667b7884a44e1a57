"""What the engine in memory can do beyond the contract."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from roost.engines.fake import Failure, FakeEngine
from roost.engines.protocol import (
    BuildSpec,
    Container,
    ContainerSpec,
    ContainerState,
    Engine,
    ExecResult,
    File,
    Mount,
    StreamName,
)
from roost.errors import EngineError, ImageBuildError


def engine(**changes: object) -> FakeEngine:
    """One with an image, a network and a container ``lab`` that mounts the volume ``data``."""
    made = FakeEngine(images={"lab:1": {"from": "image"}}, **changes)  # type: ignore[arg-type]
    made.ensure_network("net", {})
    made.ensure_container(SPEC)
    return made


SPEC = ContainerSpec(
    name="lab", image="lab:1", hostname="lab", network="net", mounts=(Mount("data", "/data"),)
)


def test_it_is_an_engine() -> None:
    seen: Engine = FakeEngine()

    assert seen.name == "fake"


def test_calls_are_recorded_with_their_arguments() -> None:
    fake = engine()
    fake.start("lab")
    fake.stop("lab", timeout_s=3)

    assert [call.method for call in fake.calls] == [
        "ensure_network",
        "ensure_container",
        "start",
        "stop",
    ]
    assert fake.calls[1].arguments == {"spec": SPEC}
    assert fake.calls[3].arguments == {"name": "lab", "timeout_s": 3}


@pytest.mark.parametrize("after", [False, True])
def test_it_fails_at_the_call_it_was_told_to(after: bool) -> None:
    fake = engine(failure=Failure(at=3, error=KeyboardInterrupt(), after=after))

    with pytest.raises(KeyboardInterrupt):
        fake.start("lab")

    container = fake.find_container("lab")
    assert container is not None
    assert container.state is (ContainerState.RUNNING if after else ContainerState.CREATED)


def test_it_fails_with_an_engine_error_by_default() -> None:
    fake = engine()
    fake.failure = Failure(at=len(fake.calls) + 1)

    with pytest.raises(EngineError):
        fake.start("lab")


def test_it_can_be_slow() -> None:
    fake = engine()
    fake.delay_s = 0.05

    began = time.monotonic()
    fake.find_container("lab")

    assert time.monotonic() - began >= 0.05


def test_commands_are_answered_by_the_handler() -> None:
    def answer(container: Container, argv: object) -> ExecResult:
        return ExecResult(3, f"{container.name} {argv}".encode(), b"err")

    fake = engine(on_exec=answer)
    fake.start("lab")

    result = fake.exec("lab", ["a", "b"])
    stream = fake.exec_stream("lab", ["a", "b"])

    assert result == ExecResult(3, b"lab ['a', 'b']", b"err")
    assert list(stream) == [(StreamName.STDOUT, result.stdout), (StreamName.STDERR, b"err")]
    assert stream.exit_code == 3


def test_put_files_can_be_looked_at(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"from disk")
    fake = engine()

    fake.put_files("lab", "/data", [File("a/b", b"1", 0o600, 5, 6)])
    fake.put_files("lab", "/etc", [File("c", source)])

    assert fake.files("lab") == {
        "/data/a/b": File("a/b", b"1", 0o600, 5, 6),
        "/etc/c": File("c", b"from disk"),
    }


def test_only_volumes_outlive_their_container() -> None:
    fake = engine()
    fake.put_files("lab", "/data", [File("kept", b"1")])
    fake.put_files("lab", "/etc", [File("lost", b"1")])

    fake.remove_container("lab")
    fake.ensure_container(SPEC)

    assert list(fake.files("lab")) == ["/data/kept"]


def test_a_container_inherits_the_labels_of_its_image() -> None:
    container = engine().find_container("lab")

    assert container is not None
    assert container.labels == {"from": "image"}


def test_a_crash_leaves_its_exit_code() -> None:
    fake = engine()
    fake.start("lab")

    fake.crash("lab", 139)

    container = fake.find_container("lab")
    assert container is not None
    assert (container.state, container.exit_code) == (ContainerState.EXITED, 139)


def test_what_a_container_says_can_be_followed() -> None:
    fake = engine()
    fake.start("lab")
    fake.say("lab", "one\ntwo")
    read: list[bytes] = []
    lines = fake.logs("lab", follow=True, tail=1)
    reader = threading.Thread(target=lambda: read.extend(lines))

    reader.start()
    fake.say("lab", "three")
    fake.stop("lab")
    reader.join(5)

    assert not reader.is_alive()
    assert [line.partition(b"Z ")[2] for line in read] == [b"two", b"three"]
    assert len(list(fake.logs("lab"))) == 3


def test_a_follower_can_be_ended() -> None:
    fake = engine()
    fake.start("lab")
    lines = fake.logs("lab", follow=True)
    reader = threading.Thread(target=lambda: list(lines))

    reader.start()
    lines.close()
    reader.join(5)

    assert not reader.is_alive()


def test_a_build_is_told_by_the_handler() -> None:
    def build(spec: BuildSpec, on_output: object) -> None:
        assert callable(on_output)
        on_output(f"building {spec.tag}")
        if "bad" in spec.tag:
            raise ImageBuildError("no", log_tail="tail")

    fake, output = FakeEngine(on_build=build), list[str]()

    built = fake.build_image(BuildSpec("good:1", (), labels={"a": "1"}), output.append)
    with pytest.raises(ImageBuildError):
        fake.build_image(BuildSpec("bad:1", ()), output.append)

    assert fake.find_image("good:1") == built
    assert built.labels == {"a": "1"}
    assert fake.find_image("bad:1") is None
    assert output == ["building good:1", "building bad:1"]


def test_an_unchanged_build_is_the_same_image() -> None:
    fake = FakeEngine()
    spec = BuildSpec("lab:1", (File("Dockerfile", b"FROM x"),))

    assert fake.build_image(spec, print).id == fake.build_image(spec, print).id


def test_only_the_registry_can_be_pulled_from() -> None:
    fake = FakeEngine(registry={"debian:trixie": {"a": "1"}})

    assert fake.pull_image("debian:forky") is None
    pulled = fake.pull_image("debian:trixie")
    assert pulled is not None
    assert pulled == fake.find_image("debian:trixie")
    assert pulled.labels == {"a": "1"}


def test_closing_is_seen() -> None:
    fake = FakeEngine()

    fake.close()

    assert fake.closed
