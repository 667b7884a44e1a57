"""The life of a pool: every promise of ``up``, ``status`` and ``down``, on real daemons."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from roost import Pool, contract
from roost.engines.protocol import ContainerState, Engine
from roost.errors import ConflictError, NotFoundError, RoostError
from roost.events import Event, Phase
from roost.pool.jobs.query import JobCounts
from roost.pool.status import NodeState
from roost.waiting import wait_for
from tests.e2e.conftest import READY_TIMEOUT_S

MakePool = Callable[..., Pool]


class StopHereError(Exception):
    """Stands for an interruption."""


def everything_of(engine: Engine, pool: str) -> list[str]:
    labels = {contract.LABEL_POOL: pool}
    found = [container.name for container in engine.list_containers(labels)]
    found += [network.name for network in engine.list_networks(labels)]
    return found + [volume.name for volume in engine.list_volumes(labels)]


def state_of(engine: Engine, name: str) -> ContainerState | None:
    container = engine.find_container(name)
    return container.state if container else None


def test_all_nodes_are_ready(pool: Pool) -> None:
    status = pool.status()
    assert status.ready
    assert [node.name for node in status.nodes] == [
        "master", "submit", "execute-1", "execute-2", "execute-3",
    ]  # fmt: skip
    assert status.slots == {"total": 3, "claimed": 0, "unclaimed": 3}
    assert len({node.version for node in status.nodes}) == 1


def test_up_again_changes_nothing(pool: Pool) -> None:
    result = pool.up(timeout_s=READY_TIMEOUT_S)
    assert not result.changed
    assert len(result.kept) == 5


def test_down_leaves_nothing(new_pool: MakePool, engine: Engine) -> None:
    pool = new_pool(executors=1)
    pool.up(timeout_s=READY_TIMEOUT_S)
    assert len(everything_of(engine, pool.name)) == 7
    assert pool.down().changed
    assert everything_of(engine, pool.name) == []
    assert not pool.down().changed


def test_pools_live_side_by_side(pool: Pool, new_pool: MakePool) -> None:
    other = new_pool(executors=1)
    other.up(timeout_s=READY_TIMEOUT_S)
    assert other.run(["echo", "other"]).stdout == "other\n"
    assert pool.run(["echo", "shared"]).stdout == "shared\n"
    assert {node.name for node in other.status().nodes} == {"master", "submit", "execute-1"}


@pytest.mark.parametrize("last_step", ["network", "containers", "ready"])
def test_an_interrupted_up_is_mended(new_pool: MakePool, engine: Engine, last_step: str) -> None:
    def interrupt(event: Event) -> None:
        if event.step == last_step and event.phase is not Phase.STARTED:
            raise StopHereError

    pool = new_pool(executors=2)
    with pytest.raises(StopHereError):
        Pool(pool.name, executors=2, suite=pool.spec.suite, engine=engine, report=interrupt).up()
    assert everything_of(engine, pool.name)
    pool.up(timeout_s=READY_TIMEOUT_S)
    assert pool.run(["echo", "mended"]).stdout == "mended\n"


def test_two_ups_at_once(new_pool: MakePool, engine: Engine) -> None:
    pool = new_pool(executors=2)
    twin = Pool(pool.name, executors=2, suite=pool.spec.suite, engine=engine)
    with ThreadPoolExecutor(2) as threads:
        for up in [threads.submit(p.up, timeout_s=READY_TIMEOUT_S) for p in (pool, twin)]:
            up.result()
    assert pool.status().ready
    assert len(pool.status().nodes) == 4


def busy_slots(pool: Pool) -> list[bytes]:
    """Those whose job runs: a claimed one may still wait for its job, and would lose it to a drain."""
    asked = ["condor_status", "-constraint", 'Activity == "Busy"', "-af", "Name"]
    return pool.exec("master", asked).stdout.split()


def test_fewer_executors_finish_their_jobs_first(new_pool: MakePool, engine: Engine) -> None:
    pool = new_pool(executors=2, memory_mb=512)
    pool.up(timeout_s=READY_TIMEOUT_S)
    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(pool.run, ["sh", "-c", "sleep 6; echo done"], count=2)
        wait_for("both jobs run", lambda: len(busy_slots(pool)) == 2 or None, timeout_s=60)
        # It is told nothing of how the pool was made.
        scaled = Pool(pool.name, engine=engine)
        assert scaled.scale(1, timeout_s=READY_TIMEOUT_S).removed == ("execute-2",)
        result = running.result()
    assert result.exit_code == 0
    assert result.stdout == "done\ndone\n"
    assert {one.host.partition("@")[2] for one in result.processes} == {
        f"{node}.{contract.trust_domain(pool.name)}" for node in ("execute-1", "execute-2")
    }, "each executor ran one, and the one that was removed ran it to its end"
    more = scaled.scale(2, timeout_s=READY_TIMEOUT_S)
    assert (more.created, more.kept) == (("execute-2",), ("master", "submit", "execute-1"))
    assert not scaled.up(timeout_s=READY_TIMEOUT_S).changed


def test_an_interrupted_drain_is_mended_and_costs_no_job(
    new_pool: MakePool, engine: Engine
) -> None:
    pool = new_pool(executors=2, memory_mb=512)
    pool.up(timeout_s=READY_TIMEOUT_S)
    environment = os.environ | {"ROOST_ENGINE": engine.name, "ROOST_POOL": pool.name}
    fewer = [str(Path(sys.executable).with_name("roost")), "scale", "1"]
    retiring = ["condor_status", "-constraint", 'Activity == "Retiring"', "-af", "Name"]
    with ThreadPoolExecutor(1) as thread:
        work = "until [ -e /tmp/over ]; do sleep 1; done; echo done"
        running = thread.submit(pool.run, ["sh", "-c", work], count=2)
        wait_for("both jobs run", lambda: len(busy_slots(pool)) == 2 or None, timeout_s=60)
        with subprocess.Popen(fewer, env=environment, stderr=subprocess.DEVNULL) as scale:
            wait_for(
                "it drains", lambda: pool.exec("master", retiring).stdout or None, timeout_s=60
            )
            scale.send_signal(signal.SIGINT)
            assert scale.wait(timeout=60) != 0
        assert not running.done(), "the interrupted command does not wait for the jobs"
        for node in ("execute-1", "execute-2"):
            pool.exec(node, ["touch", "/tmp/over"])
        assert running.result().stdout == "done\ndone\n"
    wait_for(
        "its startd has ended",
        lambda: pool.exec("execute-2", ["pidof", "condor_startd"]).exit_code or None,
        timeout_s=60,
    )
    assert not Pool(pool.name, engine=engine).scale(2, timeout_s=READY_TIMEOUT_S).changed
    result = pool.run(["sleep", "6"], count=2)
    assert {one.host.partition("@")[2].partition(".")[0] for one in result.processes} == {
        "execute-1",
        "execute-2",
    }


def test_changed_configuration_remakes_only_its_nodes_and_costs_no_job(
    new_pool: MakePool, engine: Engine, tmp_path: Path
) -> None:
    pool = new_pool(executors=1)
    pool.up(timeout_s=READY_TIMEOUT_S)
    file = tmp_path / "roost.toml"
    file.write_text(
        "version = 1\n[executors]\ncount = 1\n[htcondor.execute]\nconfig = 'MARK = \"new\"'\n"
    )
    changed = Pool(pool.name, file=file, suite=pool.spec.suite, engine=engine)
    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(pool.run, ["sh", "-c", "sleep 6; echo done"])
        wait_for("the job runs", lambda: busy_slots(pool) or None, timeout_s=60)
        assert changed.up(timeout_s=READY_TIMEOUT_S).recreated == ("execute-1",)
        assert running.result().stdout == "done\n"
    started = pool.exec("submit", ["condor_history", "-af", "NumJobStarts"])
    assert started.stdout.split() == [b"1"], "it ran to its end where it was"
    told = changed.exec("execute-1", ["condor_config_val", "MARK"])
    assert told.stdout.strip() == b'"new"'


def test_data_survive_a_down_that_keeps_them(new_pool: MakePool, engine: Engine) -> None:
    pool = new_pool(executors=1)
    pool.up(timeout_s=READY_TIMEOUT_S)
    pool.run(["true"])
    keys = pool.exec("master", ["ls", contract.KEYS_DIR]).stdout
    kept = pool.down(keep_data=True).kept_volumes
    assert f"{pool.name}-submit" in kept
    assert not engine.list_containers({contract.LABEL_POOL: pool.name})
    pool.up(timeout_s=READY_TIMEOUT_S)
    assert pool.exec("master", ["ls", contract.KEYS_DIR]).stdout == keys
    history = pool.exec("submit", ["condor_history", "-af", "ClusterId"])
    assert history.stdout.split() == [b"1"], "the queue's history is the same"


def test_the_death_of_condor_master_ends_the_node(new_pool: MakePool, engine: Engine) -> None:
    pool = new_pool(executors=1)
    pool.up(timeout_s=READY_TIMEOUT_S)
    name = f"{pool.name}-execute-1"
    before = engine.find_container(name)
    # A moment later: it ends the container, and with that the command which asks for it.
    kill = "(sleep 1; kill -9 $(pidof condor_master)) > /dev/null 2>&1 &"
    assert pool.exec("execute-1", ["sh", "-c", kill]).exit_code == 0

    def restarted() -> bool | None:
        now = engine.find_container(name)
        assert before and now
        return (now.state is ContainerState.RUNNING and now.started_at != before.started_at) or None

    wait_for("the engine started the node again", restarted, timeout_s=60)
    wait_for(
        "the pool is ready again", lambda: pool.status().ready or None, timeout_s=READY_TIMEOUT_S
    )
    assert pool.run(["echo", "back"]).stdout == "back\n"


def test_a_stopped_node_is_seen_and_started(
    new_pool: MakePool, engine: Engine, tmp_path: Path
) -> None:
    """Whoever waits for jobs goes on waiting meanwhile."""
    (tmp_path / "long.sub").write_text(
        "executable = /bin/sleep\ntransfer_executable = false\narguments = 10\nqueue\n"
    )
    counts: list[JobCounts] = []
    pool = new_pool(executors=1)
    pool.up(timeout_s=READY_TIMEOUT_S)
    (cluster,) = pool.submit("long.sub", cwd=tmp_path).clusters
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(pool.wait, cluster, on_progress=counts.append)
        wait_for("it is waited for", lambda: counts or None, timeout_s=60)
        engine.stop(f"{pool.name}-submit")
        states = {node.name: node.state for node in pool.status().nodes}
        assert states["submit"] is NodeState.STOPPED
        assert not pool.status().ready
        with pytest.raises(NotFoundError, match="not running"):
            pool.run(["true"])
        assert pool.up(timeout_s=READY_TIMEOUT_S).started == ("submit",)
        (job,) = waiting.result()
    assert (job.id, job.exit_code) == (f"{cluster}.0", 0)
    assert pool.run(["echo", "again"]).stdout == "again\n"


def test_a_schedd_that_is_off_is_told_in_words(new_pool: MakePool) -> None:
    pool = new_pool(executors=1)
    pool.up(timeout_s=READY_TIMEOUT_S)
    off = pool.exec("submit", ["condor_off", "-fast", "-daemon", "schedd"])
    assert off.exit_code == 0, off.stderr

    def refused() -> str | None:
        try:
            pool.jobs()
        except RoostError as error:
            return str(error)
        return None

    said = wait_for("the schedd is off", refused, timeout_s=60)
    assert "the schedd does not answer" in said
    assert "Traceback" not in said


@pytest.mark.one_engine
def test_a_schedd_that_the_node_left_off_comes_on_again(new_pool: MakePool) -> None:
    """As where the health process is killed between switching it off and on."""
    pool = new_pool(executors=1)
    pool.up(timeout_s=READY_TIMEOUT_S)
    left_off = f"""
    set -e; touch {contract.RUN_DIR}/held-off.schedd
    condor_off -fast -daemon schedd
    while pidof condor_schedd; do sleep 0.2; done
    until pkill -KILL -f '{contract.NODE_PROGRAM} [h]ealth'; do sleep 0.2; done
    """
    done = pool.exec("submit", ["sh", "-c", left_off])
    assert done.exit_code == 0, done
    wait_for(
        "the schedd is on again",
        lambda: pool.exec("submit", ["pidof", "condor_schedd"]).exit_code == 0 or None,
        timeout_s=90,
    )
    assert pool.run(["echo", "again"]).stdout == "again\n"


def test_a_name_that_belongs_to_somebody_else(new_pool: MakePool, pool: Pool) -> None:
    thief = new_pool(name=f"{pool.name}x", executors=1)
    engine = pool.engine
    plan = thief.plan()
    foreign = plan.master.container
    engine.ensure_network(plan.network, plan.labels)
    engine.ensure_container(
        type(foreign)(
            name=foreign.name, image=foreign.image, hostname="other", network=plan.network,
            labels={"owner": "somebody"},
        )
    )  # fmt: skip
    try:
        with pytest.raises(ConflictError, match=foreign.name):
            thief.up()
        assert state_of(engine, foreign.name) is ContainerState.CREATED, "left as it was"
    finally:
        engine.remove_container(foreign.name)


def test_what_is_not_there_is_named(pool: Pool, new_pool: MakePool) -> None:
    with pytest.raises(NotFoundError, match=r"no node 'execute-9'.*it has .*execute-1"):
        pool.exec("execute-9", ["true"])
    with pytest.raises(NotFoundError, match=rf"there are: .*{pool.name}"):
        new_pool().status()
