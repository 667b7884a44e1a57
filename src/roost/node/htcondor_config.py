"""The HTCondor configuration of a node: a pure function of its settings.

HTCondor's own defaults stay wherever they serve; every knob set here says why. The knobs are described
in the chapter "Configuration Macros" of HTCondor's manual.
"""

from __future__ import annotations

from collections.abc import Sequence

from roost import contract
from roost.contract import Role
from roost.node.door.knobs import render_door
from roost.node.enforcement import Enforcement, render_enforcement
from roost.node.health.intervals import BACKOFF_CEILING_S
from roost.node.interface import render_interface
from roost.node.logs.knobs import render_log_knobs
from roost.node.reach import Reach, render_reach
from roost.node.security_config import render_security
from roost.node.settings import NodeSettings
from roost.node.users.knobs import render_remote_users

_DAEMONS = {
    Role.MASTER: "MASTER, COLLECTOR, NEGOTIATOR",
    Role.SUBMIT: "MASTER, SCHEDD",
    Role.EXECUTE: "MASTER, STARTD",
}


def render_config(
    settings: NodeSettings,
    *,
    signing_key: str | None = None,
    certificate: tuple[str, str] | None = None,
    enforcement: Enforcement | None = None,
    reach: Reach = Reach.DIRECT,
    interface: str | None = None,
    extra_files: Sequence[str] = (),
) -> str:
    """The whole configuration file. ``signing_key`` is the id of the node's key, which a master and a
    submit node have; ``certificate`` names the files of the master's host certificate and key;
    ``enforcement`` is what an executor can do to bound its jobs; ``reach`` is how other nodes reach this
    one, and ``interface`` the network of it where there are several; ``extra_files`` are the operator's own,
    included last."""
    role = {
        Role.MASTER: _master(signing_key) + render_door(certificate),
        Role.SUBMIT: _SUBMIT + render_remote_users(signing_key) + _queue_limits(settings.memory_mb),
        Role.EXECUTE: _execute(settings),
    }
    parts = [
        _identity(settings),
        _common(settings.port),
        render_log_knobs(settings.role, _slots(settings)),
        render_security(settings.role),
        role[settings.role],
    ]
    whereabouts = (render_reach(settings, reach), render_interface(interface))
    parts += [text for text in (*whereabouts, _render_host(settings)) if text]
    if enforcement:
        parts.append(render_enforcement(enforcement))
    if extra_files:
        parts.append("# The operator's own configuration, applied last.\n")
        parts.append("".join(f"include : {path}\n" for path in extra_files))
    if settings.role is not Role.EXECUTE:
        parts.append(_ACCESS)
    return "\n".join(parts)


def _identity(settings: NodeSettings) -> str:
    domain = contract.trust_domain(settings.pool)
    return f"""\
# Written by roost-node at every start; put your own settings in {contract.EXTRA_CONFIG_DIR}.

# Who this node is. All its daemons' names follow from this one, not from an address or from what a
# resolver says of it, so that queue, claims and accounting find it again after a restart elsewhere.
NETWORK_HOSTNAME = {contract.node_hostname(settings.node, settings.pool)}
DAEMON_LIST = {_DAEMONS[settings.role]}
COLLECTOR_NAME = {settings.pool}
CONDOR_HOST = {settings.master.host}
COLLECTOR_HOST = {_collector(settings)}
NO_DNS = {settings.master.is_number}
DEFAULT_DOMAIN_NAME = {domain}

# One domain for the whole pool. Owners are authenticated by the schedd and need no reverse DNS.
UID_DOMAIN = {domain}
TRUST_DOMAIN = {domain}
TRUST_UID_DOMAIN = True
"""


