"""Users from outside of the pool: what they can do with a token, and what they cannot."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from roost import Pool, RoostError, contract
from roost.engines.protocol import Engine, File
from roost.waiting import wait_for
from tests.e2e.conftest import READY_TIMEOUT_S, SUITE
from tests.e2e.documents import matches, steps
from tests.e2e.outside import Outside

pytestmark = pytest.mark.one_engine

WC = (
    "executable = /usr/bin/wc", "transfer_executable = false", "arguments = -c in.txt",
    "transfer_input_files = in.txt", "should_transfer_files = yes", "output = out.txt",
    "log = log.txt",
)  # fmt: skip
WAITING = (
    "executable = /bin/true", "transfer_executable = false", "requirements = false",
    "transfer_input_files = secret.txt", "should_transfer_files = yes", "output = out.txt",
)  # fmt: skip
SECRET = "4f1c-alice-only"
REFUSED = "Failed to authenticate using IDTOKENS"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture(scope="module")
def outside(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    """A pool of one executor, and a machine beside it: alice and bob have tokens there, eve has none."""
    port = free_port()
    file = tmp_path_factory.mktemp("users") / "roost.toml"
    file.write_text(
        f'version = 1\nsuite = "{SUITE}"\n[executors]\ncount = 1\n[users]\npublish = "127.0.0.1:{port}"\n'
    )
    pool = Pool(f"rt-{os.getpid()}-700", file=file, engine=engine)
    machine = Outside(pool, f"{pool.name}-submit")
    try:
        pool.up(timeout_s=READY_TIMEOUT_S)
        machine.start()
        made = pool.create_user_token("alice")
        assert made.schedd == f"127.0.0.1:{port}", "it is what the pool file publishes"
        with socket.create_connection(("127.0.0.1", port), timeout=10):
            pass
        for person in ("alice", "bob"):
            made = pool.create_user_token(person, address=machine.schedd)
            machine.add(person, made.config, made.text)
        machine.add("eve", made.config)
        yield machine
    finally:
        machine.stop()
        pool.down()


def test_a_job_goes_in_with_its_files_and_its_results_come_back(outside: Outside) -> None:
    outside.say("alice", "printf 12345 > in.txt")
    cluster = outside.submit("alice", *WC)
    assert cluster.isdecimal(), cluster
    owner = outside.on("submit", f"condor_q {cluster} -af Owner User").split()
    assert owner == ["user-alice", f"user-alice@{outside.pool.name}.pool"]
    outside.completed("alice", cluster)
    said = outside.say(
        "alice", f"rm -f out.txt; condor_transfer_data {cluster}; cat out.txt log.txt"
    )
    assert "5 in.txt" in said
    assert "Job terminated" in said
    assert "marked for removal" in outside.say("alice", f"condor_rm {cluster}")
    wait_for(
        "nothing of the job is left in the spool",
        lambda: (
            outside.on("submit", f"find {contract.SPOOL_DIR} -name '*{cluster}*'") == "" or None
        ),
        timeout_s=30,
    )


def test_the_bindings_do_the_same(outside: Outside) -> None:
    outside.say("bob", "printf 1234567 > in.txt; rm -f out.txt")
    keys = dict(line.split(" = ") for line in WC)
    said = outside.python(
        "bob",
        f"""
found = schedd.submit(htcondor2.Submit({keys!r}), spool=True)
schedd.spool(found)
mine = f"ClusterId == {{found.cluster()}}"
for _ in range(90):
    if schedd.query(mine, ["JobStatus"])[0]["JobStatus"] == 4:
        break
    time.sleep(1)
schedd.retrieve(mine)
print(open("out.txt").read())
schedd.act(htcondor2.JobAction.Remove, mine)
print(len(schedd.query(mine)))
""",
    )
    assert said.split() == ["7", "in.txt", "0"]


@pytest.fixture(scope="module")
def victim(outside: Outside) -> Iterator[str]:
    """A job of alice's that waits, with a file in the spool; its cluster. Bob has one too, so that the
    schedd knows him."""
    outside.say("alice", f"echo {SECRET} > secret.txt")
    outside.say("bob", "echo bobs > secret.txt")
    cluster = outside.submit("alice", *WAITING)
    assert cluster.isdecimal(), cluster
    for one in (cluster, outside.submit("bob", *WAITING)):
        wait_for("its files are in the spool", partial(_waits, outside, one), timeout_s=20)
    spooled = f"{contract.SPOOL_DIR}/{cluster}/0/cluster{cluster}.proc0.subproc0/secret.txt"
    assert outside.on("submit", f"cat {spooled}") == f"{SECRET}\n"
    yield cluster
    for person in ("alice", "bob"):
        outside.say(person, "condor_rm -all")


def _waits(outside: Outside, cluster: str) -> bool | None:
    return outside.on("submit", f"condor_q {cluster} -af JobStatus").split() == ["1"] or None


@dataclass(frozen=True)
class Misuse:
    """What bob tries. ``JOB`` stands for alice's job, ``SUBMIT`` for the submit node's address, ``POOL`` for
    the pool's domain, ``MASTERSOCK`` for the way to the submit node's condor_master. ``denied`` is what the
    daemon says: to him, or in its log."""

    name: str
    script: str
    denied: str
    node: str = "submit"
    log: str = "SchedLog"

    def __str__(self) -> str:
        return self.name


def python(line: str) -> str:
    return f"""python3 - <<'END'
