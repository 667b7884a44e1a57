"""What the host and the program inside the containers must agree on, in one place.

Imported on both sides, so it may use nothing but the standard library.
"""

from __future__ import annotations

import re
from enum import StrEnum


class Role(StrEnum):
    """What a node is for, in HTCondor's terms: central manager, access point, execution point."""

    MASTER = "master"
    SUBMIT = "submit"
    EXECUTE = "execute"


# Ports and accounts ---------------------------------------------------------------------------------

COLLECTOR_PORT = 9618
"""The one port of a node: HTCondor's shared port. The master's is the pool's door."""

CONDOR_UID = 64
CONDOR_GID = 64
"""The same on every suite: Debian hands out whatever is free, and volumes outlive images."""

JOB_OWNER = "roost"
JOB_OWNER_UID = 1000
"""The account on the submit node that owns the jobs submitted through ``roost``."""

SUBMIT_PORT_OUTSIDE = 9619
"""Of a submit node that is reached at the same address as its master."""

METRICS_PORT = 9620
"""Where a node answers ``/health`` and ``/metrics``, inside the pool's network only."""

USER_ACCOUNT_FIRST_UID = 40000
"""Of the accounts that the submit node makes for users from outside of the pool."""

SLOT_ACCOUNT_FIRST_UID = 30000
MAX_CPUS_PER_EXECUTOR = 128
"""One dedicated account for each slot that an executor can carve out of its CPUs."""


def slot_account(number: int) -> str:
    """Name of the account that runs the jobs of dynamic slot ``slot1_<number>``."""
    return f"slot1_{number}"


# Environment of a container: settings, never secrets ------------------------------------------------

ENV_ROLE = "ROOST_ROLE"
"""Baked into each image."""
ENV_MASTER = "MASTER"
"""Address or name of the master, with an optional port. Needed by submit and execute."""
ENV_ADDRESS = "ADDRESS"
"""The IP address at which other hosts reach this node, where the engine publishes its port under the same
number. The pool is told that address instead of the container's own."""
ENV_PORT = "ROOST_PORT"
"""This node's one port, inside and outside; 9618 where it is absent. The master's is always 9618."""
ENV_NETWORK = "ROOST_NETWORK"
"""A name for the network of the node's own address, alone in the pool: nodes that have the same one connect
to each other there. Others reach this node at its ``ADDRESS`` or through the master."""
ENV_HOST = "ROOST_HOST"
"""The name of the engine's host, for people."""
ENV_POOL = "ROOST_POOL"
ENV_NODE = "ROOST_NODE"
"""The node's name in the pool; the container's host name where it is absent. Where it does not start
with the node's role, that is put before it (:func:`named_for_role`)."""
ENV_CPUS = "ROOST_CPUS"
ENV_MEMORY_MB = "ROOST_MEMORY_MB"
ENV_JOIN_TIMEOUT_S = "ROOST_JOIN_TIMEOUT"
"""Seconds a node waits for its master before it gives up; 0 waits for ever."""
ENV_STOP_GRACE_S = "ROOST_STOP_GRACE"
"""Seconds that the jobs of an executor may go on when it is stopped; 0, the default, puts them back into the
queue at once. The engine has to wait longer than that."""
ENV_LOG_FORMAT = "ROOST_LOG_FORMAT"
"""``text`` or ``json``: how the node writes its log (:mod:`roost.logline`)."""
ENV_METRICS = "ROOST_METRICS"
"""``ADDRESS:PORT`` where the node answers ``/health`` and ``/metrics``, or ``off``."""

# Paths inside a container ---------------------------------------------------------------------------

