"""From inside a job, everything that is not its own is out of reach, and it leaves nothing behind.

Each probe first succeeds as somebody who may: root of the node, or the account of the other job, which is
what every job is where they all run as nobody.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from roost import Pool, contract
from roost.engines.detect import open_engine
from roost.images import ensure_images
from roost.spec import Suite
from roost.waiting import wait_for
from tests.e2e.conftest import ENGINES, READY_TIMEOUT_S, SUITE

PROBES = Path(__file__).with_name("probes.py").read_text(encoding="utf-8")
POOL_FILE = f"""
version = 1
suite = "{SUITE}"
[executors]
count = 1
cpus = 2
memory = "1GB"
[htcondor.submit]
config = '''
ALLOW_WRITE = $(ALLOW_WRITE), games@$(UID_DOMAIN), news@$(UID_DOMAIN)
'''
"""
VICTIM = """
umask 077; echo mine > secret; echo mine > /tmp/secret; echo mine > /dev/shm/secret
echo "{\\"pid\\": $$, \\"sandbox\\": \\"$PWD\\"}" > /tmp/facts; chmod 644 /tmp/facts
while :; do sleep 1; done
"""
LEAVE = """
(setsid sh -c 'cd /; exec env -i sleep 1000' >/dev/null 2>&1 </dev/null &)
for d in /tmp /var/tmp /dev/shm /run/lock; do mkdir -p $d/left/deep; echo x > $d/left/deep/x; done
chmod 0 /tmp/left; ipcmk -M 1000 >/dev/null; sleep 1
"""
LOOK = """
for d in /tmp /var/tmp /dev/shm /run/lock; do find $d -user $(id -u) 2>/dev/null; done
awk -v u=$(id -u) '$8 == u {print "shm", $2}' /proc/sysvipc/shm
grep -l sleep /proc/[0-9]*/comm | while read f; do
    [ "$(stat -c %u $f)" = "$(id -u)" ] && echo process
