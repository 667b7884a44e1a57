"""The life of tokens and keys, under a load of many running jobs: rotated, renewed, revoked, let in again.

The tests go on from each other, on one pool: standing up the jobs is what takes the time.
``ROOST_TEST_TOKEN_JOBS`` sets how many.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import PurePosixPath

import pytest

from roost import Pool, contract
from roost.contract import Role
from roost.engines.protocol import ContainerSpec, ContainerState, Engine, File
from roost.errors import RoostError
from roost.node.tokens.claims import Claims, read_claims
from roost.plan.roles import TRAITS
from roost.pool.tokens import TokenState
from roost.waiting import wait_for
from tests.e2e.conftest import READY_TIMEOUT_S, SUITE
from tests.e2e.sickness import Patient, changed

JOBS = int(os.environ.get("ROOST_TEST_TOKEN_JOBS", "40"))
SLOTS = JOBS // 2
"""Of each executor; far more than the host has cores, for jobs that sleep."""
LIFETIME_S = 1200
SHORT_S = 240
"""Of the token that is renewed while the other tests run: a third of it is left for that."""
TIMEOUT_S = 600.0
"""The machine may be busy with more than this."""
DAY_S = 86_400


def pool_file() -> str:
    accounts = "\n".join(
        f"SLOT1_{n}_USER = {contract.slot_account(n)}" for n in range(1, SLOTS + 1)
    )
    return f"""\
version = 1
[executors]
count = 2
memory = "3GB"
[htcondor.master]
config = "SEC_ISSUED_TOKEN_EXPIRATION = {LIFETIME_S}"
[htcondor.execute]
config = \"\"\"
NUM_CPUS = {SLOTS}
# Rounded up to 128 MB otherwise.
MODIFY_REQUEST_EXPR_REQUESTMEMORY = RequestMemory
{accounts}
\"\"\"
"""


@pytest.fixture(scope="module")
def patient(first_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Patient]:
    file = tmp_path_factory.mktemp("tokens") / "roost.toml"
    file.write_text(pool_file())
    name = f"rt-{os.getpid()}-77"
    pool = Pool(name, file=file, suite=SUITE.value, engine=first_engine)
    try:
        pool.up(timeout_s=READY_TIMEOUT_S)
        yield Patient(pool)
    finally:
        pool.down()


@pytest.fixture(scope="module")
def loaded(patient: Patient) -> Patient:
    """With jobs that run."""
    patient.submit("arguments = 7200", "request_memory = 1", "request_disk = 1", count=JOBS)
    wait_for("all jobs run", lambda: len(running(patient)) == JOBS or None, timeout_s=TIMEOUT_S)
    return patient


def running(patient: Patient) -> dict[str, tuple[str, ...]]:
    """Each running job: where, since when, and how often it was started. NumJobStarts is no such thing:
    the shadow tells it a quarter of an hour later."""
    told = patient.do(
        "submit", "condor_q", "-allusers", "-constraint", "JobStatus == 2", "-af:j",
        "RemoteHost", "JobStartDate", "JobCurrentStartDate", "NumShadowStarts",
    )  # fmt: skip
    return {job: tuple(rest) for job, *rest in map(str.split, told.splitlines())}


def claims_of(patient: Patient, node: str) -> Claims:
    return read_claims(patient.do(node, "cat", contract.TOKEN_FILE))


def may_log_in(patient: Patient, node: str, token: str | None = None) -> bool:
    """Whether the collector grants the node its role's rights, with its own token or with another."""
    directory = contract.TOKENS_DIR
    if token is not None:
        directory = f"{contract.TOKENS_DIR}/.other"
        below = directory.removeprefix(f"{contract.STATE_DIR}/")
        files = [File(below, None, 0o700), File(f"{below}/token", token.encode(), 0o600)]
        patient.engine.put_files(patient.container(node), contract.STATE_DIR, files)
    ping = "condor_ping -quiet -type COLLECTOR ADVERTISE_STARTD READ"
    script = f"_CONDOR_SEC_TOKEN_DIRECTORY={directory} {ping}"
    return patient.pool.exec(node, ["sh", "-c", script]).exit_code == 0


def is_told(patient: Patient, node: str, pattern: str) -> None:
    """Wait for a line of the node's output."""

    def told() -> bool | None:
        with closing(patient.engine.logs(patient.container(node))) as lines:
            return any(re.search(pattern.encode(), line) for line in lines) or None

    wait_for(f"{node} says {pattern}", told, timeout_s=60)


def state_of(patient: Patient, node: str) -> TokenState:
    return next(one.state for one in patient.pool.tokens() if one.node == node)


