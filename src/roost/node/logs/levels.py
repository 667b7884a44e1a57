"""How much a line matters, by its category, its first word, and a list of what is always said.

HTCondor writes nearly everything at the one level D_ALWAYS. Of that, what happens to a job or to a
daemon is INFO; what every job, every cycle and every start says in the same words is DEBUG. Nothing is
left out: a level is a word in the line.
"""

from __future__ import annotations

import re
from functools import cache

from roost.logline import Level
from roost.node.logs.line import Line

_QUIET_CATEGORIES = {"D_FULLDEBUG", "D_STATS"}
_TOLD_BY_LEVEL = {"D_ALWAYS", "D_ERROR", "D_STATUS"}
_ERROR = re.compile(r"(?:\*+ )?ERROR\b|Error: ")
_WARNING = re.compile(r"(?:\*+ )?WARNING\b|Warning: ")

_EVERY_DAEMON = (
    # Settings and addresses, at each start; condor_who and the ads have them.
    r"Setting maximum file descriptors",
    r"\*\* \S|Using (?:local )?config source|/\S+\.config$",
    r"SharedPortEndpoint: waiting for connections",
    r"DaemonCore: (?:private )?command socket",
    r"Daemoncore: Listening",
    r"config Macros =",
    r"CLASSAD_CACHING is",
    r"Daemon Log is logging:",
    r"History file rotation is enabled|Maximum history file size|Number of rotated history files",
    # Of the kernel, not of the job.
    r"/proc was mounted without hidepid",
    r"PROCAPI_RETRY_FRACTION",
    # A file that there need not be (time of execution, update.ad): said of every job.
    r"Failed to write ToE tag|Failed to open '\S*\.update\.ad'",
    r"Not entering transfer queue because sandbox|Transfer exit info: Success = True",
    # Rotation of the log itself.
    r"MaxLog = \d+ bytes|Saving log file to|Now in new log file",
)
_BY_DAEMON = {
    "SHARED_PORT": (r"About to update statistics in shared_port",),
    # What queries and updates come in: many a second, whoever runs a job or not.
    "COLLECTOR": (
        r"PERMISSION GRANTED|Got QUERY_|QueryWorker: |Query info: |Got INVALIDATE_|\(Invalidated",
        r"\w+ *: Updating \.\.\.|MachinePvtAd",
        r"\*\*\*\* Removed",
        r"In (?:ViewServer|CollectorDaemon)::",
    ),
    # The steps of a cycle, which comes every five seconds; matches and rejections are INFO.
    "NEGOTIATOR": (
        r"-+ (?:Started|Finished) Negotiation Cycle",
        r"Phase \d|Getting |Sorting \d|Got ads:|Public ads include|Starting prefetch",
        r"Prefetch summary|negotiateWithGroup|Negotiating with|Got NO_MORE_JOBS",
        r"Leaving compute_significant_attrs|[A-Z_]+ = |[\d.e-]+ seconds so far",
        r"Successfully matched",
    ),
    # How the schedd keeps its own books.
    "SCHEDD": (
        r"QmgmtPeer::setEffectiveOwner|Starting add_shadow_birthdate|AutoCluster:config",
        r"Rebuilt prioritized runnable|Number of Active Workers|TransferQueueManager",
        r"Activity on stashed negotiator|Finished sending|Negotiating for (?:owner|Submitter)",
        r"\d+ new idle jobs submitted|job_transforms for \S+ \d+ considered, 0 applied",
        r"Received a superuser command|getTokenSigningKey\(\): read_secure_file",
        r"Negotiation ended: 0 |Finished negotiating for .*: 0 matched, 0 rejected",
    ),
    "SHADOW": (
        r"LIMIT_DIRECTORY_ACCESS|Reporting job exit reason|Sending DEACTIVATE_CLAIM_JOB_DONE",
        r"Keep calm and",
    ),
    # What it knows of processes, at each step of each job.
    "PROCD": (r".",),
    # Steps that the next line tells better.
    "STARTD": (
        r"bind slot DevIds|Got universe |State change: claim-activation|State change: starter exited",
        r"State change: claiming protocol|State change: IS_OWNER|Cpus: ",
        r"Got activate_claim request|State change: No preempting claim",
    ),
    # How the sandbox is made up, in the same words for every job.
    "STARTER": (
        r"setting the orig job|Submitting machine is|SLOT\w+_USER set|Chirp config summary",
        r"Initialized IO Proxy|Done setting resource limits|Set filetransfer runtime ads",
        r"Tracking process family|Checking to see if \S+ is a writeable cgroup|Cgroup \S+ is not",
        r"IWD: |Renice expr|Create_Process succeeded|Running job as user",
        r"Requesting guidance|Received the following guidance|Carrying on according to guidance",
        r"Returning from Starter::JobReaper|Result of \"unregister_family\"|error unregistering pid",
        r"my_popenv: Failed|JavaDetect: |DockerAPI::detect|Attempting to run: .*singularity",
        r"'/usr/bin/singularity --version' did not exit",
    ),
}
_HARMLESS = re.compile(
    # Somebody connected and said nothing: a port that was probed, as nodes do before they join.
    r"DaemonCore: Can't receive command request from"
    # 25.14: the starter hung up before its job's ad was read; the shadow has it.
    r"|Could not read job ClassAd update from starter, assuming final_update"
)
"""What HTCondor calls a failure and is none."""
_CHATTER = re.compile("|".join(_EVERY_DAEMON))
_STARTED_FOR_EACH_JOB = {"SHADOW", "STARTER"}


_REFUSED = re.compile(
    # condor_auth_passwd.cpp, server's side
    r"User token|Invalid token|Impossible token|JWT|Failed to fetch (?:key|POOL)|Failed to deserialize"
    r"|Hash supplied by client|Received inconsistent data|Error(?: communicating with| from)? client"
    r"|Error: client message|PW: (?:WARNING|Failed)|PW: Server received ERROR"
)


_GRANTED = "PERMISSION GRANTED to "
"""Of every command. The daemon whose D_SECURITY goes into a log of its own says it in its other log."""


def is_admission(line: Line) -> bool:
    """Whether the line says that somebody was let in, which D_SECURITY alone makes a daemon say."""
    if line.category == "D_SECURITY":
        return not _REFUSED.search(line.message)
    return _GRANTED in line.message


def set_level(line: Line) -> None:
    """Give the line its level, and say a category in its message that the level does not."""
    line.level = _level_of(line)
    if line.category not in _TOLD_BY_LEVEL:
        line.message = f"({line.category}) {line.message}"


def _level_of(line: Line) -> Level:
    if _HARMLESS.match(line.message):
        return Level.INFO
    if line.failed or line.category == "D_ERROR":
        return Level.ERROR
    if line.verbose or line.category in _QUIET_CATEGORIES:
        return Level.DEBUG
    if _ERROR.match(line.message):
        return Level.ERROR
    if line.category == "D_SECURITY" and _REFUSED.search(line.message):
        return Level.WARNING
    if _WARNING.match(line.message):
        return Level.WARNING
    if line.banner:
        return Level.DEBUG if line.daemon in _STARTED_FOR_EACH_JOB else Level.INFO
    if _CHATTER.match(line.message) or _is_chatter_of(line.daemon, line.message):
        return Level.DEBUG
    return Level.INFO


def _is_chatter_of(daemon: str, message: str) -> bool:
    """Compiled when the daemon says its first line: no node runs them all, and its start would wait."""
    patterns = _BY_DAEMON.get(daemon)
    return bool(patterns and _compiled(patterns).match(message))


@cache
def _compiled(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(patterns))