done
true
"""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    """A pool with one executor of two slots, and two users of the submit node beside roost."""
    engine = open_engine(ENGINES[0], os.environ)
    ensure_images(engine, SUITE, allow_expired_release=SUITE is not Suite.TRIXIE)
    file = tmp_path_factory.mktemp("hostile") / "roost.toml"
    file.write_text(POOL_FILE)
    pool = Pool(f"rt-{os.getpid()}-810", file=file, engine=engine)
    try:
        pool.up(timeout_s=READY_TIMEOUT_S)
        yield pool
    finally:
        pool.down()
        engine.close()


def shell(pool: Pool, node: str, script: str, user: str = "root") -> str:
    done = pool.exec(node, ["sh", "-c", script], user=user)
    return done.stdout.decode()


def submit(pool: Pool, user: str, *lines: str) -> str:
    text = "\\n".join(["executable = /bin/sh", "transfer_executable = false", *lines, "queue"])
    script = f"cd /tmp && printf '{text}' | condor_submit -terse"
    return shell(pool, "submit", script, user).split(".")[0].strip()


@pytest.fixture(scope="module")
def victim(shared: Pool) -> Iterator[dict[str, Any]]:
    """Another job, which runs while the tests do; where it is."""
    script = shell(
        shared, "submit", f"cat > /tmp/victim.sh <<'E'\n{VICTIM}\nE\nchmod 755 /tmp/victim.sh"
    )
    assert script == ""
    lines = ("arguments = victim.sh", "transfer_input_files = /tmp/victim.sh")
    cluster = submit(
        shared, contract.JOB_OWNER, *lines, "should_transfer_files = yes", "request_memory = 64"
    )
    facts = wait_for(
        "the other job runs",
        lambda: shell(shared, "execute-1", "cat /tmp/facts 2>/dev/null") or None,
        timeout_s=120,
    )
    account = shell(shared, "execute-1", "stat -c %U /tmp/facts").strip()
    yield {**json.loads(facts), "account": account, "cluster": cluster}
    shell(shared, "submit", f"condor_rm {cluster}")


def test_a_job_reaches_nothing_but_its_own(shared: Pool, victim: dict[str, Any]) -> None:
    argv = ["python3", "-c", PROBES, json.dumps(victim)]
    assert shared.run(["true"]).exit_code == 0, "so that there is a history"
    as_root = json.loads(shared.exec("execute-1", argv).stdout)
    as_victim = json.loads(shared.exec("execute-1", argv, user=victim["account"]).stdout)
    missed = [name for name in as_root if not as_root[name] and not as_victim[name]]
    assert missed == [], "a probe that nobody succeeds with shows nothing"
    assert len(as_root) >= 12

    report = json.loads(shared.run(argv).stdout)
    assert report.keys() == as_root.keys()
    assert [name for name, reached in report.items() if reached] == []


def test_a_job_leaves_nothing_to_the_next_of_its_account(
    shared: Pool, victim: dict[str, Any]
) -> None:
    first = shared.run(["sh", "-c", f"id -un; {LEAVE} {LOOK}"]).stdout.splitlines()
    assert {"process", "/tmp/left", "/var/tmp/left", "/dev/shm/left/deep/x"} <= set(first)
    assert any(line.startswith("shm ") for line in first), "what is left is found while it is there"
    second = shared.run(["sh", "-c", f"id -un; {LOOK}"]).stdout.splitlines()
    assert second == first[:1], "the same account, and nothing of it"
    assert first[0] != victim["account"]
    assert shell(shared, "execute-1", "cat /tmp/secret"), "what the other job has stays"


@pytest.mark.parametrize(
    "eat",
    [
        'exec python3 -c "import time; x = bytearray(400 << 20); time.sleep(600)"',
        "head -c 400M /dev/zero > /dev/shm/eaten; exec sleep 600",
    ],
    ids=["of its own", "shared"],
)
def test_a_job_over_its_memory_is_held_and_its_neighbour_lives(
    shared: Pool, victim: dict[str, Any], eat: str
) -> None:
    shell(shared, "submit", f"echo '{eat}' > /tmp/eat.sh")
    cluster = submit(
        shared, contract.JOB_OWNER, "arguments = eat.sh", "transfer_input_files = /tmp/eat.sh",
        "should_transfer_files = yes", "request_memory = 100",
    )  # fmt: skip
    reason = wait_for(
        "the job is held",
        lambda: (
            shell(shared, "submit", f"condor_q {cluster} -af HoldReason | grep -v undefined")
            or None
        ),
        timeout_s=180,
    )
    assert "MB of memory, and its slot has 128 MB" in reason
    assert shell(shared, "execute-1", f"kill -0 {victim['pid']} && echo lives") == "lives\n"
    limits = shared.status().to_json()["nodes"][-1]["limits"]
    assert limits["memory"] in ("policy", "cgroup-v1", "cgroup-v2")
    shell(shared, "submit", f"condor_rm {cluster}")


def test_users_of_the_submit_node_cannot_act_as_each_other(shared: Pool) -> None:
    cluster = submit(shared, "games", "hold = true", "environment = SECRET=1")
    assert cluster.isdecimal()

    def priority() -> str:
        return shell(shared, "submit", f"condor_q {cluster} -af JobPrio Owner JobStatus").strip()

    before = priority()
    assert before == "0 games 5"
    attacks = [
        f"condor_qedit {cluster} JobPrio 7",
        f"condor_rm {cluster}",
        f"condor_release {cluster}",
        f"condor_qedit {cluster} Owner '\"news\"'",
    ]
    for attack in attacks:
        shell(shared, "submit", attack, "news")
        assert priority() == before, attack
    forged = submit(shared, "news", "hold = true", '+Owner = \\"games\\"')
    owner = shell(shared, "submit", f"condor_q {forged or 0} -af Owner").strip()
    assert owner in ("", "news")
    closed = (
        f"ls {contract.JOBS_DIR}", f"ls {contract.SPOOL_DIR}", f"ls {contract.LOG_DIR}",
        f"cat {contract.SPOOL_DIR}/job_queue.log", f"cat {contract.LOG_DIR}/history",
        f"cat {contract.LOG_DIR}/EventLog", f"cat {contract.TOKEN_FILE}",
    )  # fmt: skip
    for look in closed:
        assert shell(shared, "submit", f"{look} 2>/dev/null", "news") == "", look
    readable = [f"ls {contract.LOG_DIR}", f"cat {contract.LOG_DIR}/EventLog"]
    assert all(shell(shared, "submit", look) for look in readable), "root sees them"
    # The owner may do all of that.
    shell(shared, "submit", f"condor_qedit {cluster} JobPrio 7", "games")
    assert priority() == "7 games 5"
    for one in (cluster, forged):
        shell(shared, "submit", f"condor_rm {one}")