def _common(port: int) -> str:
    return f"""\
# Where things are: everything that must outlive the container is below one directory.
LOCAL_DIR = {contract.STATE_DIR}
SPOOL = {contract.SPOOL_DIR}
EXECUTE = {contract.EXECUTE_DIR}
LOG = {contract.LOG_DIR}
# Beside the logs, in a directory that is closed: HTCondor makes them readable by everybody.
HISTORY = $(LOG)/history
STARTD_HISTORY = $(LOG)/startd_history
JOB_EPOCH_HISTORY = $(LOG)/epoch_history
SCHEDD_DAEMON_HISTORY = $(LOG)/schedd_daemon_history
RUN = {contract.CONDOR_RUN_DIR}
LOCK = {contract.CONDOR_RUN_DIR}
CONDOR_IDS = {contract.CONDOR_UID}.{contract.CONDOR_GID}

# The core file of a crashed daemon holds the node's token, and on the master the signing key.
CREATE_CORE_FILES = False

# There is no mail in a container; what HTCondor would mail about stands in its logs.
MAIL = /usr/bin/true

# One port for everything that comes in.
USE_SHARED_PORT = True
SHARED_PORT_PORT = {port}
# Nothing else listens, but for the schedd's port for its shadows, which no knob closes. Updates go by TCP;
# collector and schedd would each open one more port, of any number, for administrators of a daemon that is
# too busy to answer at its own.
WANT_UDP_COMMAND_SOCKET = False
COLLECTOR_SUPER_ADDRESS_FILE =
SCHEDD_SUPER_ADDRESS_FILE =

# A tool of somebody who may not use the node's port, but look at the pool, would listen at a port of its own
# and wait there for an executor that cannot reach it.
TOOLS_ASSUME_FIREWALLS = True

# A container may not tune the host's kernel, and trying costs a second.
ENABLE_KERNEL_TUNING = False
# The process daemon wants privileges that a container need not have; the starter tracks jobs itself.
USE_PROCD = False
# Without it, condor_master (23.9.6, 25.14.1) crashes when a daemon dies and leaves behind a process that
# was in a snapshot of the daemon's family, such as a shadow: KillFamily::takesnapshot writes into an empty
# vector. The node would start anew. So it takes none after the first one, 2 s after the daemon's start.
MASTER.PID_SNAPSHOT_INTERVAL = 100000000
# A daemon that ended is started again after 10 s, then 11, 13, 17, but never later: a single packet ends any
# daemon of 23.9.6 (a number of attributes out of range: getClassAd in classad_oldnew.cpp, mended since), and
# who sends it again and again must not have made the pool wait for an hour, as by default.
MASTER_BACKOFF_CEILING = {BACKOFF_CEILING_S}
# A connection on which nothing is said is tried after a minute instead of six, which keeps routers from
# forgetting it, and lets shadow and starter of a job find out earlier that the network between them is cut.
TCP_KEEPALIVE_INTERVAL = 60
# A restarted collector knows a node again after one or two of these, not after five minutes.
UPDATE_INTERVAL = 20
MASTER_UPDATE_INTERVAL = 20
"""


def _render_host(settings: NodeSettings) -> str:
    if not settings.host:
        return ""
    return f"""\
# Where the node is, for people: each daemon tells the collector.
RoostHost = "{settings.host}"
MASTER_ATTRS = $(MASTER_ATTRS) RoostHost
SCHEDD_ATTRS = $(SCHEDD_ATTRS) RoostHost
STARTD_ATTRS = $(STARTD_ATTRS) RoostHost
"""


def _master(signing_key: str | None) -> str:
    return f"""\
# Keys are named by id; without a name here, HTCondor would make a key POOL of its own.
SEC_PASSWORD_DIRECTORY = {contract.KEYS_DIR}
SEC_TOKEN_ISSUER_KEY = {signing_key or ""}
SEC_TOKEN_POOL_SIGNING_KEY_FILE =
SEC_PASSWORD_FILE =
# The life of every token that is issued here, in seconds; nodes renew theirs after two thirds of it.
SEC_ISSUED_TOKEN_EXPIRATION = {contract.TOKEN_LIFETIME_S}

# With the collector behind it, the shared port would take any port.
SHARED_PORT_ARGS = -p {contract.COLLECTOR_PORT}

# The schedd asks for a cycle whenever it has a new job: start it at once. The interval is for those who
# wait when a slot gets free or an executor comes; a cycle writes a dozen lines of log, also an idle one.
NEGOTIATOR_CYCLE_DELAY = 0
NEGOTIATOR_MIN_INTERVAL = 0
NEGOTIATOR_INTERVAL = 5
# Health is told by when the last cycle ended; the negotiator's own ad would say it every five minutes.
NEGOTIATOR_UPDATE_AFTER_CYCLE = True
# What the collector says of its own load is a quarter of an hour old otherwise.
COLLECTOR_UPDATE_INTERVAL = 20
"""


_ACCESS = f"""\
# The key that signs, and whose tokens are revoked. Even after the operator's own: it changes while
# HTCondor runs, and a revocation holds whatever else is configured.
include : {contract.ACCESS_CONFIG}
"""


