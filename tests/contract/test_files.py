"""Files into containers and out of them, whether these run or not."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from roost.engines.protocol import File, Mount, Tmpfs
from roost.errors import EngineError, NotFoundError, RoostError
from tests.contract.conftest import Bench
from tests.enginehost.rootfs import DATA_DIR, DATA_OWNER, SEED_FILE

SECRET = File("deep/er/token", b"secret", mode=0o600, uid=64, gid=65)


def contents(archive: bytes) -> dict[str, bytes]:
    """The files of a tar by name; directories with nothing."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return {
            member.name: content.read() if (content := tar.extractfile(member)) else b""
            for member in tar
        }


def got(bench: Bench, name: str, path: str) -> dict[str, bytes]:
    return contents(b"".join(bench.engine.get_archive(name, path)))


@pytest.fixture(params=["made", "running", "stopped"])
def name(request: pytest.FixtureRequest, bench: Bench) -> str:
    """A container with a volume, at each stage of its life."""
    mount = bench.volume(DATA_DIR)
    capabilities = ("DAC_OVERRIDE",)
    if request.param == "made":
        return bench.create(mounts=(mount,), capabilities=capabilities).name
    name = bench.run(mounts=(mount,), capabilities=capabilities)
    if request.param == "stopped":
        bench.engine.stop(name)
    return name


def test_what_is_put_can_be_got(bench: Bench, name: str) -> None:
    bench.engine.put_files(name, "/tmp", [File("box", None, 0o755), File("box/a", b"1")])

    assert got(bench, name, "/tmp/box") == {"box": b"", "box/a": b"1"}
    assert got(bench, name, "/tmp/box/a") == {"a": b"1"}


def test_what_is_put_into_a_volume_can_be_got(bench: Bench, name: str) -> None:
    bench.engine.put_files(name, DATA_DIR, [SECRET])

    assert got(bench, name, f"{DATA_DIR}/deep/er") == {"er": b"", "er/token": b"secret"}
    assert got(bench, name, f"{DATA_DIR}/deep/er/token") == {"token": b"secret"}
    whole = got(bench, name, DATA_DIR)
    assert whole["data"] == b""
    assert whole["data/deep/er/token"] == b"secret"


def test_a_later_file_takes_the_place_of_an_earlier_one(bench: Bench, name: str) -> None:
    for data in (b"a long first text", b"short"):
        bench.engine.put_files(name, DATA_DIR, [File("note", data)])

    assert got(bench, name, f"{DATA_DIR}/note") == {"note": b"short"}


def test_a_file_of_the_host_is_put_as_it_is(bench: Bench, name: str, tmp_path: Path) -> None:
    data = bytes(range(256)) * 4096 + b"and a bit"
    source = tmp_path / "source"
    source.write_bytes(data)

    bench.engine.put_files(name, "/tmp", [File("copy", source), File("empty", b"")])

    assert got(bench, name, "/tmp/copy") == {"copy": data}
    assert got(bench, name, "/tmp/empty") == {"empty": b""}


def test_a_file_of_the_host_that_is_not_there_is_named(bench: Bench, tmp_path: Path) -> None:
    name = bench.create().name

    with pytest.raises(RoostError, match="no-such-file"):
        bench.engine.put_files(name, "/tmp", [File("copy", tmp_path / "no-such-file")])


def test_a_container_or_path_that_is_not_there_is_named(bench: Bench) -> None:
    name, missing = bench.create().name, bench.name()

    with pytest.raises(NotFoundError, match=missing):
        bench.engine.put_files(missing, "/tmp", [SECRET])
    with pytest.raises(NotFoundError, match=missing):
        list(bench.engine.get_archive(missing, "/tmp"))
    with pytest.raises(NotFoundError, match="/no/such"):
        list(bench.engine.get_archive(name, "/no/such"))


