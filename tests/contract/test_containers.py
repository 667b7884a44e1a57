"""Life of a container: made, started, stopped, removed, each as often as you like."""

from __future__ import annotations

import json
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from roost.engines.fake import FakeEngine
from roost.engines.protocol import ContainerState, File, Limits, Mount, Tmpfs
from roost.errors import ConflictError, EngineError, NotFoundError, RoostError
from roost.waiting import wait_for
from tests.contract.conftest import LABEL, OBEYS, OURS, Bench
from tests.contract.test_files import got
from tests.enginehost.rootfs import DATA_DIR


def state(bench: Bench, name: str) -> ContainerState:
    container = bench.engine.find_container(name)
    assert container is not None
    return container.state


def test_a_made_container_is_not_started(bench: Bench) -> None:
    spec = bench.spec()

    made = bench.engine.ensure_container(spec)

    assert (made.name, made.image, made.state) == (spec.name, spec.image, ContainerState.CREATED)
    assert made.labels.items() >= OURS.items()
    assert (made.exit_code, made.started_at) == (None, None)
    assert bench.engine.find_container(spec.name) == made


def test_a_started_container_runs_and_has_an_address(bench: Bench) -> None:
    name = bench.run()

    running = bench.engine.find_container(name)

    assert running is not None
    assert running.state is ContainerState.RUNNING
    assert running.address is not None
    assert running.started_at is not None
    assert running.exit_code is None


def test_a_stopped_container_is_there_with_its_exit_code(bench: Bench) -> None:
    name = bench.run()
    _wait_until_it_obeys(bench, name)

    bench.engine.stop(name)

    stopped = bench.engine.find_container(name)
    assert stopped is not None
    assert (stopped.state, stopped.exit_code) == (ContainerState.EXITED, 0)


def _wait_until_it_obeys(bench: Bench, name: str) -> None:
    """The kernel drops a signal for which the first process of a container has no handler yet."""
    look = ["test", "-e", OBEYS]
    wait_for(
        f"{name} has its handler",
        lambda: bench.engine.exec(name, look).exit_code == 0 or None,
        timeout_s=10,
    )


def test_a_stopped_container_starts_again(bench: Bench) -> None:
    name = bench.run()
    bench.engine.stop(name)

    bench.engine.start(name)

    assert state(bench, name) is ContainerState.RUNNING


def pause(bench: Bench, name: str) -> None:
    """With the engine's own client: no pool needs it."""
    if isinstance(bench.engine, FakeEngine):
        bench.engine.pause(name)
        return
    client = bench.engine.interactive_argv("", [""], tty=False)
    argv = [*client[: client.index("exec")], "pause", name]
    subprocess.run(argv, check=True, capture_output=True, timeout=60)


def test_a_paused_container_goes_on(bench: Bench) -> None:
    name = bench.run("sleep", "600")
    pause(bench, name)
    assert state(bench, name) is ContainerState.PAUSED

    for _ in range(2):
        bench.engine.unpause(name)
        assert state(bench, name) is ContainerState.RUNNING


def test_a_paused_container_is_not_started(bench: Bench) -> None:
    name = bench.run("sleep", "600")
    pause(bench, name)

    with pytest.raises(EngineError, match=name):
        bench.engine.start(name)

    assert state(bench, name) is ContainerState.PAUSED


def test_a_container_that_does_not_run_is_not_paused(bench: Bench) -> None:
    name = bench.create().name

    bench.engine.unpause(name)

    assert state(bench, name) is ContainerState.CREATED


def test_a_removed_container_is_gone(bench: Bench) -> None:
    name = bench.run()

    bench.engine.remove_container(name)

    assert bench.engine.find_container(name) is None
    assert name not in [one.name for one in bench.engine.list_containers(OURS)]


def test_an_id_names_one_container_and_not_the_next_of_its_name(bench: Bench) -> None:
    former = bench.create()
    assert bench.engine.find_container(former.id) == bench.engine.find_container(former.name)
    bench.engine.start(former.id)
    bench.engine.stop(former.id, 1)
    bench.engine.remove_container(former.id)
    name = bench.run(name=former.name)

    bench.engine.remove_container(former.id)

    assert bench.engine.find_container(former.id) is None
    assert state(bench, name) is ContainerState.RUNNING


