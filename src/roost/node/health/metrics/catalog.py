"""Every metric there is: its name, what it means, its labels.

``condor_``: what HTCondor says of itself. ``roost_``: what Roost sees or concludes. Every metric of a
node has the label ``node``, so that a node's own endpoint and the master's, which tells of all nodes,
say the same thing in the same words. Names follow Prometheus' "Metric and label naming".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True)
class Metric:
    """One metric; a counter's name ends in ``_total``."""

    name: str
    help: str
    labels: tuple[str, ...] = ("node",)

    @property
    def counts(self) -> bool:
        """It only ever grows, until what it counts starts anew."""
        return self.name.endswith("_total")


class Sample(NamedTuple):
    """One value of a metric; ``labels`` are in the order of the metric's own."""

    metric: Metric
    labels: tuple[str, ...]
    value: float


# Nodes and daemons ----------------------------------------------------------------------------------

NODE_INFO = Metric(
    "roost_node_info", "1 for every node that the collector knows.", ("node", "role", "version")
)
HEALTH = Metric(
    "roost_node_health", "1 for the state that the node's health is in, 0 for all others.",
    ("node", "state"),
)  # fmt: skip
HEALTH_CHECKED = Metric(
    "roost_node_health_checked_timestamp_seconds", "When the node's health was last looked at."
)
DAEMON_UP = Metric("condor_daemon_up", "Whether the daemon runs.", ("node", "daemon"))
DAEMON_RESTARTS = Metric(
    "condor_daemon_restarts_total",
    "How often the daemon was started again, as far as this endpoint has seen.",
    ("node", "daemon"),
)
DAEMON_START = Metric(
    "condor_daemon_start_timestamp_seconds", "When the daemon was started.", ("node", "daemon")
)
DAEMON_DUTY_CYCLE = Metric(
    "condor_daemon_duty_cycle_ratio",
    "Part of the last minutes in which the daemon did not wait for work; near 1 it falls behind.",
    ("node", "daemon"),
)
DAEMON_HEARD = Metric(
    "condor_daemon_last_heard_timestamp_seconds",
    "When the collector last heard of the daemon.",
    ("node", "daemon"),
)

# Slots ----------------------------------------------------------------------------------------------

SLOTS = Metric(
    "condor_slots",
    "Places for a job of one CPU: slots with a job, and free CPUs of partitionable slots.",
    ("state", "activity"),
)
SLOTS_IDLE = Metric(
    "condor_slots_idle", "Places for a job of one CPU that run none, by the reason.", ("reason",)
)
NODE_SLOTS = Metric(
    "condor_node_slots",
    "Places for a job of one CPU on the node: claimed by a job, free, or not to be had.",
    ("node", "state"),
)
NODE_OFFERED_MEMORY = Metric(
    "condor_node_offered_memory_bytes", "Memory that the node offers to jobs, or has given to them."
)

# Jobs -----------------------------------------------------------------------------------------------

JOBS = Metric("condor_jobs", "Jobs in the node's queue.", ("node", "state"))
USER_JOBS = Metric(
    "condor_user_jobs",
    "Jobs of a user in all queues; the users with fewest jobs are together '(others)'.",
    ("user", "state"),
)
JOBS_SUBMITTED = Metric("condor_jobs_submitted_total", "Jobs that were put into the queue.")
JOBS_STARTED = Metric("condor_jobs_started_total", "Starts of jobs.")
JOBS_COMPLETED = Metric("condor_jobs_completed_total", "Jobs that ran to their end.")
SHADOWS = Metric("condor_shadows", "Shadows that run, one for each running job.")

# Matching -------------------------------------------------------------------------------------------

CYCLE_DURATION = Metric(
    "condor_negotiator_last_cycle_duration_seconds", "How long the last negotiation cycle took."
)
CYCLE_END = Metric(
    "condor_negotiator_last_cycle_end_timestamp_seconds", "When the last negotiation cycle ended."
)
CYCLE_MATCHES = Metric(
    "condor_negotiator_last_cycle_matches", "Jobs that the last negotiation cycle found slots for."
)
CYCLE_REJECTIONS = Metric(
    "condor_negotiator_last_cycle_rejections", "Jobs that the last cycle found no slot for."
)
CYCLE_IDLE_JOBS = Metric(
    "condor_negotiator_last_cycle_idle_jobs", "Idle jobs that the last negotiation cycle saw."
)
CYCLE_SLOTS = Metric(
    "condor_negotiator_last_cycle_candidate_slots", "Slots that the last cycle could give away."
)

# File transfer --------------------------------------------------------------------------------------

TRANSFERS = Metric(
    "condor_transfers", "Transfers of files of jobs, active or waiting for their turn.",
    ("node", "direction", "state"),
)  # fmt: skip
TRANSFERS_LIMIT = Metric(
    "condor_transfers_limit", "Most transfers at once; 0 is no limit.", ("node", "direction")
)
TRANSFER_WAIT = Metric(
    "condor_transfer_wait_seconds", "How long the transfer that is next has waited.",
    ("node", "direction"),
)  # fmt: skip
TRANSFER_BYTES = Metric(
    "condor_transfer_bytes_total", "Bytes of files of jobs that were transferred.",
    ("node", "direction"),
)  # fmt: skip

# The node itself ------------------------------------------------------------------------------------

DISK_SIZE = Metric(
    "roost_node_disk_size_bytes", "Size of the file system at the path.", ("node", "path")
)
DISK_FREE = Metric(
    "roost_node_disk_free_bytes", "Free space of the file system at the path.", ("node", "path")
)
MEMORY_USED = Metric(
    "roost_node_memory_used_bytes",
    "Memory of the node's container, without what can be given back.",
)
MEMORY_LIMIT = Metric(
    "roost_node_memory_limit_bytes",
    "Most memory that the node may have: the container's or host's.",
)
CPU_SECONDS = Metric("roost_node_cpu_seconds_total", "CPU time of everything in the container.")
LOG_LINES = Metric(
    "roost_log_lines_total", "Lines of log that the node forwarded.", ("node", "daemon", "level")
)

CATALOG = tuple(value for value in list(globals().values()) if isinstance(value, Metric))