def test_files_in_a_volume_outlive_the_container(bench: Bench) -> None:
    mount = bench.volume(DATA_DIR)
    first = bench.create(mounts=(mount,))
    bench.engine.put_files(first.name, DATA_DIR, [SECRET])
    bench.engine.remove_container(first.name)

    second = bench.create(mounts=(mount,))

    assert got(bench, second.name, f"{DATA_DIR}/deep/er/token") == {"token": b"secret"}


def test_a_directory_that_is_not_there_is_named(real: Bench) -> None:
    for name in (real.create().name, real.run()):
        with pytest.raises(NotFoundError, match="/no/such"):
            real.engine.put_files(name, "/no/such", [SECRET])


def listing(bench: Bench, name: str, *paths: str) -> list[str]:
    """Mode, owner and group of each path, as the container sees them."""
    told = bench.engine.exec(name, ["stat", "-c", "%a %u:%g", *paths])
    assert told.exit_code == 0, told.stderr
    return told.stdout.decode().splitlines()


@pytest.mark.parametrize("running", [False, True])
@pytest.mark.parametrize("directory", [DATA_DIR, "/tmp"])
def test_owner_and_mode_are_kept(real: Bench, running: bool, directory: str) -> None:
    spec = real.spec(mounts=(real.volume(DATA_DIR),), capabilities=("DAC_OVERRIDE",))
    files = [File("own", None, 0o710, uid=64, gid=65), File("own/token", b"x", 0o640, 66, 67)]

    real.engine.ensure_container(spec)
    if running:
        real.engine.start(spec.name)
    real.engine.put_files(spec.name, directory, files)
    real.engine.start(spec.name)

    assert listing(real, spec.name, f"{directory}/own", f"{directory}/own/token") == [
        "710 64:65",
        "640 66:67",
    ]


def test_a_new_volume_holds_what_the_image_has_there(real: Bench) -> None:
    """Also when files are put into it before the first start, which hides the image's on Podman."""
    name = real.create(mounts=(real.volume(DATA_DIR),), capabilities=("DAC_OVERRIDE",)).name

    real.engine.put_files(name, DATA_DIR, [SECRET])
    real.engine.start(name)

    assert real.engine.exec(name, ["cat", SEED_FILE]).stdout == b"from the image\n"
    assert real.engine.exec(name, ["cat", f"{DATA_DIR}/deep/er/token"]).stdout == b"secret"
    assert listing(real, name, DATA_DIR) == [f"750 {DATA_OWNER}:{DATA_OWNER}"]


def test_a_host_directory_can_be_mounted_to_be_read_only(real: Bench, tmp_path: Path) -> None:
    (tmp_path / "note").write_text("hello\n")
    name = real.run(mounts=(Mount(str(tmp_path), "/mnt", read_only=True),))

    assert real.engine.exec(name, ["cat", "/mnt/note"]).stdout == b"hello\n"
    assert real.engine.exec(name, ["touch", "/mnt/other"]).exit_code != 0


def test_a_host_directory_that_is_not_there_is_named(real: Bench, tmp_path: Path) -> None:
    spec = real.spec(mounts=(Mount(str(tmp_path / "no-such-dir"), "/mnt"),))

    with pytest.raises(RoostError, match="no-such-dir"):
        real.engine.ensure_container(spec)
        real.engine.start(spec.name)


def test_only_volumes_of_a_read_only_container_can_be_put_into(bench: Bench) -> None:
    mounts = (bench.volume(DATA_DIR), Mount("", "/tmp"))
    name = bench.create(mounts=mounts, tmpfs=(Tmpfs("/run", 1),), read_only=True).name

    for _ in range(2):
        for directory in ("/etc", "/run"):
            with pytest.raises(EngineError) as caught:
                bench.engine.put_files(name, directory, [SECRET])
            assert name in caught.value.message
            assert "volume" in (caught.value.hint or "")
        for directory in (DATA_DIR, "/tmp"):
            bench.engine.put_files(name, directory, [SECRET])
            assert got(bench, name, f"{directory}/deep/er/token") == {"token": b"secret"}
        bench.engine.start(name)