def test_asking_twice_is_asking_once(bench: Bench) -> None:
    spec = bench.spec()

    first = bench.engine.ensure_container(spec)
    second = bench.engine.ensure_container(spec)
    assert first == second
    for _ in range(2):
        bench.engine.start(spec.name)
        assert state(bench, spec.name) is ContainerState.RUNNING
    for _ in range(2):
        bench.engine.stop(spec.name)
        assert state(bench, spec.name) is ContainerState.EXITED
    for _ in range(2):
        bench.engine.remove_container(spec.name)
        assert bench.engine.find_container(spec.name) is None


def test_a_name_with_other_labels_is_a_conflict(bench: Bench) -> None:
    made = bench.create()

    with pytest.raises(ConflictError, match=made.name) as caught:
        bench.create(name=made.name, labels={**OURS, "roost.pool": "mine"})

    assert caught.value.hint
    assert bench.engine.find_container(made.name) == made


def test_a_container_may_carry_more_labels_than_are_asked_for(bench: Bench) -> None:
    made = bench.create(labels={**OURS, "more": "yes"})

    assert bench.create(name=made.name).id == made.id


def test_many_callers_at_once_make_one_container(bench: Bench) -> None:
    spec = bench.spec()

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: bench.engine.ensure_container(spec), range(8)))

    assert len({one.id for one in made}) == 1


@pytest.mark.parametrize("_time", range(3))
def test_many_callers_at_once_start_one_container(bench: Bench, _time: int) -> None:
    """While others read it: an engine that is busy with a container lets its callers queue."""
    name = bench.create(mounts=(bench.volume(DATA_DIR),)).name
    bench.engine.put_files(name, DATA_DIR, [File("note", b"1")])

    with ThreadPoolExecutor(8) as pool:
        reads = [pool.submit(got, bench, name, DATA_DIR) for _ in range(4)]
        for start in [pool.submit(bench.engine.start, name) for _ in range(4)]:
            start.result()
        assert all(read.result() for read in reads)

    assert bench.container(name).state is ContainerState.RUNNING


def test_many_callers_at_once_remove_one_container(bench: Bench) -> None:
    name = bench.run()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: bench.engine.remove_container(name), range(8)))

    assert bench.engine.find_container(name) is None


def test_lists_are_by_label_and_in_the_order_of_names(bench: Bench) -> None:
    first = bench.create(labels={**OURS, "role": "a"})
    second = bench.create(labels={**OURS, "role": "b"})
    third = bench.create()

    def listed(labels: dict[str, str | None]) -> list[str]:
        return [one.name for one in bench.engine.list_containers(labels)]

    assert listed({**OURS}) == sorted([first.name, second.name, third.name])
    assert listed({LABEL: OURS[LABEL], "role": None}) == sorted([first.name, second.name])
    assert listed({LABEL: OURS[LABEL], "role": "b"}) == [second.name]
    assert listed({LABEL: OURS[LABEL], "role": "c"}) == []


def test_a_list_shows_what_a_look_shows(bench: Bench) -> None:
    running, stopped, made = bench.run(), bench.run(), bench.create().name
    bench.engine.stop(stopped)

    listed = {one.name: one for one in bench.engine.list_containers(OURS)}

    for name in (running, stopped, made):
        seen = bench.engine.find_container(name)
        assert seen is not None
        shown = listed[name]
        assert (shown.id, shown.image, shown.state) == (seen.id, seen.image, seen.state)
        assert (shown.labels, shown.address) == (seen.labels, seen.address)
        assert shown.exit_code == seen.exit_code


def test_all_that_an_engine_knows_can_be_read(bench: Bench) -> None:
    container = bench.create(labels={**OURS, "mark": "of this"})
    assert "of this" in json.dumps(bench.engine.inspect(container.name), default=str)
    with pytest.raises(NotFoundError):
        bench.engine.inspect(bench.name())


def test_what_is_not_there_cannot_be_started_unpaused_or_stopped(bench: Bench) -> None:
    name = bench.name()

    assert bench.engine.find_container(name) is None
    for act in (bench.engine.start, bench.engine.unpause, bench.engine.stop):
        with pytest.raises(NotFoundError, match=name):
            act(name)