def machines(patient: Patient) -> set[str]:
    """Nodes that the collector has any ad of."""
    told = patient.do("master", "condor_status", "-any", "-af", "Machine")
    return {contract.node_of_machine(machine) for machine in told.split()}


def test_tokens_live_as_long_as_the_operator_says(patient: Patient) -> None:
    for node in ("submit", "execute-1", "execute-2"):
        claims = claims_of(patient, node)
        assert claims.issued is not None
        assert claims.expires == claims.issued + LIFETIME_S
        assert state_of(patient, node) is TokenState.VALID


def test_a_rotation_under_load_loses_and_restarts_no_job(loaded: Patient) -> None:
    old_key, old_token = (
        claims_of(loaded, "execute-1").key,
        loaded.do("execute-1", "cat", contract.TOKEN_FILE),
    )
    assert may_log_in(loaded, "execute-1", old_token)
    before = running(loaded)
    assert len(before) == JOBS
    result = loaded.pool.rotate_key()
    assert result.deleted == (old_key,)
    assert sorted(result.reissued) == ["execute-1", "execute-2", "submit"]
    keys = loaded.do("master", "ls", contract.KEYS_DIR).split()
    assert keys == [result.key] != [old_key]
    assert {claims_of(loaded, node).key for node in result.reissued} == {result.key}
    assert not may_log_in(loaded, "execute-1", old_token), "the old key is taken no more"
    assert may_log_in(loaded, "execute-1")
    assert running(loaded) == before, "the same jobs, on the same slots, since the same moment"
    log = loaded.do(
        "submit", "cat", f"{contract.LOG_DIR}/SchedLog", f"{contract.LOG_DIR}/ShadowLog"
    )
    assert "evicted" not in log
    assert loaded.pool.status().ready


def test_a_node_renews_its_token_without_a_restart(loaded: Patient) -> None:
    """By itself, on time: its health process sees to it, and the master's approves."""
    authorizations = contract.ROLE_AUTHORIZATIONS[Role.EXECUTE]
    bounds = [word for name in authorizations for word in ("-authz", name)]
    short = loaded.token("execute-2", "-lifetime", str(SHORT_S), *bounds)
    loaded.put("execute-2", contract.TOKEN_FILE, short, 0o600)
    daemons = loaded.processes("execute-2", "condor_startd")
    before, jobs = read_claims(short), running(loaded)
    assert before.expires is not None

    def renewed() -> Claims | None:
        now = claims_of(loaded, "execute-2")
        return now if now.issued != before.issued else None

    after = wait_for("execute-2 renews its token", renewed, timeout_s=SHORT_S + 60)
    assert after.issued is not None
    assert after.expires == after.issued + LIFETIME_S
    assert after.issued < before.expires, "while the old one was good"
    scope = loaded.do("execute-2", "condor_token_list")
    assert all(name in scope.replace("\\/", "/") for name in authorizations)
    mode = loaded.do("execute-2", "stat", "-c", "%a %U", contract.TOKEN_FILE)
    assert mode.strip() == "600 root"
    assert loaded.processes("execute-2", "condor_startd") == daemons
    assert running(loaded) == jobs
    issued = loaded.do("master", "cat", contract.ISSUED_FILE)
    assert contract.node_identity("execute-2", loaded.pool.name) in issued


def test_a_revoked_node_is_out_at_once_and_stays_out(loaded: Patient) -> None:
    """Over its live sessions too, and after a restart of the master."""
    token = loaded.do("execute-1", "cat", contract.TOKEN_FILE)
    identity = contract.node_identity("execute-1", loaded.pool.name)
    jobs = running(loaded)
    theirs = {job for job, (host, *_) in jobs.items() if host.endswith("@" + machine_of(loaded))}
    assert len(theirs) == SLOTS
    assert "execute-1" in machines(loaded)
    assert may_log_in(loaded, "execute-1")
    result = loaded.pool.revoke("execute-1")
    assert result.released == len(theirs)
    assert "execute-1" not in machines(loaded)
    assert not may_log_in(loaded, "execute-1")
    address = re.escape(loaded.address("execute-1"))
    for why in (
        rf"User token with payload .*{re.escape(identity)}.* has been revoked",
        rf"authentication of {address} failed|authentication of <{address}:",
    ):
        is_told(loaded, "master", why)
    assert running(loaded) == {job: it for job, it in jobs.items() if job not in theirs}
    idle = loaded.do(
        "submit", "condor_q", "-allusers", "-constraint", "JobStatus == 1", "-af:j", "ProcId"
    )
    assert {line.split()[0] for line in idle.splitlines()} == theirs, "back in the queue"

    def denied() -> bool | None:
        log = loaded.do("master", "cat", f"{contract.LOG_DIR}/CollectorLog")
        told = f"PERMISSION DENIED to {identity} from host {loaded.address('execute-1')}"
        return told in log or None

    wait_for("its startd goes on over its session, and is denied", denied, timeout_s=60)
    assert "execute-1" not in machines(loaded)
    assert state_of(loaded, "execute-1") is TokenState.REVOKED
    with pytest.raises(RoostError, match=r"execute-1 of pool .* is revoked"):
        loaded.pool.up(timeout_s=READY_TIMEOUT_S)

    loaded.engine.stop(loaded.container("master"))
    loaded.engine.start(loaded.container("master"))
    asked = ["condor_status", "-any", "-af", "Machine"]

    def known() -> bool | None:
        """Also of a collector that is not there yet."""
        return b"execute-2." in loaded.pool.exec("master", asked).stdout or None

    wait_for("execute-2 is known again", known, timeout_s=90)
    assert not may_log_in(loaded, "execute-1", token)
    assert "execute-1" not in machines(loaded)


