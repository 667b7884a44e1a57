"""The jobs that a user names, in the queue and in the history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from roost import contract
from roost.jobreach import DISCONNECTED
from roost.node.jobs.queue import Ad, history, query

PROJECTION = (
    *("ClusterId", "ProcId", "Owner", "JobStatus", "QDate", "EnteredCurrentStatus"),
    *("JobCurrentStartDate", "JobStartDate", "CompletionDate", "RemoteWallClockTime"),
    *("RemoteHost", "LastRemoteHost", "Cmd", "Args", "Arguments", "JobDescription"),
    *("HoldReason", "RemoveReason", "ExitCode", "ExitBySignal", "ExitSignal"),
    *DISCONNECTED,
    contract.AD_SUBMISSION,
)
_SHOWN = 20


def constraint_of(ids: Sequence[str]) -> str:
    """What finds ``12`` (a cluster) and ``12.3`` (one process of it)."""
    return " || ".join(_one(text) for text in ids)


def find_in_queue(ids: Sequence[str]) -> list[Ad]:
    """Those of the jobs that are in the queue."""
    return query(constraint_of(ids), PROJECTION)


def find_in_history(ids: Sequence[str]) -> list[Ad]:
    """Those of the jobs that have left it, each once: a schedd that is killed within seconds after a job's
    end writes it down a second time (``DestroyProc`` in qmgmt.cpp)."""
    found = list(history(constraint_of(ids), PROJECTION))
    return list({job_name(ad): ad for ad in reversed(found)}.values())


def find_unknown(ids: Sequence[str], found: Iterable[Ad]) -> list[str]:
    """The ids that name none of the jobs found."""
    names = {name for ad in found for name in (str(ad["ClusterId"]), job_name(ad))}
    return [text for text in ids if text not in names]


def known_clusters() -> list[str]:
    """Clusters that could have been named: those in the queue, and the latest that left it."""
    ads = [*query("true", ["ClusterId"]), *history("true", ["ClusterId"], _SHOWN)]
    return [str(one) for one in sorted({ad["ClusterId"] for ad in ads})[-_SHOWN:]]


def job_name(ad: Ad) -> str:
    """``12.3``."""
    return f"{ad['ClusterId']}.{ad['ProcId']}"


def _one(text: str) -> str:
    cluster, dot, process = text.partition(".")
    constraint = f"ClusterId == {int(cluster)}"
    return f"({constraint} && ProcId == {int(process)})" if dot else f"({constraint})"