def test_an_image_that_is_not_there_is_named(bench: Bench) -> None:
    with pytest.raises(NotFoundError, match="roost-test-no-such-image"):
        bench.create(image="roost-test-no-such-image:1")


def test_a_network_that_is_not_there_is_named(bench: Bench) -> None:
    spec = bench.spec(network="roost-test-no-such-network")

    with pytest.raises(RoostError, match="roost-test-no-such-network"):
        bench.engine.ensure_container(spec)
        bench.engine.start(spec.name)


@pytest.mark.parametrize("name", ["", "x", "-x", "a b", "ä", "a/b"])
def test_a_name_that_engines_refuse_is_refused_with_the_rule(bench: Bench, name: str) -> None:
    with pytest.raises(EngineError) as caught:
        bench.create(name=name)

    assert "letter" in (caught.value.hint or "")


def test_a_container_that_ends_by_itself_keeps_its_exit_code(real: Bench) -> None:
    name = real.run("sh", "-c", "exit 7")

    wait_for(
        "its end",
        lambda: state(real, name) is ContainerState.EXITED or None,
        timeout_s=10,
    )

    ended = real.engine.find_container(name)
    assert ended is not None
    assert ended.exit_code == 7


def test_a_container_that_must_run_comes_back(real: Bench) -> None:
    name = real.run("sh", "-c", "sleep 0.3", restart=True)

    started = set()

    def look() -> bool | None:
        container = real.engine.find_container(name)
        assert container is not None
        started.add(container.started_at)
        return len(started) > 2 or None

    wait_for("two restarts", look, timeout_s=30)


def test_a_container_that_was_stopped_does_not_come_back(real: Bench) -> None:
    name = real.run(restart=True)

    real.engine.stop(name)
    time.sleep(1)

    assert state(real, name) is ContainerState.EXITED


def restarts_of(bench: Bench, name: str) -> int | None:
    return bench.container(name).restarts or None


def test_a_container_that_starts_again_and_again_can_be_stopped(real: Bench) -> None:
    """Also between its end and its next start."""
    for _ in range(5):
        name = real.run("sh", "-c", "sleep 0.05; exit 1", restart=True)
        wait_for("a restart", partial(restarts_of, real, name), timeout_s=30)
        real.engine.stop(name)
        stopped = real.container(name)
        time.sleep(1)
        assert state(real, name) is ContainerState.EXITED
        assert real.container(name).started_at == stopped.started_at


def test_stopping_waits_no_longer_than_it_is_told(real: Bench) -> None:
    deaf = ("sh", "-c", "trap '' TERM; while :; do sleep 0.05; done")
    named, own = real.run(*deaf, stop_timeout_s=60), real.run(*deaf, stop_timeout_s=1)

    for name, timeout_s in ((named, 1), (own, None)):
        began = time.monotonic()
        real.engine.stop(name, timeout_s)
        assert 0.8 < time.monotonic() - began < 50
        stopped = real.engine.find_container(name)
        assert stopped is not None
        assert stopped.exit_code == 137


def test_removing_does_not_wait_for_a_container_to_end(real: Bench) -> None:
    name = real.run("sh", "-c", "trap '' TERM; while :; do sleep 0.05; done", stop_timeout_s=60)

    began = time.monotonic()
    real.engine.remove_container(name)

    assert time.monotonic() - began < 50
    assert real.engine.find_container(name) is None


def status_of(bench: Bench, name: str) -> dict[str, str]:
    told = bench.engine.exec(name, ["cat", "/proc/1/status"]).stdout.decode()
    return dict(line.split(":\t", 1) for line in told.splitlines() if ":\t" in line)


def test_only_the_wanted_capabilities_are_there(real: Bench) -> None:
    chown, kill = 0, 5

    none = status_of(real, real.run())
    some = status_of(real, real.run(capabilities=("KILL", "CHOWN")))

    assert int(none["CapEff"], 16) == int(none["CapBnd"], 16) == 0
    assert int(some["CapEff"], 16) == int(some["CapBnd"], 16) == 1 << kill | 1 << chown


