"""``roost doctor`` on every engine: nothing wrong with a pool that is well, and broken containers."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from roost import Pool, contract
from roost.contract import Role
from roost.engines.probe import Standing, look_at
from roost.engines.protocol import ContainerSpec
from roost.plan.names import node_labels
from roost.pool.doctor import Cause, Severity
from roost.waiting import wait_for
from tests.e2e.conftest import READY_TIMEOUT_S, RoostCli
from tests.e2e.sickness import Patient, on_host


def test_nothing_is_wrong_with_a_busy_pool(pool: Pool, roost_cli: RoostCli) -> None:
    """More jobs than slots, and the same again: those that wait do so with good reason."""
    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(pool.run, ["sleep", "8"], count=6)
        wait_for("they run", lambda: pool.status().jobs["running"] or None, timeout_s=60)
        diagnosis = pool.doctor()
        running.result()
    assert {finding.severity for finding in diagnosis.findings} <= {Severity.INFO}
    assert sum(diagnosis.jobs.values()) > 0
    done = roost_cli("doctor")
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith(b"5 nodes, 0 jobs: nothing is wrong")
    told = json.loads(roost_cli("doctor", "--json").stdout)
    assert told["healthy"]
    assert told["findings"] == []
    assert len(told["nodes"]) == 5


def test_containers_that_do_not_run(new_pool: Callable[..., Pool]) -> None:
    pool = new_pool(executors=2)
    pool.up(timeout_s=READY_TIMEOUT_S)
    patient = Patient(pool)
    patient.pause("execute-1")
    mend = patient.sees(Cause.CONTAINER_PAUSED, "execute-1").mend
    assert mend == f"`{pool.engine.name} unpause {patient.container('execute-1')}`"
    patient.engine_cli("unpause", patient.container("execute-1"))

    # A moment later: it ends the container, and with that the command which asks for it.
    kill = "(sleep 1; kill -9 $(pidof condor_master)) > /dev/null 2>&1 &"
    patient.shell("execute-2", f"rm {contract.TOKEN_FILE}; {kill}")
    patient.sees(Cause.TOKEN_MISSING, "execute-2")  # it asks to join, and nobody lets it in

    with_bad_log = f"echo 'LOG = /nonexistent' >> {contract.EXTRA_CONFIG_DIR}/pool.config"
    patient.shell("execute-1", f"{with_bad_log}; {kill}")
    finding = patient.sees(Cause.CONTAINER_RESTARTING, "execute-1")
    assert "its last words:" in finding.seen

    pool.engine.stop(patient.container("submit"))
    finding = patient.sees(Cause.CONTAINER_STOPPED, "submit")
    assert finding.mend == f"`roost up --pool {pool.name}`"

    for node in ("execute-1", "execute-2"):
        pool.engine.stop(patient.container(node))
    pool.up(timeout_s=READY_TIMEOUT_S)
    patient.is_well()

    pool.engine.remove_container(patient.container("submit"))
    assert "role submit" in patient.sees(Cause.ROLE_MISSING).seen


@pytest.fixture
def small_docker() -> Iterator[str]:
    """A Docker daemon of its own, on a disk of 64 MB; the URL of its socket.

    It has a network of its own too: a daemon without a bridge removes ``docker0`` wherever it is.
    """
    with TemporaryDirectory(prefix="rt-") as directory:  # the path of a socket has to be short
        yield from _small_docker(Path(directory))


def _small_docker(directory: Path) -> Iterator[str]:
    disk, run = directory / "disk", directory / "run"
    disk.mkdir()
    run.mkdir()
    socket = run / "docker.sock"
    on_host("mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(disk))
    argv = [
        "unshare",
        "--net",
        "dockerd",
        "--host",
        f"unix://{socket}",
        "--data-root",
        str(disk),
        "--bridge",
        "none",
    ]
    argv += ["--exec-root", str(run / "exec"), "--pidfile", str(run / "pid"), "--iptables=false"]
    argv += ["--storage-driver", "vfs"]
    path = f"{os.environ['PATH']}:/usr/sbin:/sbin"
    with (run / "log").open("wb") as log:
        daemon = subprocess.Popen(argv, stdout=log, stderr=log, env={**os.environ, "PATH": path})
    try:
        url = f"unix://{socket}"
        wait_for(
            "dockerd answers",
            lambda: look_at(url).standing is Standing.ANSWERS or None,
            timeout_s=60,
            last_seen=(run / "log").read_text,
        )
        yield url
    finally:
        daemon.terminate()
        daemon.wait(timeout=30)
        on_host("umount", "--recursive", "--lazy", str(disk))


@pytest.mark.engine
def test_a_full_disk_of_the_engine(small_docker: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", small_docker)
    pool = Pool("rt-small", engine="docker")
    engine = pool.engine
    disk = Path(engine.info().root_dir)
    image = disk.parent / "image.tar"
    on_host("tar", "--create", "--file", str(image), "--directory", "/etc", "hostname")
    engine.import_image(image, "empty", {}, {"CMD": '["/none"]'})
    labels = node_labels("rt-small", "master", Role.MASTER)
    engine.ensure_container(ContainerSpec("rt-small-master", "empty", "h", "none", labels))
    assert shutil.disk_usage(disk).total < 2**27
    findings = {finding.cause: finding for finding in pool.doctor().findings}
    assert str(disk) in findings[Cause.ENGINE_DISK_FULL].seen
    assert findings[Cause.CONTAINER_STOPPED].nodes == ("master",)
    pool.close()