STATE_DIR = "/var/lib/condor"
"""The one writable place that outlives a container: a volume is mounted here."""
SPOOL_DIR = f"{STATE_DIR}/spool"
EXECUTE_DIR = f"{STATE_DIR}/execute"
LOG_DIR = f"{STATE_DIR}/log"
SECURITY_LOG = f"{LOG_DIR}/CollectorSecurityLog"
"""On the master: what the collector says while it authenticates, of which only refusals are told on."""
KEYS_DIR = f"{STATE_DIR}/keys"
"""Signing keys: one file a key, named by its id. The pool's are on the master; a submit node has one of its
own, for the tokens of users from outside."""
TOKENS_DIR = f"{STATE_DIR}/tokens"
"""The node's credential: one file, ``token``, readable by root alone."""
TOKEN_FILE = f"{TOKENS_DIR}/token"
NEW_TOKEN_DIR = f"{TOKENS_DIR}/.new"
"""Where a new token waits, as ``token``, until the master has taken it. HTCondor skips names that start
with a dot."""
ISSUED_FILE = f"{STATE_DIR}/issued.json"
"""On the master: which key signed each identity's latest token, and when. No token."""
REVOKED_FILE = f"{STATE_DIR}/revoked.json"
"""On the master: whose tokens are revoked; on the submit node, of its users."""
ACCESS_CONFIG = f"{STATE_DIR}/access.config"
"""On both: the part of HTCondor's configuration that follows from keys and revocations. It is read
after the operator's own, and anew at each change."""
TOKEN_LIFETIME_S = 30 * 24 * 3600
"""A node renews its token after two thirds of it, so that a master that is away for ten days costs no
node its place, and a stolen token is worth nothing after a month. HTCondor's knob
SEC_ISSUED_TOKEN_EXPIRATION on the master sets another."""
INVITE_FILE = f"{STATE_DIR}/invite"
"""What a node from elsewhere gets its token with (:mod:`roost.invitation`); removed once it has done so."""
SECRETS_DIR = "/run/secrets"
"""Where engines mount secrets; the node closes it to jobs and users."""
INVITE_SECRET = f"{SECRETS_DIR}/roost-invite"
"""The same as :data:`INVITE_FILE`, mounted by an engine: it stays."""
PROMISE_SECRET = f"{SECRETS_DIR}/roost-promise"
"""On the master: invites that were made before it was (:mod:`roost.promise`)."""
DOOR_KEY_PREFIX = "door-"
"""Names of keys that sign invites and no node's token: they are no part of a rotation."""
PINS_FILE = f"{STATE_DIR}/known_masters"
"""On a node that asked to join: the certificate that its master showed at first, as in known_hosts."""
DOOR_DIR = f"{STATE_DIR}/door"
"""On the master: invites, opened networks, and who was let in."""
CERTIFICATE_DIR = f"{STATE_DIR}/certificate"
"""The certificate that the master made itself: ``host.crt`` and ``host.key``."""
OPERATOR_CERTIFICATE_DIR = "/etc/roost/certificate"
"""The operator's own, mounted here under the same names, is used instead."""
USERS_DIR = f"{STATE_DIR}/users"
"""On the submit node: the accounts of users from outside. Everybody may read them."""
USERS_FILES = ("passwd", "group")
USER_TOKENS_FILE = f"{STATE_DIR}/user-tokens.json"
"""On the submit node: whose tokens were issued, and when. No token."""
EXTRAUSERS_DIR = "/var/lib/extrausers"
"""Of the image: where the C library looks for accounts beside /etc, and finds links to the files in
:data:`USERS_DIR`."""
JOBS_DIR = f"{STATE_DIR}/jobs"
"""On the submit node: one directory for each submission made through ``roost``."""
HEALTH_FILE = f"{STATE_DIR}/health.json"
"""What the node's health is, kept up to date by one process of the node; see :class:`HealthState`."""
POOL_RECORD = f"{STATE_DIR}/pool.json"
"""On the master: what the pool was made as (:mod:`roost.plan.record`)."""

RUN_DIR = "/run/roost"
"""What a node's program writes for this one start; below it, nothing outlives the container's end."""
CONDOR_RUN_DIR = "/run/condor"
"""Locks and sockets of HTCondor's daemons, likewise."""
TEMPORARY_DIRS = ("/tmp", "/var/tmp")  # noqa: S108
"""Temporary files. On disk, not in memory: what a job leaves there must not count as the node's memory."""
CONFIG_FILE = f"{RUN_DIR}/condor.config"
"""The node's configuration, written at every start, where also a read-only root can be written."""
CONFIG_ENTRY = "/etc/condor/config.d/10-roost.config"
"""Of the image: where HTCondor looks, and what includes :data:`CONFIG_FILE`."""
EXTRA_CONFIG_DIR = f"{STATE_DIR}/config.d"
"""``*.config`` files, mounted over it or copied into it, applied last in the order of their names. Below
the state directory, since nothing can be copied into a read-only root."""