@pytest.mark.parametrize("forbidden", [True, False])
def test_new_privileges_are_forbidden_unless_allowed(real: Bench, forbidden: bool) -> None:
    status = status_of(real, real.run(no_new_privileges=forbidden))

    assert status["NoNewPrivs"].strip() == str(int(forbidden))


def test_hostname_environment_and_command_are_as_given(real: Bench) -> None:
    name = real.run(
        "sh",
        "-c",
        "echo $(hostname) $GREETING; sleep 60",
        hostname="owl",
        environment={"GREETING": "a=b c"},
    )

    def said() -> list[bytes] | None:
        return list(real.engine.logs(name)) or None

    (line,) = wait_for("its greeting", said, timeout_s=10)
    assert line.endswith(b"Z owl a=b c")


def written(bench: Bench, name: str, *paths: str) -> list[str]:
    """Of the paths, those where a file can be written from inside."""
    script = "for place; do touch $place/x && [ -w $place/x ] && echo $place; done"
    return bench.engine.exec(name, ["sh", "-c", script, "sh", *paths]).stdout.decode().split()


def test_a_read_only_container_writes_to_its_mounts_alone(real: Bench) -> None:
    places = ("/", "/etc", "/bin", "/dev/shm", "/tmp", "/run", "/var")
    mounts = (Mount("", "/tmp"),)

    read_only = real.run(mounts=mounts, tmpfs=(Tmpfs("/run", 1),), read_only=True)

    assert written(real, read_only, *places) == ["/dev/shm", "/tmp", "/run"]
    assert written(real, real.run(), "/etc", "/bin") == ["/etc", "/bin"]


def test_a_file_system_in_memory_is_bounded_and_empty_at_each_start(real: Bench) -> None:
    shm_mb = 3
    name = real.run(tmpfs=(Tmpfs("/run", 2, mode=0o710),), limits=Limits(shm_mb=shm_mb))

    def fill(directory: str) -> int:
        """MiB that went in."""
        script = f"dd if=/dev/zero of={directory}/big bs=1048576 count=9; du -m {directory}/big"
        return int(real.engine.exec(name, ["sh", "-c", script]).stdout.split()[0])

    assert (fill("/run"), fill("/dev/shm")) == (2, shm_mb)
    assert real.engine.exec(name, ["stat", "-c", "%a %u", "/run"]).stdout.split() == [b"710", b"0"]
    real.engine.stop(name)
    real.engine.start(name)
    assert real.engine.exec(name, ["ls", "/run/big"]).exit_code != 0


def test_what_was_a_containers_own_goes_with_it(real: Bench) -> None:
    name = real.run(mounts=(Mount("", "/tmp"),))
    before = {volume.name for volume in real.engine.list_volumes({})}
    own = [mount["Name"] for mount in real.engine.inspect(name)["Mounts"] if mount.get("Name")]
    assert len(own) == 1
    assert set(own) <= before

    real.engine.remove_container(name)

    assert not set(own) & {volume.name for volume in real.engine.list_volumes({})}


def test_limits_are_enforced_where_the_engine_says_so(real: Bench) -> None:
    name = real.run(limits=Limits(cpus=0.5, memory_mb=64, pids=12))

    forks = real.engine.exec(name, ["sh", "-c", "for i in $(seq 30); do sleep 5 & done; wait"])
    memory = real.engine.exec(
        name, ["sh", "-c", "head -c 200000000 /dev/zero | tail -c 190000000 >/dev/null"]
    )

    enforced = real.engine.capabilities.resource_limits
    assert (b"fork" in forks.stderr) == enforced
    assert (memory.exit_code != 0) == enforced


def test_more_cpus_than_the_machine_has_are_refused_or_run(real: Bench) -> None:
    """Docker refuses, Podman does not care; neither may leave something half made."""
    spec = real.spec(limits=Limits(cpus=100_000))

    try:
        real.engine.ensure_container(spec)
    except EngineError as error:
        assert error.hint == "ask for fewer CPUs than this machine has"
        assert real.engine.find_container(spec.name) is None
    else:
        assert state(real, spec.name) is ContainerState.CREATED
