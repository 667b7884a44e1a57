"""What attackers run: HTCondor's tools and bindings, told to do what they should not."""

from __future__ import annotations

from roost import contract
from roost.contract import Role
from tests.e2e.attacks.arena import LOOT, Arena, Attack, Denial
from tests.e2e.attacks.credentials import Credential

_PYTHON = """python3 - <<'END'
import os, classad2, htcondor2
htcondor2.param['SEC_TOKEN_DIRECTORY'] = os.environ['_CONDOR_SEC_TOKEN_DIRECTORY']

def daemon(kind, address):
    return classad2.ClassAd({{
        'MyType': kind, 'Name': 'it', 'MyAddress': address, 'CondorVersion': htcondor2.version(),
    }})

def keep(what):
    with open('{loot}', 'a') as file:
        print(what, file=file)

schedd = htcondor2.Schedd(daemon('Scheduler', os.environ['SCHEDD']))
{lines}
END
"""
_AS_OWNER = {"SEC_CLAIMTOBE_USER": contract.JOB_OWNER}


def python(lines: str) -> str:
    """A script of the bindings; ``schedd`` is the submit node's, ``keep(text)`` puts it into the loot."""
    return _PYTHON.format(loot=LOOT, lines=lines)


def ad(kind: str, name: str, machine: str, more: str = "") -> str:
    address = "<192.0.2.66:9618>"
    text = f'MyType="{kind}"\\nName="{name}"\\nMachine="{machine}"\\nMyAddress="{address}"\\n{more}'
    return f"printf '%b' '{text}'"


def advertise(
    credential: Credential, command: str, kind: str, name: str, machine: str, denial: Denial
) -> Attack:
    """Send an ad: ``{domain}`` in a name is the pool's."""

    def is_there(arena: Arena) -> bool:
        return f"{kind} {name.format(domain=arena.domain)}" in arena.ads()

    named = ad(kind, name.format(domain="'$POOL'"), machine.format(domain="'$POOL'"))
    return Attack(
        f"{credential}: {command} of {name}",
        credential,
        f"{named} | condor_advertise -tcp -pool $MASTER {command} -",
        is_there,
        denial,
        lambda arena: arena.gone(name.format(domain=arena.domain)),
    )


def submit(credential: Credential, denial: Denial) -> Attack:
    description = "{'executable': '/bin/true', 'transfer_executable': 'false', 'hold': 'true'}"
    return Attack(
        f"{credential}: submit a job",
        credential,
        python(f"print(schedd.submit(htcondor2.Submit({description})).cluster())"),
        lambda arena: len(arena.jobs()) > 1,
        denial,
        lambda arena: arena.do(
            "submit", f"condor_rm -constraint 'ClusterId != {arena.facts()['JOB'].split('.')[0]}'"
        ),
        _AS_OWNER,
    )


def query_queue(credential: Credential, denial: Denial) -> Attack:
    return Attack(
        f"{credential}: query the queue",
        credential,
        python("keep([str(job['ClusterId']) for job in schedd.query()])"),
        lambda arena: bool(arena.loot()),
        denial,
        settings=_AS_OWNER,
    )


def remove_job(credential: Credential, denial: Denial) -> Attack:
    def removed(arena: Arena) -> bool:
        return arena.facts()["JOB"] not in {job.split()[0] for job in arena.jobs()}

    return Attack(
        f"{credential}: remove a job",
        credential,
        python("print(schedd.act(htcondor2.JobAction.Remove, [os.environ['JOB']]))"),
        removed,
        denial,
        lambda arena: arena.forget_job(),
        _AS_OWNER,
    )


def switch_off(credential: Credential, denial: Denial) -> Attack:
    """Stop the startd of another executor, as ``condor_off`` does."""
    command = (
        "htcondor2.send_command(daemon('DaemonMaster', os.environ['STARTD_MASTER']),"
        " htcondor2.DaemonCommand.DaemonOffFast, 'STARTD')"
    )
    return Attack(
        f"{credential}: switch off another node's startd",
        credential,
        python(command),
        lambda arena: not any("slot1@execute-1." in ad for ad in arena.ads()),
        denial,
        lambda arena: arena.switched_on(),
        {"SEC_CLAIMTOBE_USER": "condor"},
    )


def read_claims(credential: Credential, denial: Denial) -> Attack:
    """What the negotiator reads: the secrets with which slots are claimed."""
    lines = (
        "for ad in htcondor2.Collector(os.environ['MASTER']).query(htcondor2.AdType.StartdPrivate):\n"
        "    keep(ad.get('Capability') or ad.get('ClaimId') or ad)"
    )
    return Attack(
        f"{credential}: read the claims' secrets",
        credential,
        python(lines),
        lambda arena: "<" in arena.loot(),
        denial,
    )


def become(credential: Credential, identity: str, role: Role, denial: Denial) -> Attack:
    """Ask for a token of another identity, approve the request, and tell the master that somebody asked."""
    asks = (
        "timeout 20 stdbuf -o0 condor_token_request -pool $MASTER -identity " + identity + "@$POOL"
    )
    wants = " ".join(f"-authz {name}" for name in contract.ROLE_AUTHORIZATIONS[role])
    return Attack(
        f"{credential}: a token of {identity}",
        credential,
        f"""
        {asks} {wants} >{LOOT} 2>&1 &
        for attempt in $(seq 50); do
            id=$(sed -n 's/.*approve request \\([0-9]*\\).*/\\1/p' {LOOT})
            [ "$id" ] && break
            sleep 0.2
        done
        echo yes | condor_token_request_approve -pool $MASTER -reqid "$id"
        condor_ping -quiet -type COLLECTOR -pool $MASTER WRITE
        wait
        sed 's/eyJ.*/a token/' {LOOT}
        """,
        lambda arena: "eyJ" in arena.loot(),
        denial,
        # HTCondor gives out tokens over encrypted connections alone.
        settings={
            "SEC_CLIENT_AUTHENTICATION": "REQUIRED",
            "SEC_CLIENT_AUTHENTICATION_METHODS": "IDTOKENS",
            "SEC_CLIENT_ENCRYPTION": "REQUIRED",
            "SEC_CLIENT_INTEGRITY": "REQUIRED",
        },
    )