import htcondor2, classad2
schedd = htcondor2.Schedd()
def daemon(kind, sock):
    return classad2.ClassAd({{'MyType': kind, 'Name': 'it', 'MyAddress': '<SUBMIT:9618?sock=' + sock + '>',
                             'CondorVersion': htcondor2.version()}})
def submit(**more):
    job = {{'executable': '/bin/true', 'transfer_executable': 'false', 'hold': 'true', **more}}
    return schedd.submit(htcondor2.Submit(job))
{line}
END"""


def submit_as(owner: str) -> Misuse:
    denied = rf"Setting (?:job )?owner to \"?{owner}\"? .*is not permitted"
    return Misuse(f"submit as {owner}", python(f"submit(**{{'My.Owner': '\"{owner}\"'}})"), denied)


def acting(action: str) -> Misuse:
    line = f"print(schedd.act(htcondor2.JobAction.{action}, ['JOB.0']))"
    return Misuse(f"{action} another's job", python(line), "TotalPermissionDenied = 1")


def commanding(command: str, target: str) -> Misuse:
    sent = f"htcondor2.DaemonCommand.{command}, '{target}'"
    line = f"htcondor2.send_command(daemon('Scheduler', 'schedd'), {sent})"
    limited = "resulted in a limited authorization which did not include this command"
    return Misuse(f"{command} of the schedd", python(line), limited)


NOT_TO_COLLECTOR = r"DC_AUTHENTICATE: required authentication of {peer} failed"
VANILLA_ONLY = "only jobs that run on executors can be submitted"
AS_COLLECTOR = "_CONDOR_COLLECTOR_HOST=MASTER:9618"
SPOOLED = f"{contract.SPOOL_DIR}/JOB/0/clusterJOB.proc0.subproc0"

MISUSES = [
    *(acting(action) for action in ("Remove", "RemoveX", "Hold", "Release", "Vacate")),
    Misuse(
        "change another's job",
        python("schedd.edit(['JOB.0'], 'JobPrio', '7')"),
        r"user-bob@\S+ may not change attributes for jobs they do not own",
    ),
    Misuse(
        "export another's job",
        python("schedd.export_jobs(['JOB.0'], '/tmp', '/tmp')"),
        "not authorized to export",
    ),
    *(submit_as(owner) for owner in ("user-alice", contract.JOB_OWNER, "condor", "root")),
    Misuse(
        "submit under another's full name",
        python("submit(**{'My.User': '\"user-alice@POOL\"'})"),
        r'setting User to "user-alice@\S+" when active User is "user-bob@',
    ),
    Misuse(
        "give a job away",
        "condor_qedit $(condor_q -af ClusterId | head -1) Owner '\"user-alice\"'",
        'Update of immutable attribute "Owner" is not allowed',
    ),
    Misuse("run on the submit node", python("submit(universe='local')"), VANILLA_ONLY),
    Misuse("schedule on the submit node", python("submit(universe='scheduler')"), VANILLA_ONLY),
    Misuse("manage grid jobs", python("submit(universe='grid', grid_resource='batch pbs')"), VANILLA_ONLY),
    Misuse(
        "run there as one of many",
        python("submit(universe='local', max_idle='1')"),
        VANILLA_ONLY,
    ),
    Misuse(
        "make a job one that runs there",
        python("schedd.edit('JobUniverse == 5', 'JobUniverse', '12')"),
        'JobUniverse',
    ),
    Misuse(
        "disable another user",
        "condor_qusers -disable user-alice@POOL",
        r"Permission denied|\"DENIED\" from server",
    ),
    commanding("Reconfig", ""),
    commanding("OffFast", ""),
    Misuse(
        "switch off the submit node",
        python(
            "htcondor2.send_command(daemon('DaemonMaster', 'MASTERSOCK'),"
            " htcondor2.DaemonCommand.DaemonsOffFast, '')"
        ),
        "resulted in a limited authorization which did not include this command",
        log="MasterLog",
    ),
    Misuse(
        "look at another daemon of the node",
        "condor_ping -address '<SUBMIT:9618?sock=MASTERSOCK>' READ",
        r"PERMISSION DENIED to user-bob@\S+ from host {peer} .*access level READ",
        log="MasterLog",
    ),
    Misuse(
        "query the collector",
        f"{AS_COLLECTOR} condor_status",
        NOT_TO_COLLECTOR,
        "master",
        "CollectorLog",
    ),
    Misuse(
        "advertise a machine",
        f"printf 'MyType=\"Machine\"\\nName=\"ghost\"\\nMachine=\"ghost\"\\n' |"
        f" {AS_COLLECTOR} condor_advertise -tcp UPDATE_STARTD_AD -",
        NOT_TO_COLLECTOR,
        "master",
        "CollectorLog",
    ),
]  # fmt: skip


def state(outside: Outside, victim: str) -> str:
    """All that an attack could have changed: alice's job and its files, whose jobs there are and of which
    kind, the schedd itself (the oldest of that name: it forks to answer), the collector's ads."""
    return outside.on(
        "submit",
        f"""
        condor_q {victim} -af Owner User JobStatus JobPrio Cmd HoldReasonCode JobUniverse
        find {contract.SPOOL_DIR}/{victim} -printf '%p %U %m\\n' | sort
        condor_q -allusers -af Owner ClusterId | grep -v '^user-bob '
        condor_q -allusers -af Owner User JobUniverse | sort -u
        condor_qusers -af User Enabled | sort
        pgrep -ox condor_schedd; pgrep -ox condor_master
        condor_status -any -af MyType Name | sort
        """,
    )


