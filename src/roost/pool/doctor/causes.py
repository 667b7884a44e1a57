"""Every cause that ``roost doctor`` knows, in the order in which it looks: from the engine to the jobs.

The words here make ``docs/doctor.md``; a finding says the same of one node or job, with what was seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters, the worst first."""

    ERROR = "error"
    """Something does not run because of it."""
    WARNING = "warning"
    """It will, or holds back a part."""
    INFO = "info"
    """It is as it should be, and good to know."""


@dataclass(frozen=True)
class About:
    """What a cause is: how bad, in a word, what one sees of it, and what to do about it."""

    severity: Severity
    title: str
    looks: str
    mend: str


class Cause(StrEnum):
    """Why something does not run. The names stay: scripts read them."""

    ENGINE_UNREACHABLE = "engine-unreachable"
    ENGINE_DISK_FULL = "engine-disk-full"
    ENGINE_DISK_LOW = "engine-disk-low"
    NO_POOL = "no-pool"
    ROLE_MISSING = "role-missing"

    CONTAINER_STOPPED = "container-stopped"
    CONTAINER_RESTARTING = "container-restarting"
    CONTAINER_PAUSED = "container-paused"
    NODE_SILENT = "node-silent"
    NODE_OUTDATED = "node-outdated"

    CONFIG_BROKEN = "config-broken"
    CLOCK_SKEW = "clock-skew"
    DISK_FULL = "disk-full"
    DISK_LOW = "disk-low"
    FILES_LIMIT = "files-limit"
    PROCESSES_LIMIT = "processes-limit"
    INOTIFY_LIMIT = "inotify-limit"

    NAME_UNRESOLVED = "name-unresolved"
    NO_ROUTE = "no-route"
    PORT_BLOCKED = "port-blocked"

    TOKEN_MISSING = "token-missing"  # noqa: S105 -- the name of a cause
    TOKEN_UNREADABLE = "token-unreadable"  # noqa: S105
    TOKEN_EXPIRED = "token-expired"  # noqa: S105
    TOKEN_OTHER_POOL = "token-other-pool"  # noqa: S105
    TOKEN_UNKNOWN_KEY = "token-unknown-key"  # noqa: S105
    TOKEN_TOO_NARROW = "token-too-narrow"  # noqa: S105
    TOKEN_EXPIRES_SOON = "token-expires-soon"  # noqa: S105
    MASTER_REFUSES = "master-refuses"

    DAEMON_RESTARTING = "daemon-restarting"
    DAEMON_DOWN = "daemon-down"
    COLLECTOR_SILENT = "collector-silent"
    SCHEDD_SILENT = "schedd-silent"
    NEGOTIATOR_STUCK = "negotiator-stuck"
    NODE_UNKNOWN = "node-unknown"
    NODE_STARTING = "node-starting"
    NODE_UNWELL = "node-unwell"

    STARTS_NOTHING = "starts-nothing"
    DRAINING = "draining"
    DUPLICATE_AD = "duplicate-ad"
    FOREIGN_AD = "foreign-ad"
    VERSIONS_DIFFER = "versions-differ"
    KNOB_UNKNOWN = "knob-unknown"
    KNOB_SENSITIVE = "knob-sensitive"

    JOB_HELD = "job-held"
    JOB_DISCONNECTED = "job-disconnected"
    NO_SLOT_MATCHES = "no-slot-matches"
    SLOTS_REFUSE = "slots-refuse"
    TOO_MANY_RUNNING = "too-many-running"
    CONCURRENCY_LIMIT = "concurrency-limit"
    GROUP_QUOTA = "group-quota"
    USER_PRIORITY = "user-priority"
    SLOTS_BUSY = "slots-busy"
    JOB_WAITS = "job-waits"

    @property
    def about(self) -> About:
        """What it is."""
        return ABOUT[self]


_ERROR, _WARNING, _INFO = Severity

