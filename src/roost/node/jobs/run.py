"""``roost-node job-run SUBMISSION COUNT``: submit a run, follow it to its end, hand back its files."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

from roost import contract
from roost.contract import JobFrame
from roost.node.jobs import changes
from roost.node.jobs.follow import Follower
from roost.node.jobs.frames import Teller
from roost.node.jobs.place import submission_dir
from roost.node.jobs.queue import query, remove_cluster
from roost.node.jobs.submit import RefusedError, condor_submit


def run(arguments: list[str]) -> int:
    """Tell everything as frames. The directory is gone afterwards unless files were handed back,
    which the host removes once it has them."""
    directory = submission_dir(arguments[0])
    teller = Teller()
    work = directory / contract.SUBMISSION_WORK_DIR
    work.mkdir(exist_ok=True)
    before = changes.take_snapshot(work)
    changes.save_snapshot(directory, before)
    try:
        ((cluster, count),) = condor_submit(contract.SUBMISSION_FILE, directory)
    except RefusedError as error:
        teller.tell(JobFrame.REFUSED, message=str(error))
        shutil.rmtree(directory)
        return 0
    teller.tell(JobFrame.SUBMITTED, cluster=cluster, count=count)
    log = directory / contract.SUBMISSION_LOG
    follower = Follower(directory, log, count, teller, partial(_find_exit_code, cluster))
    follower.follow()
    if query(f"ClusterId == {cluster}", ["ProcId"]):
        remove_cluster(cluster)
    _hand_back(directory, work, before, teller)
    return 0


def _hand_back(directory: Path, work: Path, before: changes.Snapshot, teller: Teller) -> None:
    paths = changes.find_changes(work, before)
    if paths:
        teller.tell(JobFrame.FILES)
        changes.write_tar(work, paths, teller.binary)
    else:
        shutil.rmtree(directory)


def _find_exit_code(cluster: int, process: int) -> int | None:
    """The code that a held job's command had ended with, if it had: HTCondor holds a job whose
    command ended well, but not with the files that were expected back."""
    ads = query(
        f"ClusterId == {cluster} && ProcId == {process} && ToE =!= undefined",
        ["ExitBySignal", "ExitCode", "ExitSignal"],
    )
    for ad in ads:
        if ad.get("ExitBySignal"):
            return 128 + int(ad.get("ExitSignal", 0))
        return int(ad["ExitCode"]) if "ExitCode" in ad else None
    return None