@pytest.mark.parametrize("misuse", MISUSES, ids=str)
def test_a_user_is_nobody_else_and_administrates_nothing(
    outside: Outside, victim: str, misuse: Misuse
) -> None:
    before = state(outside, victim)
    assert f"user-alice user-alice@{outside.pool.name}.pool 1 0" in before
    log = outside.log_since(misuse.node, misuse.log)
    said = outside.say("bob", fill(outside, misuse.script, victim))
    pattern = re.compile(fill(outside, misuse.denied, victim), re.IGNORECASE)
    wait_for(
        f"somebody says {pattern.pattern}",
        lambda: pattern.search(f"{said}\n{log()}"),
        timeout_s=20,
        last_seen=lambda: f"{said}\n{log()[-2000:]}",
    )
    outside.settle()
    assert state(outside, victim) == before, said


def fill(outside: Outside, text: str, victim: str) -> str:
    engine, pool = outside.pool.engine, outside.pool.name
    submit, master = (
        engine.find_container(f"{pool}-submit"),
        engine.find_container(f"{pool}-master"),
    )
    assert submit and submit.address and master and master.address
    if "MASTERSOCK" in text:
        ad = outside.on(
            "submit", "condor_status -master -af MyAddress -constraint 'regexp(\"^submit\", Name)'"
        )
        text = text.replace("MASTERSOCK", re.findall(r"sock=([^>&]+)", ad)[0])
    text = text.replace("{peer}", re.escape(outside.address)).replace("JOB", victim)
    text = text.replace("SUBMIT", submit.address).replace("POOL", f"{pool}.pool")
    return text.replace("MASTER:", f"{master.address}:")


def test_files_in_the_spool_are_their_owners_alone(outside: Outside, victim: str) -> None:
    secret = f"{contract.SPOOL_DIR}/{victim}/0/cluster{victim}.proc0.subproc0"
    for line in (f"condor_transfer_data {victim}", f"condor_transfer_data -addr x {victim}"):
        assert SECRET not in outside.say("bob", f"{line}; cat *")
    # As an input that the submit node itself would read for him.
    log = outside.log_since("submit", "ShadowLog")
    cluster = outside.python(
        "bob",
        "print(schedd.submit(htcondor2.Submit({'executable': '/bin/cat', 'transfer_executable': 'false',"
        f" 'arguments': 'secret.txt', 'transfer_input_files': '{secret}/secret.txt',"
        " 'should_transfer_files': 'yes', 'output': '/tmp/bobs', 'iwd': '/tmp'})).cluster())",
    ).strip()
    assert cluster.isdecimal(), cluster
    reason = wait_for(
        "bob's job is on hold",
        lambda: re.search(
            r"5 .*", outside.say("bob", f"condor_q {cluster} -af JobStatus HoldReason")
        ),
        timeout_s=60,
        last_seen=lambda: log()[-2000:],
    )
    assert "reading from file" in reason[0]
    assert "Permission denied" in log()
    outside.say("bob", f"condor_rm {cluster}")


