"""The pool under attack, and what an attack is."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field

from roost import Pool, contract
from roost.engines.protocol import File
from roost.errors import WaitTimeoutError
from roost.waiting import wait_for
from tests.e2e.attacks.credentials import Credential, make_token

SEEN_TIMEOUT_S = 30.0
CREDENTIALS_DIR = f"{contract.STATE_DIR}/stolen"
ATTACKER_NODE = "execute-2"
LOOT = "/tmp/loot"
"""Where an attacker's script puts what it has got, in its node."""

_RECKLESS = {
    # A real attacker's client need not be careful whom it talks to, nor encrypt.
    "ALLOW_CLIENT": "*",
    "SEC_CLIENT_AUTHENTICATION": "OPTIONAL",
    "SEC_CLIENT_ENCRYPTION": "OPTIONAL",
    "SEC_CLIENT_INTEGRITY": "OPTIONAL",
    "SEC_CLIENT_AUTHENTICATION_METHODS": "IDTOKENS, FS, CLAIMTOBE, ANONYMOUS",
    "SEC_DEFAULT_AUTHENTICATION_METHODS": "IDTOKENS, FS, CLAIMTOBE, ANONYMOUS",
    "SEC_CLAIMTOBE_USER": "condor",
}


OUTPUT = "the container's output"


@dataclass(frozen=True)
class Denial:
    """The line in which a daemon says no: what is looked for in which log of which node.

    ``{peer}`` in the pattern stands for the attacker's address.
    """

    pattern: str
    node: str = "master"
    log: str = "CollectorLog"
    """:data:`OUTPUT` for what the node's own programs say."""


UNAUTHENTICATED = (
    r"DC_AUTHENTICATE: (?:required authentication of {peer} failed: .*AUTHENTICATE:100[23]"
    r"|authentication of <{peer}:\d+> did not result in a valid mapped user name)"
)
NOT_ITS_OWN = r"COLLECTOR_REQUIREMENTS VIOLATION: requirements do not match ad from <{peer}:"


def denied_to(identity: str, level: str) -> str:
    """The line of a daemon that knows who asks: the token is not for that, or no list names the identity."""
    return (
        r"authentication of <{peer}:\d+> was successful but resulted in a limited authorization which did"
        r" not include this command"
        rf"|PERMISSION DENIED to {re.escape(identity)}@\S+ from host {{peer}} .*access level {level}"
    )


@dataclass(frozen=True)
class Attack:
    """What to try, how to see whether it came about, and who has to say no.

    ``script`` may use the shell's variables MASTER (address and port), POOL (trust domain), SCHEDD and STARTD
    (addresses of the submit node's schedd and of the first executor's startd), SCHEDD_MASTER and
    STARTD_MASTER (of their masters), and JOB (a job that waits in the queue).
    """

    name: str
    credential: Credential
    script: str
    succeeded: Callable[[Arena], bool]
    denial: Denial
    undo: Callable[[Arena], object] = lambda arena: None
    settings: dict[str, str] = field(default_factory=dict)
    """Of HTCondor, for the attacker's tools."""

    def __str__(self) -> str:
        return self.name