def test_a_node_is_let_in_again_with_a_new_token_alone(loaded: Patient) -> None:
    old = loaded.do("execute-1", "cat", contract.TOKEN_FILE)
    assert loaded.pool.readmit("execute-1")
    assert not may_log_in(loaded, "execute-1", old)
    assert may_log_in(loaded, "execute-1")
    assert "execute-1" in machines(loaded)
    assert state_of(loaded, "execute-1") is TokenState.VALID
    wait_for(
        "all jobs run again", lambda: len(running(loaded)) == JOBS or None, timeout_s=TIMEOUT_S
    )


def machine_of(patient: Patient) -> str:
    return contract.node_hostname("execute-1", patient.pool.name)


@pytest.mark.parametrize(
    ("length", "mode", "said"),
    [
        (None, 0o644, "with mode 0o644: it must belong to uid 0 with mode 0600"),
        (100, 0o600, "is no token: it is damaged or cut short"),
    ],
    ids=["mode", "truncated"],
)
def test_a_node_with_a_bad_token_file_says_so_and_stops(
    loaded: Patient, length: int | None, mode: int, said: str
) -> None:
    """As it starts: one line of error, exit code 1, and nothing of the pool changes."""
    check_boot(loaded, claims_text(loaded)[:length], said, mode=mode)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"iss": "other.pool"}, "was issued by 'other.pool'"),
        ({"iat": DAY_S}, "is issued only in 24 h: this clock is slow"),
        ({"iat": -2 * DAY_S, "exp": -DAY_S}, "expired 24 h ago: get a new one"),
    ],
    ids=["another pool's", "from the future", "expired"],
)
def test_a_node_with_a_token_that_cannot_be_good_says_so_and_stops(
    loaded: Patient, changes: dict[str, str | int], said: str
) -> None:
    check_boot(loaded, changed(claims_text(loaded), changes), said)


def claims_text(patient: Patient) -> str:
    return patient.do("execute-2", "cat", contract.TOKEN_FILE)


def check_boot(patient: Patient, token: str, said: str, *, mode: int = 0o600) -> None:
    """A start of execute-2 with that credential, in another container, ends with that, and the pool stays as
    it is."""
    before = machines(patient)
    engine = patient.engine
    real = engine.inspect(patient.container("execute-2"))
    again = ContainerSpec(
        name=f"{patient.container('execute-2')}-again",
        image=real["Image"],
        hostname="again",
        network=real["HostConfig"]["NetworkMode"],
        environment=dict(one.split("=", 1) for one in real["Config"]["Env"]),
        capabilities=TRAITS[Role.EXECUTE].capabilities,
        restart=False,
    )
    engine.ensure_container(again)
    try:
        place = str(PurePosixPath(contract.TOKEN_FILE).relative_to(contract.STATE_DIR))
        engine.put_files(again.name, contract.STATE_DIR, [File(place, token.encode(), mode)])
        engine.start(again.name)

        def ended() -> bool | None:
            found = engine.find_container(again.name)
            return (found is not None and found.state is ContainerState.EXITED) or None

        wait_for("the node ends", ended, timeout_s=TIMEOUT_S)
        assert engine.inspect(again.name)["State"]["ExitCode"] == 1
        told = b"\n".join(engine.logs(again.name)).decode()
    finally:
        engine.remove_container(again.name)
    assert said in told.strip().splitlines()[-1]
    assert "Traceback" not in told
    assert machines(patient) == before
