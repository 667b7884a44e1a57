"""Which attributes of the collector's ads are read of a whole pool."""

from __future__ import annotations

HEALTH_PROJECTION = (
    "MyType", "Machine", "LastHeardFrom", "DaemonStartTime",
    "MASTER_StartTime", "COLLECTOR_StartTime", "NEGOTIATOR_StartTime", "SCHEDD_StartTime",
    "STARTD_StartTime", "SHARED_PORT_StartTime", "LastNegotiationCycleEnd0",
    "State", "Draining", "SlotBrokenReason",
)  # fmt: skip
"""All that the health of nodes is told by."""
LIMITS = {
    "memory": "RoostMemoryEnforcement",
    "cpus": "RoostCpuEnforcement",
    "private_tmp": "RoostPrivateTmp",
}
"""How an executor keeps jobs within their bounds; it finds that out when it starts."""
JOB_COUNTS = {
    "idle": "TotalIdleJobs",
    "running": "TotalRunningJobs",
    "held": "TotalHeldJobs",
    "completed": "JobsCompleted",
}
PROJECTION = (
    *HEALTH_PROJECTION,
    "CondorVersion", "MyAddress", "RoostHost", "SlotType", "Cpus", "TotalSlotCpus",
    *LIMITS.values(), *JOB_COUNTS.values(),
)  # fmt: skip
"""All that a status is made of."""