ELSEWHERE = [
    ("Out", '"{place}"'),
    ("SpooledOutputFiles", '"{place}"'),
    ("TransferOutput", '"{place}"'),
    ("Iwd", '"{folder}"'),
]


def test_results_come_from_where_the_user_may_read(outside: Outside, victim: str) -> None:
    """A job's owner may change where its results are said to be; the schedd reads with the owner's rights."""
    outside.say("bob", "printf 12345 > in.txt")
    places = [
        f"{contract.SPOOL_DIR}/{victim}/0/cluster{victim}.proc0.subproc0/secret.txt",
        contract.TOKEN_FILE,
        outside.on("submit", f"ls {contract.KEYS_DIR}/key-*").strip(),
    ]
    for place in places:
        cluster = outside.submit("bob", *WC)
        outside.completed("bob", cluster)
        folder, _, name = place.rpartition("/")
        log = outside.log_since("submit", "SchedLog")
        for attribute, value in ELSEWHERE:
            text = value.format(place=place, folder=folder)
            said = outside.say("bob", f"condor_qedit {cluster} {attribute} '{text}'")
            assert "Set attribute" in said, said
            outside.say("bob", f"rm -rf loot; mkdir loot; condor_transfer_data {cluster}")
        found = outside.say(
            "bob", f"find / -xdev -name '{name}' -user bob -size +0 2>/dev/null"
        ).split()
        assert [one for one in found if one != "/home/bob/secret.txt"] == []
        assert "ermission denied" in log()
        assert outside.say("bob", "cat secret.txt") == "bobs\n"
        outside.say("bob", f"condor_rm {cluster}")


def test_without_a_good_token_nobody_gets_in(outside: Outside, victim: str) -> None:
    """No token; one that has expired; another key's under the same name; another domain's; a user's whose
    claims were changed; a node's."""
    keys, domain = contract.KEYS_DIR, f"{outside.pool.name}.pool"
    key = outside.on("submit", f"readlink {keys}/.issuer").strip()
    create = (
        f"condor_token_create -authz READ -authz WRITE -identity user-alice@{domain} -key {key}"
    )
    other = f"mkdir -m 700 -p /tmp/k && head -c 64 /dev/urandom > /tmp/k/{key} && chmod 600 /tmp/k/{key} &&"
    good = outside.on("submit", create).strip()
    tokens = {
        "expired": outside.on("submit", f"{create} -lifetime 1; sleep 2").strip(),
        "forged": outside.on(
            "submit", f"{other} _CONDOR_SEC_PASSWORD_DIRECTORY=/tmp/k {create}"
        ).strip(),
        "foreign": outside.on("submit", f"_CONDOR_TRUST_DOMAIN=elsewhere.pool {create}").strip(),
        "node": outside.on("execute-1", f"cat {contract.TOKEN_FILE}").strip(),
    }
    outside.on("submit", "rm -r /tmp/k")
    tokens["none"] = ""
    head, _, signature = good.split(".")
    tokens["altered"] = ".".join(
        (head, outside.on("submit", create.replace("alice", "bob")).split(".")[1], signature)
    )

    def asks(token: str) -> str:
        outside.say("eve", "rm -f .condor/tokens.d/*")
        uid = int(outside.say("eve", "id -u"))
        file = File("eve/.condor/tokens.d/it", token.encode() + b"\n", 0o600, uid, uid)
        outside.pool.engine.put_files(outside.name, "/home", [file] if token else [])
        # As one whose client does not care whom it talks to.
        return outside.say(
            "eve",
            "condor_q -allusers",
            SEC_CLIENT_AUTHENTICATION_METHODS="IDTOKENS, FS, CLAIMTOBE, ANONYMOUS",
        )

    assert "user-alice" in asks(good), "this is how it is tried"
    for name, token in tokens.items():
        log = outside.log_since("submit", "SchedLog")
        said = asks(token)
        assert "user-alice" not in said, name
        refused = (
            rf"DC_AUTHENTICATE: required authentication of {re.escape(outside.address)} failed"
        )
        wait_for(f"{name} is refused", partial(_found, refused, log), timeout_s=20)


def _found(pattern: str, log: Callable[[], str]) -> re.Match[str] | None:
    return re.search(pattern, log())