ABOUT: Mapping[Cause, About] = {
    Cause.ENGINE_UNREACHABLE: About(
        _ERROR,
        "the container engine does not answer",
        "Every command fails; the engine is not installed, not started, or this account may not use it.",
        "`roost setup` finds, installs or starts one and says what it does.",
    ),
    Cause.ENGINE_DISK_FULL: About(
        _ERROR,
        "the engine's disk is full",
        "Containers do not start, daemons end because they cannot write, and jobs are put on hold.",
        "Free space where the engine keeps its data: `docker system df` shows what takes it.",
    ),
    Cause.ENGINE_DISK_LOW: About(
        _WARNING,
        "the engine's disk is nearly full",
        "Everything runs still. Slots offer little disk, and jobs that ask for more wait.",
        "Free space where the engine keeps its data: `docker system df` shows what takes it.",
    ),
    Cause.NO_POOL: About(
        _ERROR,
        "there is no such pool",
        "The engine has no container with the pool's label; the finding names the pools there are.",
        "Name another pool (`--pool`), or make this one: `roost up`.",
    ),
    Cause.ROLE_MISSING: About(
        _ERROR,
        "the pool has no node of a role",
        "A container was removed, or an `up` was interrupted: without a master nothing is known, without"
        " a submit node there is no queue, without an executor nothing runs.",
        "`roost up` makes what is missing.",
    ),
    Cause.CONTAINER_STOPPED: About(
        _ERROR,
        "its container does not run",
        "The engine shows it as exited or created. The last line of its log, or its exit code, says why.",
        "`roost up` starts it.",
    ),
    Cause.CONTAINER_RESTARTING: About(
        _ERROR,
        "its container ends again and again",
        "The engine starts it anew each time; the last lines of its log say why it ends.",
        "Mend what its log says (`roost logs NODE`), then `roost up`.",
    ),
    Cause.CONTAINER_PAUSED: About(
        _ERROR,
        "its container is paused",
        "All its processes stand still, and whoever talks to them waits.",
        "`docker unpause CONTAINER`.",
    ),
    Cause.NODE_SILENT: About(
        _ERROR,
        "the node does not answer",
        "Its container runs, but a command in it fails or does not end: out of processes or memory, or a"
        " file system that hangs.",
        "Look at its log (`roost logs NODE`); when nothing helps, stop its container and `roost up`.",
    ),
    Cause.NODE_OUTDATED: About(
        _WARNING,
        "the node is of another version of Roost",
        "It does not know the questions of this `roost doctor`, so nothing is known of its inside.",
        "`roost up` makes it anew.",
    ),
    Cause.CONFIG_BROKEN: About(
        _ERROR,
        "HTCondor refuses its configuration",
        "`condor_config_val` and every daemon of the node end with the same complaint about a line.",
        "Correct that line in the pool file, then `roost up`.",
    ),
    Cause.CLOCK_SKEW: About(
        _ERROR,
        "its clock is wrong",
        "Tokens are not valid yet or any more, claims end early, and times in logs do not fit together.",
        "Set the clock of its host (NTP); containers have none of their own.",
    ),
    Cause.DISK_FULL: About(
        _ERROR,
        "its disk is full",
        "Daemons end because they cannot write their logs or the queue, and jobs are put on hold. A file"
        " system without free inodes is full as well.",
        "Remove what is not needed there, or give it more space.",
    ),
    Cause.DISK_LOW: About(
        _WARNING,
        "its disk is nearly full",
        "Everything runs still; jobs that ask for more disk than is left do not match.",
        "Remove what is not needed there, or give it more space.",
    ),
    Cause.FILES_LIMIT: About(
        _WARNING,
        "a daemon has nearly as many files open as it may",
        "Beyond the limit it takes no more connections: shadows fail, and commands hang.",
        "Raise `nofile` for the engine's containers (for Docker: `default-ulimits` in daemon.json).",
    ),
    Cause.PROCESSES_LIMIT: About(
        _WARNING,
        "it has nearly as many processes as it may",
        "Beyond the limit nothing can be started there: no starter, no shadow, no command.",
        "See what runs there (`docker top CONTAINER`); run fewer jobs, or jobs with fewer processes.",
    ),
    Cause.INOTIFY_LIMIT: About(
        _WARNING,
        "inotify instances are nearly used up",
        "Programs that watch files fail with \"too many open files\": log followers, DAGMan, jobs.",
        "On the host: `sysctl -w fs.inotify.max_user_instances=1024`.",
    ),
    Cause.NAME_UNRESOLVED: About(
        _ERROR,
        "the master's name does not resolve",
        "MASTER is wrong, or the container is cut off from the pool's network, whose names the engine"
        " resolves.",
        "Connect it to the pool's network again, or correct MASTER.",
    ),
    Cause.NO_ROUTE: About(
        _ERROR,
        "there is no route to the master",
        "The kernel knows no way to the master's address, or a router on it says that there is none.",
        "Check the node's network: `roost exec NODE -- cat /proc/net/route`.",
    ),
    Cause.PORT_BLOCKED: About(
        _ERROR,
        "the master's port is blocked",
        "The collector is alive, and connections of this node to it are refused or come to nothing:"
        " a firewall, or a wrong port.",
        "Let TCP through to the master's port 9618.",
    ),
    Cause.TOKEN_MISSING: About(
        _ERROR,
        "it has no token",
        "The node asks to join and waits to be let in, or the next connection that it makes is refused.",
        "Stop its container, then `roost up`, which gives a token to every node that it starts.",
    ),
    Cause.TOKEN_UNREADABLE: About(
        _ERROR,
        "its token cannot be used",
        "The file is damaged, or not readable by root alone.",
        "Stop its container, then `roost up`, which gives a token to every node that it starts.",
    ),
    Cause.TOKEN_EXPIRED: About(
        _ERROR,
        "its token has expired",
        "What is connected goes on for a while; every new connection is refused.",
        "Stop its container, then `roost up`, which gives a token to every node that it starts.",
    ),
    Cause.TOKEN_OTHER_POOL: About(
        _ERROR,
        "its token is of another pool",
        "TRUST_DOMAIN and the token's issuer differ: the master does not know its signature.",
        "Stop its container, then `roost up`, which gives a token to every node that it starts.",
    ),
    Cause.TOKEN_UNKNOWN_KEY: About(
        _ERROR,
        "its token was signed by a key that the master does not have",
        "The master's volume was made anew, or the key was withdrawn: the master refuses the node.",
        "Stop its container, then `roost up`, which gives a token to every node that it starts.",
    ),
    Cause.TOKEN_TOO_NARROW: About(
        _ERROR,
        "its token allows less than its role needs",
        "The collector refuses what the token does not name, often in silence: ads do not arrive.",
        "Stop its container, then `roost up`, which gives a token to every node that it starts.",
    ),
    Cause.TOKEN_EXPIRES_SOON: About(
        _WARNING,
        "its token expires soon",
        "Everything runs still. A node renews its token by itself when a third of its life is left;"
        " this one could not, and its log says why.",
        "Mend what its log names. Or stop its container, then `roost up`, which gives a token to every"
        " node that it starts.",
    ),
    Cause.MASTER_REFUSES: About(
        _ERROR,
        "the master refuses it",
        "Its token looks right, and the collector does not let it do its role's work all the same:"
        " revoked, signed by a forged key, or denied by configuration.",
        "See the collector's side: `roost exec master -- tail /var/lib/condor/log/CollectorLog`.",
    ),
    Cause.DAEMON_RESTARTING: About(
        _ERROR,
        "a daemon ends again and again",
        "`condor_master` starts it anew after ever longer pauses; its log says why it ends.",
        "Mend what its log says, then `roost exec NODE -- condor_restart -daemon NAME`.",
    ),
    Cause.DAEMON_DOWN: About(
        _ERROR,
        "a daemon does not run",
        "It was switched off (`condor_off`), or cannot be started.",
        "`roost exec NODE -- condor_on -daemon NAME`.",
    ),
    Cause.COLLECTOR_SILENT: About(
        _ERROR,
        "the collector does not answer",
        "Its process is there, and takes no question.",
        "`roost exec master -- condor_restart -fast -daemon collector`.",
    ),
    Cause.SCHEDD_SILENT: About(
        _ERROR,
        "the schedd does not answer",
        "Its process is there, and takes no question: it is overloaded, or hangs.",
        "See what it does: `roost exec submit -- tail /var/lib/condor/log/SchedLog`.",
    ),
    Cause.NEGOTIATOR_STUCK: About(
        _ERROR,
        "the negotiator does not match jobs to slots",
        "Its process is there, and its last cycle was long ago.",
        "`roost exec master -- condor_restart -fast -daemon negotiator`.",
    ),
    Cause.NODE_UNKNOWN: About(
        _ERROR,
        "the collector does not know it",
        "The node runs, and its ad does not arrive in the collector or has gone from it.",
        "See its log: `roost logs NODE`.",
    ),
    Cause.NODE_STARTING: About(
        _INFO,
        "it is starting",
        "Its container was started a moment ago.",
        "Wait for it: `roost status --watch`.",
    ),
    Cause.NODE_UNWELL: About(
        _WARNING,
        "it says that it is not well",
        "Its own health check found something that the other checks here did not.",
        "See its log: `roost logs NODE`.",
    ),
    Cause.STARTS_NOTHING: About(
        _WARNING,
        "it takes no jobs",
        "START is false in its slots' ads.",
        "Find who sets it: `roost exec NODE -- condor_config_val -verbose START`.",
    ),
    Cause.DRAINING: About(
        _WARNING,
        "it is draining",
        "Its slots finish what they run and take nothing new (`condor_drain`).",
        "`roost exec master -- condor_drain -cancel SLOT`.",
    ),
    Cause.DUPLICATE_AD: About(
        _WARNING,
        "the collector hears it from two addresses",
        "Its ads come from different addresses: it was made anew and the old ad is still there,"
        " or two nodes have one name. Jobs may be matched to the one that is gone.",
        "The old ad goes by itself within 15 minutes; two nodes with one name need two names.",
    ),
    Cause.FOREIGN_AD: About(
        _INFO,
        "the collector knows a node that is neither on this engine nor was let in from elsewhere",
        "A node that is gone and whose ad is still there, or one on another host with a token made by hand.",
        "Nothing, where it is yours. An ad that nobody renews goes by itself within 15 minutes.",
    ),
    Cause.VERSIONS_DIFFER: About(
        _WARNING,
        "nodes have different versions of HTCondor",
        "An upgrade is not complete. HTCondor's versions work together, but not in everything.",
        "`roost up` makes all nodes of this engine alike.",
    ),
    Cause.KNOB_UNKNOWN: About(
        _WARNING,
        "a setting is unknown to HTCondor",
        "It is set in the operator's configuration, HTCondor never asks for it, and has one with a name"
        " like it.",
        "Correct its name in the pool file, then `roost up`.",
    ),
    Cause.KNOB_SENSITIVE: About(
        _INFO,
        "a setting that Roost relies on is overridden",
        "It is set in the operator's configuration, which is applied last.",
        "Nothing, if it is meant so.",
    ),
    Cause.JOB_HELD: About(
        _ERROR,
        "jobs are on hold",
        "HTCondor stopped trying; HoldReason says why.",
        "Mend what the reason says, then `roost exec submit -- condor_release JOB`; or `roost rm JOB`.",
    ),
    Cause.JOB_DISCONNECTED: About(
        _WARNING,
        "running jobs are out of reach",
        "The network to their executor is cut, or it ended without a word. They may go on there until their"
        " lease ends, and start anew elsewhere then. The lease is 2 min for jobs of `roost run`, and 40 min"
        " for others, unless their submit file says otherwise.",
        "Bring the executor or its network back. Where the executor itself was started anew, its jobs go"
        " back to the queue within about half a minute.",
    ),
    Cause.NO_SLOT_MATCHES: About(
        _ERROR,
        "no slot can ever run the job",
        "It stays idle. The finding names the requirement that no slot fulfils, and what slots offer.",
        "Ask for less (`condor_qedit`, or submit it anew), or give the pool a fitting executor.",
    ),
    Cause.SLOTS_REFUSE: About(
        _ERROR,
        "the slots do not want the job",
        "The job would be content with them, but START or another wish of theirs excludes it.",
        "Compare START with the job: `roost exec submit -- condor_q -better-analyze:reverse JOB`.",
    ),
    Cause.TOO_MANY_RUNNING: About(
        _WARNING,
        "the schedd runs as many jobs as it may",
        "MAX_JOBS_RUNNING is reached; more jobs start as others end.",
        "Raise MAX_JOBS_RUNNING under `[htcondor.submit]` in the pool file, then `roost up`.",
    ),
    Cause.CONCURRENCY_LIMIT: About(
        _WARNING,
        "a concurrency limit is reached",
        "The jobs name a limited resource (`concurrency_limits`), and others use all of it.",
        "Wait, or raise its _LIMIT under `[htcondor.master]` in the pool file, then `roost up`.",
    ),
    Cause.GROUP_QUOTA: About(
        _WARNING,
        "the quota of the group or user is used up",
        "Slots are free, and the negotiator gives no more of them to these jobs.",
        "Wait, or raise the GROUP_QUOTA under `[htcondor.master]` in the pool file, then `roost up`.",
    ),
    Cause.USER_PRIORITY: About(
        _INFO,
        "others are first",
        "All fitting slots run jobs of other users, whose turn it is by their priorities.",
        "Wait, or change priorities: `roost exec master -- condor_userprio -setfactor USER FACTOR`.",
    ),
    Cause.SLOTS_BUSY: About(
        _INFO,
        "all fitting slots are busy",
        "The jobs wait for others to end, as they should.",
        "Wait, or add executors: `roost scale N`.",
    ),
    Cause.JOB_WAITS: About(
        _WARNING,
        "jobs wait though slots are free",
        "Slots fit, and the negotiator has not matched them for a minute.",
        "See what it says: `roost exec master -- tail /var/lib/condor/log/NegotiatorLog`.",
    ),
}  # fmt: skip