NODE_PROGRAM = "/usr/local/bin/roost-node"
STARTER_PROGRAM = "/usr/local/bin/roost-starter"
"""What the startd starts for a job, on an executor: it becomes ``condor_starter``."""
SBOM_FILE = "/usr/share/roost/sbom.cdx.json"
"""In every image: what is in it, as CycloneDX. An image's label names it."""

# Labels on containers, volumes, networks and images: the only state ---------------------------------

LABEL_POOL = "roost.pool"
LABEL_ROLE = "roost.role"
LABEL_NODE = "roost.node"
LABEL_DIGEST = "roost.digest"
"""Digest of the plan that made the object: when it differs from today's, the object is made anew."""
LABEL_SUITE = "roost.suite"
LABEL_HTCONDOR = "roost.htcondor"
LABEL_RECIPE = "roost.recipe"
"""On images: digest of everything that went into the build, so that an unchanged build is no build."""
LABEL_SBOM = "roost.sbom"
"""On images: the file in the image that lists its packages."""

# Health: what HEALTH_FILE and ``/health`` say ------------------------------------------------------


class HealthState(StrEnum):
    """Whether a node does its role's work. As JSON: ``{"node", "role", "state", "reasons": [text…],
    "since", "checked", "daemons": {"SCHEDD": {"up", "restarts"}…}}``, times in seconds of the epoch."""

    STARTING = "starting"
    HEALTHY = "healthy"
    DEGRADED = "degraded"
    """It does its work, but not all of it, or not as it should."""
    UNHEALTHY = "unhealthy"


REACHED_WORDS = "reach this node"
"""In the one line of a node's log that says how others do."""


APART_WORDS = "no job will run between this node and"
"""In the line of a node's log that says so, where there are such nodes when it joins."""


class ReachedBy(StrEnum):
    """How other nodes reach a node, as the master sees it."""

    ADDRESS = "address"
    """They connect to the address that it tells."""
    MASTER = "master"
    """Nobody can connect to it: it is asked to, through the master (HTCondor's CCB)."""


HEALTH_INTERVAL_S = 15.0
"""Between two looks of a node at itself, unless a daemon of it ended or started."""

# Identities -----------------------------------------------------------------------------------------


def trust_domain(pool: str) -> str:
    """TRUST_DOMAIN and UID_DOMAIN of a pool: tokens of one pool mean nothing in another."""
    return f"{pool}.pool"


def node_hostname(node: str, pool: str) -> str:
    """The name that HTCondor's daemons of a node go by: ``Machine`` in its ads, ``slot1@...``."""
    return f"{node}.{trust_domain(pool)}"


def node_of_machine(machine: str) -> str:
    """The node that an ad's ``Machine`` names."""
    return machine.removesuffix(".pool").rpartition(".")[0] or machine


ROLE_AUTHORIZATIONS: dict[Role, tuple[str, ...]] = {
    Role.SUBMIT: ("ADVERTISE_SCHEDD", "ADVERTISE_MASTER", "READ"),
    Role.EXECUTE: ("ADVERTISE_STARTD", "ADVERTISE_MASTER", "READ"),
}
"""The least that each role's token must allow; the master holds the key and needs no token."""


def named_for_role(role: Role, name: str) -> str:
    """The name in the pool of a node that calls itself ``name``: it is the role, or starts with it and '-'.

    So a node's identity tells its role, and no node can have a name of another role.
    """
    return name if name == role or name.startswith(f"{role}-") else f"{role}-{name}"


def role_of_node(node: str) -> Role | None:
    """The role that the name of a node with a token tells; None for a name that tells none."""
    for role in ROLE_AUTHORIZATIONS:
        if named_for_role(role, node) == node:
            return role
    return None


def node_identity(node: str, pool: str) -> str:
    """The identity that a node's token names, alone in the pool."""
    return f"{node}@{trust_domain(pool)}"


def role_identities(role: Role, domain: str) -> tuple[str, str]:
    """Patterns of the identities of all nodes of that role, as HTCondor's ALLOW lists take them. Nobody
    else may have one: not a user, an invite, or any other credential."""
    return f"{role}@{domain}", f"{role}-*@{domain}"


_NODE_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?")
_GIVEN_NAME = re.compile(rf"{Role.MASTER}|{Role.SUBMIT}|{Role.EXECUTE}-[1-9][0-9]*")