_SUBMIT = """\
# A job asks for a match the moment it is queued.
SCHEDD_MIN_INTERVAL = 0
SCHEDD_INTERVAL = 1

# A negotiator that was started anew sends NEGOTIATE at the moment when the schedd sends it RESCHEDULE. Each
# waits for the other's part of the handshake, for 20 s by default, and both try again at once (23.9.6, for
# minutes). One of them has to give in earlier.
SCHEDD.SEC_CLIENT_AUTHENTICATION_TIMEOUT = 3

# How long a job whose executor is not heard any more may go on there, and stays with it in the queue. Then it
# ends there and starts anew elsewhere. It is HTCondor's own default, and a decision: docs/decisions/lease.md.
JOB_DEFAULT_LEASE_DURATION = 2400
# After a cut, a job is found again within this, instead of up to 300 s.
RECONNECT_BACKOFF_CEILING = 30

# 25.14 lets each job wait 5 s for the answer whether its input files have arrived, where they are so
# small that the shadow is asked before it has seen its own transfer end. This says yes at once, as every
# release before did; set it to False for jobs that share input files (MY.CommonInputFiles).
if version >= 25.0
GUIDANCE_KEEP_CALM_AND = True
endif
"""


_NODE_MB = 512
"""What a submit node needs beside its queue: the idle daemons, supervision, and whoever looks at it."""
_SHADOW_MB = 4
_JOB_KB = 16
"""Of a queued job in the schedd: 5 kB measured, and the environment and arguments of jobs besides."""


def _queue_limits(memory_mb: int | None) -> str:
    """How many jobs the submit node takes, so that the kernel need not end its schedd for want of memory."""
    if memory_mb is None:
        return ""
    for_jobs_mb = max(memory_mb - _NODE_MB, 0)
    return f"""
# Follows from the memory of this container: beyond it jobs wait, or are refused in words, where otherwise
# the kernel would end the schedd again and again. Three quarters are for shadows, one is for the queue.
MAX_JOBS_RUNNING = {for_jobs_mb * 3 // 4 // _SHADOW_MB}
MAX_JOBS_SUBMITTED = {for_jobs_mb * 1024 // 4 // _JOB_KB}
"""


def _execute(settings: NodeSettings) -> str:
    offered = f"NUM_CPUS = {settings.cpus}\n" if settings.cpus else ""
    offered += f"MEMORY = {settings.memory_mb}\n" if settings.memory_mb else ""
    accounts = "".join(
        f"SLOT1_{n}_USER = {contract.slot_account(n)}\n" for n in range(1, _slots(settings) + 1)
    )
    return f"""\
# What this executor offers, as one partitionable slot. Nothing: what the kernel shows.
{offered}NUM_SLOTS = 1
NUM_SLOTS_TYPE_1 = 1
SLOT_TYPE_1 = 100%
SLOT_TYPE_1_PARTITIONABLE = True
START = True

# An account of its own for each slot: jobs cannot reach into each other's sandboxes, and whatever a
# job leaves behind is found by its uid and ended.
STARTER_ALLOW_RUNAS_OWNER = False
DEDICATED_EXECUTE_ACCOUNT_REGEXP = {contract.slot_account(0)[:-1]}[0-9]+
{accounts}
# It removes what the last job left under the slot's account, and becomes condor_starter.
STARTER = {contract.STARTER_PROGRAM}
# Without the process daemon, the startd of 25.14 takes each starter that has ended for a leftover of its
# job, and waits 3 s before it believes otherwise.
if version >= 25.0
USE_PROCD = True
endif

# Start-up benchmarks would burn CPU that the pool's other nodes need to start.
RUNBENCHMARKS = False
# The start-up probe asks each plug-in what it can do. Those for box, gdrive and onedrive cost half a
# second of it and need credentials that a pool without a credential monitor never has.
FILETRANSFER_PLUGINS = $(LIBEXEC)/curl_plugin, $(LIBEXEC)/data_plugin
"""


def _collector(settings: NodeSettings) -> str:
    """Where the collector is. Its own condor_master opens one more port for it, of any number, unless
    it is told that it is behind the shared port (masterDaemon.cpp)."""
    return f"{settings.master}{'?sock=collector' if settings.role is Role.MASTER else ''}"


def _slots(settings: NodeSettings) -> int:
    """The most that the node can have: one for each CPU."""
    return settings.cpus or contract.MAX_CPUS_PER_EXECUTOR