@dataclass
class Arena:
    """A pool of two executors; ``weak``: with the weakness put back."""

    pool: Pool
    weak: bool
    _tokens: dict[Credential, str] = field(default_factory=dict)
    _facts: dict[str, str] = field(default_factory=dict)
    _job: str = ""

    @property
    def domain(self) -> str:
        return contract.trust_domain(self.pool.name)

    def do(self, node: str, script: str, *, user: str = "root") -> str:
        done = self.pool.exec(node, ["sh", "-c", script], user=user)
        assert done.exit_code == 0, (script, done.stderr, done.stdout)
        return done.stdout.decode()

    def address(self, node: str) -> str:
        container = self.pool.engine.find_container(f"{self.pool.name}-{node}")
        assert container and container.address
        return container.address

    def ads(self) -> set[str]:
        """``MyType Name`` of all that the collector knows."""
        return set(self.do("master", "condor_status -any -af MyType Name").splitlines())

    def jobs(self) -> set[str]:
        """``cluster.process status`` of all jobs in the queue."""
        listed = self.do("submit", "condor_q -allusers -af:j JobStatus")
        return set(listed.splitlines())

    def loot(self) -> str:
        return self.do(ATTACKER_NODE, f"cat {LOOT} 2>/dev/null; true")

    def token(self, credential: Credential) -> str:
        """On the weak pool a token without limits, as tokens were before they named what they are for."""
        if credential not in self._tokens:
            self._tokens[credential] = make_token(self.pool, credential, unlimited=self.weak)
        return self._tokens[credential]

    def hold(self, credential: Credential) -> str:
        """Put the credential into the attacker's hands; the directory that it is in."""
        directory = f"{CREDENTIALS_DIR}/{credential}"
        token = self.token(credential)
        files = [File("token", token.encode() + b"\n", 0o600)] if token else []
        self.do(ATTACKER_NODE, f"mkdir -p -m 700 {directory}")
        if files:
            self.pool.engine.put_files(f"{self.pool.name}-{ATTACKER_NODE}", directory, files)
        return directory

    def attempt(self, script: str, credential: Credential, **settings: str) -> str:
        """Run the script as the attacker; what it said. ``settings`` are HTCondor's, for its tools."""
        directory = self.hold(credential)
        values = _RECKLESS | {
            "SEC_TOKEN_SYSTEM_DIRECTORY": directory,
            "SEC_TOKEN_DIRECTORY": directory,
            **settings,
        }
        environment = {f"_CONDOR_{key}": value for key, value in values.items()} | self.facts()
        exports = "".join(f"export {key}='{value}'\n" for key, value in environment.items())
        done = self.pool.exec(ATTACKER_NODE, ["sh", "-c", f"{exports}\n{script}\ntrue"])
        return (done.stdout + done.stderr).decode(errors="replace")

    def facts(self) -> dict[str, str]:
        """What a good attacker has found out: the addresses of daemons, and the id of a job."""
        if not self._facts:
            self._facts = wait_for(
                "every daemon has told its address", self._addresses, timeout_s=SEEN_TIMEOUT_S
            )
            self._job = self._job or self._waiting_job()
            self._facts |= {
                "MASTER": f"{self.address('master')}:{contract.COLLECTOR_PORT}",
                "POOL": self.domain,
                "JOB": self._job,
            }
        return self._facts

    def _addresses(self) -> dict[str, str] | None:
        """Those of the daemons that are attacked; None while one is missing."""
        wanted = {
            ("Scheduler", f"submit.{self.domain}"): "SCHEDD",
            ("DaemonMaster", f"submit.{self.domain}"): "SCHEDD_MASTER",
            ("Machine", f"execute-1.{self.domain}"): "STARTD",
            ("DaemonMaster", f"execute-1.{self.domain}"): "STARTD_MASTER",
        }
        lines = self.do("master", "condor_status -any -af MyType Machine MyAddress").splitlines()
        known = {(kind, machine): address for kind, machine, address in map(str.split, lines)}
        found = {name: known[daemon] for daemon, name in wanted.items() if daemon in known}
        return found if len(found) == len(wanted) else None

    def _waiting_job(self) -> str:
        script = (
            "cd /tmp && printf 'executable=/bin/true\\ntransfer_executable=false\\nhold=true\\nqueue\\n'"
            " | condor_submit -terse"
        )
        return self.do("submit", script, user=contract.JOB_OWNER).split()[0]

    def forget_job(self) -> None:
        """The job is gone: let another wait."""
        self._job = ""
        self._facts.clear()

    def switched_on(self) -> None:
        """Start the first executor's startd again."""
        self.do("execute-1", "condor_on -startd")
        wait_for(
            "the first executor's slot is back",
            lambda: any("slot1@execute-1." in ad for ad in self.ads()) or None,
            timeout_s=2 * SEEN_TIMEOUT_S,
        )
        self._facts.clear()

    def log_since(self, denial: Denial) -> Callable[[], str]:
        """What the daemon logs from now on."""
        if denial.log == OUTPUT:
            container = f"{self.pool.name}-{denial.node}"
            before = len(self.output(container))
            return lambda: b"".join(self.output(container)[before:]).decode()
        path = f"{contract.LOG_DIR}/{denial.log}"
        size = int(self.do(denial.node, f"stat -c %s {path}"))
        return lambda: self.do(denial.node, f"tail -c +{size + 1} {path}")

    def output(self, container: str) -> list[bytes]:
        with closing(self.pool.engine.logs(container)) as lines:
            return list(lines)

    def judge(self, attack: Attack) -> None:
        """The attack succeeds on the weak pool; on the other the daemon denies it and nothing changes."""
        self.do(ATTACKER_NODE, f"rm -f {LOOT}")
        assert not attack.succeeded(self), "there is nothing to attack: it is so already"
        log = self.log_since(attack.denial)
        said = self.attempt(attack.script, attack.credential, **attack.settings)
        if self.weak:
            wait_for(
                f"{attack.name} succeeds on the weak pool",
                lambda: attack.succeeded(self) or None,
                timeout_s=SEEN_TIMEOUT_S,
                last_seen=lambda: f"{said}\n{log()[-3000:]}",
            )
            attack.undo(self)
            return
        self.sees(attack.denial, log, said)
        time.sleep(0.5)  # what was let in would be there by now: the daemon has answered
        assert not attack.succeeded(self), said

    def sees(self, denial: Denial, log: Callable[[], str], said: str) -> str:
        """Wait for the line of the denial."""
        pattern = re.compile(
            denial.pattern.replace("{peer}", re.escape(self.address(ATTACKER_NODE)))
        )

        def look() -> str | None:
            return next((line for line in log().splitlines() if pattern.search(line)), None)

        return wait_for(
            f"{denial.log} of {denial.node} says {pattern.pattern}",
            look,
            timeout_s=SEEN_TIMEOUT_S,
            last_seen=lambda: f"{said}\n{log()[-3000:]}",
        )

    def gone(self, *names: str) -> None:
        """Take ads out of the collector, as the master may."""
        for kind, name in (ad.split(" ", 1) for ad in self.ads()):
            if name in names:
                self.do("master", _invalidate(kind, name))
        with suppress(WaitTimeoutError):
            wait_for(
                "the ads are gone",
                lambda: not {ad.split(" ", 1)[1] for ad in self.ads()} & set(names) or None,
                timeout_s=5,
            )


def _invalidate(kind: str, name: str) -> str:
    commands = {
        "Machine": "INVALIDATE_STARTD_ADS",
        "StartD": "INVALIDATE_STARTD_ADS",
        "Scheduler": "INVALIDATE_SCHEDD_ADS",
        "DaemonMaster": "INVALIDATE_MASTER_ADS",
        "Negotiator": "INVALIDATE_NEGOTIATOR_ADS",
    }
    ad = f'MyType="Query"\\nTargetType="{kind}"\\nName="{name}"\\nRequirements=TARGET.Name=="{name}"\\n'
    return f"printf '{ad}' | condor_advertise -tcp {commands.get(kind, 'INVALIDATE_ADS_GENERIC')} -"