def test_the_page_says_what_works(outside: Outside, roost: Roost, tmp_path: Path) -> None:
    """``roost`` is typed here, all else on the user's machine."""
    for step in steps("docs/remote-users.md"):
        if step.command.startswith("roost "):
            address = f" --address {outside.schedd}" if " create " in step.command else ""
            done = roost(step.command + address)
            said, config = (
                done.stdout,
                done.stderr.partition("user_config:")[2].partition("Then")[0],
            )
            if address:
                outside.add("dana", config, (tmp_path / "dana.token").read_text().strip())
        else:
            said = outside.say("dana", step.command)
        assert not step.shown or matches(said, step.shown), (
            f"$ {step.command}\n{said}\n{step.shown}"
        )


Roost = Callable[[str], "subprocess.CompletedProcess[str]"]


@pytest.fixture
def roost(outside: Outside, tmp_path: Path) -> Roost:
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    chosen = {"ROOST_ENGINE": outside.pool.engine.name, "ROOST_POOL": outside.pool.name}

    def run(line: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | chosen | {"PATH": programs}
        return subprocess.run(
            line,
            shell=True,
            check=True,
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
        )

    return run


def test_a_token_is_in_no_log_environment_or_argument(outside: Outside) -> None:
    made = outside.pool.create_user_token("carol")
    signature = made.text.split(".")[2]
    engine, container = outside.pool.engine, f"{outside.pool.name}-submit"
    assert signature not in b"\n".join(engine.logs(container)).decode(errors="replace")
    assert signature not in str(engine.inspect(container))
    everywhere = f"grep -rls -- '{signature[:20]}' {contract.STATE_DIR} /run /tmp /var/tmp; true"
    assert outside.on("submit", everywhere) == ""
    key = outside.on("submit", f"stat -c '%U %a' {contract.KEYS_DIR}/key-*").split()
    assert key == ["root", "600"]
    assert outside.on("master", f"ls {contract.KEYS_DIR}") != outside.on(
        "submit", f"ls {contract.KEYS_DIR}"
    )


def test_users_survive_a_new_container_of_the_submit_node(outside: Outside, victim: str) -> None:
    before = outside.on("submit", "getent passwd user-alice")
    engine, name = outside.pool.engine, f"{outside.pool.name}-submit"
    engine.stop(name)
    engine.remove_container(name)
    outside.pool.up(timeout_s=READY_TIMEOUT_S)
    assert outside.on("submit", "getent passwd user-alice") == before
    listed = wait_for(
        "alice sees her job again",
        lambda: outside.say("alice", "condor_q -af ClusterId").split() or None,
        timeout_s=30,
    )
    assert victim in listed


def test_a_revoked_user_is_out_at_once(outside: Outside, victim: str) -> None:
    """Also one who has logged in before: the session is there, and its next command is denied."""
    watcher = """
for n in range(100):
    try:
        print("sees", len(schedd.query()), flush=True)
    except Exception as error:
        print("denied", error, flush=True)
        break
    time.sleep(0.3)
"""
    outside.python("bob", "print(len(schedd.query()))")
    outside.say(
        "bob",
        f"cat > watch.py <<'END'\nimport htcondor2, time\nschedd = htcondor2.Schedd()\n{watcher}\nEND",
    )
    outside.say("bob", "python3 watch.py > watched 2>&1 &")
    wait_for(
        "bob sees the queue",
        lambda: "sees" in outside.say("bob", "cat watched") or None,
        timeout_s=20,
    )
    log = outside.log_since("submit", "SchedLog")
    result = outside.pool.revoke_user("bob")
    assert (result.identity, result.ended) == (f"user-bob@{outside.pool.name}.pool", 1)
    wait_for(
        "bob is denied", lambda: "denied" in outside.say("bob", "cat watched") or None, timeout_s=20
    )
    assert re.search(r"PERMISSION DENIED to user-bob@\S+ from host", log())
    assert REFUSED in outside.say("bob", "condor_q")
    assert victim in outside.say("alice", "condor_q -af ClusterId"), "nobody else notices"
    states = {(one.user, one.state) for one in outside.pool.user_tokens()}
    assert {("bob", "revoked"), ("alice", "valid")} <= states
    with pytest.raises(
        RoostError, match=r"was revoked .* ago, and connections from before may live"
    ):
        outside.pool.create_user_token("bob")
    former = outside.on("submit", "pgrep -ox condor_schedd")
    outside.on("submit", "condor_restart -fast")

    def another_one() -> bool | None:
        """The former one may still answer."""
        schedd = outside.on("submit", "pgrep -ox condor_schedd || true")
        answers = victim in outside.say("alice", "condor_q -af ClusterId")
        return (schedd.strip() not in ("", former.strip()) and answers) or None

    wait_for("the submit node is back", another_one, timeout_s=60)
    assert REFUSED in outside.say("bob", "condor_q"), "a restart forgets nothing"
