"""One pool, made ill in turn: each cause is created for real, named by ``roost doctor``, and mended.

What HTCondor and the network do is the same on every engine, so this is one pool on the first of them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from signal import Signals

import pytest

from roost import Pool, contract
from roost.engines.detect import open_engine
from roost.images import ensure_derived, ensure_images
from roost.pool.doctor import Cause
from roost.spec import Suite
from roost.waiting import wait_for
from tests.e2e.conftest import ENGINES, READY_TIMEOUT_S, SUITE
from tests.e2e.sickness import SEEN_TIMEOUT_S, Patient, changed, find

POOL_FILE = f"""
version = 1
suite = "{SUITE}"

[executors]
count = 1
memory = "256MB"

[software]
apt = ["libfaketime"]

[htcondor]
config = '''
MASTER_BACKOFF_CONSTANT = 1
MASTER_NEW_BINARY_DELAY = 1
UPDATE_INTERVAL = 5
'''
[htcondor.master]
config = '''
LICENSE_LIMIT = 0
GROUP_NAMES = group_small
GROUP_QUOTA_group_small = 0
GROUP_ACCEPT_SURPLUS = False
'''
"""

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Patient]:
    engine = open_engine(ENGINES[0], os.environ)
    file = tmp_path_factory.mktemp("doctor") / "roost.toml"
    file.write_text(POOL_FILE)
    pool = Pool(f"rt-{os.getpid()}-900", file=file, engine=engine)
    try:
        # A mirror's copy of a testing release can be past its date; that is the mirror's affair.
        expired = SUITE is not Suite.TRIXIE
        images = ensure_images(engine, SUITE, allow_expired_release=expired)
        ensure_derived(engine, images, apt=pool.spec.apt, allow_expired_release=expired)
        pool.up(timeout_s=READY_TIMEOUT_S)
        yield Patient(pool)
    finally:
        pool.down()
        engine.close()


@pytest.fixture(autouse=True)
def well_again(patient: Patient) -> Iterator[None]:
    """Every test leaves a pool behind that nothing is wrong with: no cause is seen where it is not."""
    yield
    patient.is_well()


# resources


def test_clock_skew(patient: Patient) -> None:
    library = patient.shell("execute-1", "ls /usr/lib/*/faketime/libfaketime.so.1").strip()
    with patient.writable_root("execute-1"):
        patient.shell(
            "execute-1", f"echo +2h > /etc/faketimerc; echo {library} > /etc/ld.so.preload"
        )
        try:
            seen = patient.sees(Cause.CLOCK_SKEW, "execute-1").seen
        finally:
            patient.do("execute-1", "rm", "/etc/ld.so.preload", "/etc/faketimerc")
    assert seen == "it is 120 min ahead of this host"


def test_full_disk(patient: Patient) -> None:
    """``/dev/shm`` is the one small file system that can be filled and nobody misses."""
    with patient.configured("execute-1", "EXECUTE = /dev/shm"):
        patient.shell("execute-1", "cat /dev/zero > /dev/shm/filler 2> /dev/null || true")
        try:
            seen = patient.sees(Cause.DISK_FULL, "execute-1").seen
        finally:
            patient.do("execute-1", "rm", "/dev/shm/filler")
    assert seen.startswith("0 bytes of ")
    assert "at /dev/shm" in seen


def test_processes_nearly_used_up(patient: Patient) -> None:
    patient.engine_cli("update", "--pids-limit", "400", patient.container("execute-1"))
    sleep = "for n in $(seq 360); do sleep 600 > /dev/null 2>&1 & echo $!; done"
    sleeping = patient.shell("execute-1", sleep).split()
    try:
        seen = patient.sees(Cause.PROCESSES_LIMIT, "execute-1").seen
    finally:
        patient.shell("execute-1", f"kill {' '.join(sleeping)}")
        patient.engine_cli("update", "--pids-limit", "8192", patient.container("execute-1"))
    assert "of 400 processes" in seen


def test_files_nearly_used_up(patient: Patient) -> None:
    """A daemon of HTCondor's that nothing depends on begins with files that it did not open.

    It is told whom to watch: by itself it takes the shell that started it, and ends where that has ended.
    """
    open_files = 'ulimit -n 110; for n in $(seq 10 105); do eval "exec $n< /dev/null"; done'
    watch = "-P $(pidof -s condor_master)"
    daemon = f"condor_procd {watch} -A /tmp/spare -L /dev/null > /dev/null 2>&1 & echo $!"
    pid = patient.do("execute-1", "bash", "-c", f"{open_files}; {daemon}").strip()
    try:
        seen = patient.sees(Cause.FILES_LIMIT, "execute-1").seen
    finally:
        patient.do("execute-1", "kill", pid)
    assert "condor_procd has" in seen
    assert "of 110 open files" in seen


def test_inotify_nearly_used_up(patient: Patient) -> None:
    program = (
        "import ctypes, time\n"
        "libc = ctypes.CDLL(None)\n"
        "while libc.inotify_init1(0) >= 0: pass\n"
        "open('/tmp/full', 'w').close()\n"
        "time.sleep(600)\n"
    )
    patient.shell("submit", f'nohup python3 -c "{program}" > /dev/null 2>&1 & echo $! > /tmp/pid')
    try:
        seen = patient.sees(Cause.INOTIFY_LIMIT, "submit").seen
    finally:
        patient.shell("submit", "kill $(cat /tmp/pid); rm /tmp/pid")
    assert "inotify instances" in seen


# network


def test_a_name_that_does_not_resolve(patient: Patient) -> None:
    network, container = f"{patient.pool.name}-net", patient.container("execute-1")
    patient.engine_cli("network", "disconnect", network, container)
    finding = patient.sees(Cause.NAME_UNRESOLVED, "execute-1")
    assert f"network connect {network} {container}" in finding.mend
    patient.engine_cli("network", "connect", network, container)


def test_no_route(patient: Patient) -> None:
    master = patient.address("master")
    patient.in_network_of("execute-1", "ip", "route", "add", "unreachable", f"{master}/32")
    try:
        seen = patient.sees(Cause.NO_ROUTE, "execute-1").seen
    finally:
        patient.in_network_of("execute-1", "ip", "route", "del", "unreachable", f"{master}/32")
    assert seen == f"{patient.container('master')}:9618: No route to host ({master})"


@pytest.mark.parametrize("how", ["DROP", "REJECT"])
def test_a_blocked_port(patient: Patient, how: str) -> None:
    rule = ["INPUT", "-s", patient.address("execute-1"), "-p", "tcp", "--dport", "9618", "-j", how]
    rule += ["--reject-with", "tcp-reset"] if how == "REJECT" else []
    patient.in_network_of("master", "iptables", "-I", *rule)
    try:
        finding = patient.sees(Cause.PORT_BLOCKED, "execute-1")
    finally:
        patient.in_network_of("master", "iptables", "-D", *rule)
    assert ("within 3 s" if how == "DROP" else "refused") in finding.seen
    assert "port 9618" in finding.mend


# credentials


def test_a_missing_token(patient: Patient) -> None:
    with patient.holding_token("execute-1", None):
        mend = patient.sees(Cause.TOKEN_MISSING, "execute-1").mend
    assert f"stop {patient.container('execute-1')} && roost up --pool {patient.pool.name}" in mend


def test_a_damaged_token(patient: Patient) -> None:
    with patient.holding_token("execute-1", "nonsense"):
        patient.sees(Cause.TOKEN_UNREADABLE, "execute-1")


def test_an_expired_token(patient: Patient) -> None:
    with patient.holding_token("execute-1", patient.token("execute-1", "-lifetime 1")):
        assert "it expired" in patient.sees(Cause.TOKEN_EXPIRED, "execute-1").seen


def test_a_token_that_expires_soon(patient: Patient) -> None:
    token = patient.do("execute-1", "cat", contract.TOKEN_FILE)
    late = changed(token, {"iat": 3600 - contract.TOKEN_LIFETIME_S, "exp": 3600})
    with patient.holding_token("execute-1", late):
        assert patient.sees(Cause.TOKEN_EXPIRES_SOON, "execute-1").seen == "it expires in 60 min"


def test_a_token_that_is_too_narrow(patient: Patient) -> None:
    with patient.holding_token("execute-1", patient.token("execute-1", "-authz READ")):
        seen = patient.sees(Cause.TOKEN_TOO_NARROW, "execute-1").seen
    assert seen == "it lacks ADVERTISE_MASTER, ADVERTISE_STARTD"


def test_a_token_of_another_trust_domain(patient: Patient) -> None:
    token = patient.token("execute-1", script="_CONDOR_TRUST_DOMAIN=other.pool {}")
    with patient.holding_token("execute-1", token):
        seen = patient.sees(Cause.TOKEN_OTHER_POOL, "execute-1").seen
    assert "issued by other.pool" in seen


def test_a_token_of_a_key_that_is_gone(patient: Patient) -> None:
    key = f"{contract.KEYS_DIR}/key-gone"
    patient.shell("master", f"umask 077 && head -c 64 /dev/urandom > {key}")
    token = patient.token("execute-1", "-key key-gone")
    patient.do("master", "rm", key)
    with patient.holding_token("execute-1", token):
        assert "key-gone" in patient.sees(Cause.TOKEN_UNKNOWN_KEY, "execute-1").seen


def test_a_forged_token(patient: Patient) -> None:
    token = patient.do("execute-1", "cat", contract.TOKEN_FILE).strip()
    with patient.holding_token("execute-1", f"{token[:-6]}AAAAAA"):
        finding = patient.sees(Cause.MASTER_REFUSES, "execute-1")
    assert "Failed to authenticate" in finding.seen
    assert "CollectorLog" in finding.mend


# daemons


def test_a_daemon_that_ends_again_and_again(patient: Patient) -> None:
    reread = ("condor_reconfig", "-daemon", "master")
    with patient.configured("submit", "SCHEDD = /bin/false", *reread):
        patient.signal("submit", "condor_schedd", Signals.SIGKILL)
        finding = patient.sees(Cause.DAEMON_RESTARTING, "submit")
    assert "SCHEDD has ended" in finding.seen
    assert "exited with status 1" in finding.seen
    assert "condor_restart -daemon schedd" in finding.mend


@pytest.mark.parametrize(("node", "daemon"), [("submit", "schedd"), ("master", "negotiator")])
def test_a_daemon_that_is_off(patient: Patient, node: str, daemon: str) -> None:
    patient.do(node, "condor_off", "-fast", "-daemon", daemon)
    finding = patient.sees(Cause.DAEMON_DOWN, node)
    assert finding.seen.startswith(f"{daemon.upper()} does not run")
    assert find(patient.pool.doctor(), Cause.NODE_UNKNOWN, node) is None, "that is a consequence"
    patient.do(node, "condor_on", "-daemon", daemon)


@pytest.mark.parametrize(
    ("node", "program", "cause"),
    [
        ("master", "condor_negotiator", Cause.NEGOTIATOR_STUCK),
        ("master", "condor_collector", Cause.COLLECTOR_SILENT),
        ("submit", "condor_schedd", Cause.SCHEDD_SILENT),
    ],
)
def test_a_daemon_that_hangs(patient: Patient, node: str, program: str, cause: Cause) -> None:
    try:
        patient.signal(node, program, Signals.SIGSTOP)
        patient.sees(cause, node)
    finally:
        patient.signal(node, program, Signals.SIGCONT)


# ads and configuration


def test_start_is_false(patient: Patient) -> None:
    with patient.configured("execute-1", "START = False", "condor_reconfig"):
        patient.sees(Cause.STARTS_NOTHING, "execute-1")
        with patient.jobs("arguments = 1") as job:
            patient.sees(Cause.SLOTS_REFUSE, f"{job}.0")


def test_draining(patient: Patient) -> None:
    slot = f"slot1@{contract.node_hostname('execute-1', patient.pool.name)}"
    patient.do("master", "condor_drain", slot)
    mend = patient.sees(Cause.DRAINING, "execute-1").mend
    assert f"condor_drain -cancel {slot}" in mend
    patient.do("master", "condor_drain", "-cancel", slot)


def advertise(patient: Patient, command: str, *lines: str) -> None:
    """As the master, which alone may advertise for others."""
    patient.put("master", "/tmp/ad", "\n".join(lines) + "\n")
    patient.do("master", "condor_advertise", command, "/tmp/ad")


def test_strange_ads(patient: Patient) -> None:
    """Of an executor that is elsewhere, and of the one that is here, from another address."""
    version = patient.pool.status().nodes[0].version
    for node, release in (("execute-9", "99.1.0"), ("execute-1", version)):
        machine = contract.node_hostname(node, patient.pool.name)
        advertise(
            patient,
            "UPDATE_STARTD_AD",
            'MyType = "Machine"',
            f'Name = "slot9@{machine}"',
            f'Machine = "{machine}"',
            'MyAddress = "<192.0.2.9:9618>"',
            f'CondorVersion = "$CondorVersion: {release} 2026-01-01 $"',
        )
    patient.sees(Cause.FOREIGN_AD, "execute-9")
    assert "99.1.0 on execute-9" in patient.sees(Cause.VERSIONS_DIFFER, "execute-9").seen
    assert "192.0.2.9" in patient.sees(Cause.DUPLICATE_AD, "execute-1").seen
    ours = 'Requirements = MyAddress == "<192.0.2.9:9618>"'
    advertise(patient, "INVALIDATE_STARTD_ADS", 'MyType = "Query"', 'TargetType = "Machine"', ours)


def test_doubtful_settings(patient: Patient) -> None:
    with patient.configured("submit", "MAX_JOBS_RUNING = 1\nSEC_TOKEN_FETCH = 1\nMY_OWN = 2"):
        assert "it has MAX_JOBS_RUNNING" in patient.sees(Cause.KNOB_UNKNOWN, "submit").seen
        assert "SEC_TOKEN_FETCH is set" in patient.sees(Cause.KNOB_SENSITIVE, "submit").seen


def test_a_configuration_that_htcondor_refuses(patient: Patient) -> None:
    with patient.configured("submit", "use NOSUCH : thing"):
        assert "NOSUCH" in patient.sees(Cause.CONFIG_BROKEN, "submit").seen


# jobs


def test_no_slot_matches(patient: Patient) -> None:
    with patient.jobs("arguments = 1", "request_memory = 900GB") as job:
        finding = patient.sees(Cause.NO_SLOT_MATCHES, f"{job}.0")
    assert "RequestMemory = 921600" in finding.seen
    assert "they have Memory = 256" in finding.seen
    assert "OpSys" not in finding.seen, "what is fulfilled is not worth telling"


def test_a_held_job(patient: Patient) -> None:
    with patient.jobs(
        "arguments = 1", "input = /no/such/file", "should_transfer_files = yes"
    ) as job:
        finding = patient.sees(Cause.JOB_HELD, f"{job}.0")
        assert "/no/such/file" in finding.seen
        assert f"condor_release {job}.0" in finding.mend
        patient.do("submit", "condor_release", f"{job}.0")
        # Nothing has been mended: it is tried again, and comes to its end.
        again = ("condor_q", f"{job}.0", "-af", "NumShadowStarts > 1 && JobStatus == 5")
        wait_for(
            "it is on hold again",
            lambda: patient.do("submit", *again).strip() == "true" or None,
            timeout_s=SEEN_TIMEOUT_S,
        )


def test_a_concurrency_limit(patient: Patient) -> None:
    with patient.jobs("arguments = 1", "concurrency_limits = license") as job:
        seen = patient.sees(Cause.CONCURRENCY_LIMIT, f"{job}.0").seen
    assert "license" in seen.lower()


def test_a_quota(patient: Patient) -> None:
    group = ("accounting_group = group_small", "accounting_group_user = ann")
    with patient.jobs("arguments = 1", *group) as job:
        assert "group_small" in patient.sees(Cause.GROUP_QUOTA, f"{job}.0").seen


def test_too_many_running(patient: Patient) -> None:
    limit = "MAX_JOBS_RUNNING = 1"
    with (
        patient.configured("submit", limit, "condor_reconfig"),
        patient.jobs("arguments = 600", count=2),
    ):
        assert "MAX_JOBS_RUNNING is 1" in patient.sees(Cause.TOO_MANY_RUNNING, "submit").seen


def test_waiting_for_others(patient: Patient) -> None:
    """Nothing is wrong with it: the only slot is busy, with one's own job or with somebody else's."""
    with patient.jobs("arguments = 600", "accounting_group_user = ann"):
        patient.sees_running(1)
        with patient.jobs("arguments = 1", "accounting_group_user = ann") as own:
            patient.sees(Cause.SLOTS_BUSY, f"{own}.0")
        with patient.jobs("arguments = 1", "accounting_group_user = bob") as other:
            finding = patient.sees(Cause.USER_PRIORITY, f"{other}.0")
            assert f"the slots of ann@{contract.trust_domain(patient.pool.name)}" in finding.seen
            assert patient.pool.doctor().healthy
    patient.sees_running(0)


def test_nothing_answers_and_nothing_is_there(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    (finding,) = Pool("rt-none", engine=patient.engine).doctor().findings
    assert finding.cause is Cause.NO_POOL
    assert patient.pool.name in finding.mend
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    (finding,) = Pool("rt-none", engine="docker").doctor().findings
    assert finding.cause is Cause.ENGINE_UNREACHABLE
    assert not Path("/nowhere").exists()