def is_node_name(name: str) -> bool:
    """Whether a node may have that name: lower case letters, digits, '-' and '.', at most 63."""
    return _NODE_NAME.fullmatch(name) is not None


def is_given_name(name: str) -> bool:
    """Whether ``roost up`` gives that name: no node from elsewhere gets it without a person's consent."""
    return _GIVEN_NAME.fullmatch(name) is not None


def invite_identity(invite: str, pool: str) -> str:
    """The identity of who shows an invite. It stands in no permission list."""
    return f"invite-{invite}@{trust_domain(pool)}"


def invite_of(identity: str, pool: str) -> str | None:
    """The id of the invite that an identity is of; None for any other identity."""
    name, _, domain = identity.partition("@")
    invite = name.removeprefix("invite-")
    return invite if invite != name and domain == trust_domain(pool) else None


USER_PREFIX = "user-"
"""What the identity and the account of each user from outside start with: so they are nobody else's, neither
a node's nor an invite's nor an account of the image."""
USER_AUTHORIZATIONS = ("READ", "WRITE")
"""What a user's token is good for: looking at the queue, and changing one's own jobs."""
USER_SESSION_S = 600
"""Most that a session of a user with the schedd may last: it outlives the token's end by no more, and a
revoked user can be let in again after it, without a restart of the schedd."""
USER_TOKEN_SHORTEST_S = 60
USER_TOKEN_LONGEST_S = 365 * 24 * 3600
USER_TOKEN_DEFAULT_S = 30 * 24 * 3600
_USER_NAME = re.compile(r"[a-z]([a-z0-9_-]{0,24}[a-z0-9])?")
"""With the prefix, at most the 32 characters that an account's name may have."""
_NOBODYS = re.compile(
    rf"({'|'.join(Role)}|execute-.*|submit-.*|invite-.*|condor|root|{JOB_OWNER}|nobody)"
)


def user_name_problem(name: str) -> str | None:
    """Why no user may be called that; None for a good name. That no account of the image has it, the
    submit node sees."""
    if _USER_NAME.fullmatch(name) is None:
        return (
            "a user's name has lower case letters, digits, '-' and '_', a letter first and no '-' or '_'"
            " last, at most 26"
        )
    if _NOBODYS.fullmatch(name):
        return "that is the name of an account or of a node"
    return None


def user_account(user: str) -> str:
    """The account on the submit node that owns the jobs of a user from outside."""
    return f"{USER_PREFIX}{user}"


def user_identity(user: str, pool: str) -> str:
    """The identity that the token of a user names; the schedd knows it as the account."""
    return f"{user_account(user)}@{trust_domain(pool)}"


# Jobs: what the commands of roost-node tell, as JSON lines with the key ``kind`` -------------------


class JobFrame(StrEnum):
    """Kinds of lines, with their other keys. ``process`` is a number from 0 on."""

    REFUSED = "refused"
    """``message``: nothing was submitted, in HTCondor's own words."""
    SUBMITTED = "submitted"
    """``cluster``, ``count``."""
    STARTED = "started"
    """``process``, ``host`` (the slot that runs it)."""
    OUTPUT = "output"
    """``process``, ``stream`` (stdout, stderr), ``data`` (base64)."""
    ENDED = "ended"
    """``process``, and ``code`` or ``signal``."""
    HELD = "held"
    """``process``, ``reason``, ``code`` (HTCondor's HoldReasonCode)."""
    REMOVED = "removed"
    """``process``, ``reason``."""
    REQUEUED = "requeued"
    """``process``, ``reason``: it will start again from its beginning."""
    FILES = "files"
    """What follows this line is a tar of new and changed files, to the end of the output."""


SUBMISSION_FILE = "job.sub"
"""Submit file of a run, below its submission's directory."""
SUBMISSION_LOG = "log"
"""Event log of a run."""
SUBMISSION_OUT_DIR = "out"
"""``out.N``: outputs of process N of a run."""
SUBMISSION_OUTPUTS = "outputs.json"
"""The outputs that a run was asked for; the host writes it when they could not be written there."""
SUBMISSION_ROOT = "root"
"""Of a submit file: the mirror of the host's file system, with what was uploaded at its own path."""
SUBMISSION_NOTE = "submission.json"
"""``{"cwd", "host"}``: where on which host it was submitted."""
AD_SUBMISSION = "RoostSubmission"
"""Attribute of a job: the submission that it belongs to."""
