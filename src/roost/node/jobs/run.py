"""``roost-node job-run SUBMISSION OUTPUTS``: submit a run, follow it, hand back its outputs.

``OUTPUTS`` is the number of processes that bring outputs back; 0 when none does.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from roost import contract
from roost.contract import JobFrame
from roost.node.jobs.archive import write_tar
from roost.node.jobs.follow import Follower
from roost.node.jobs.frames import Teller
from roost.node.jobs.place import get_place
from roost.node.jobs.queue import patiently, remove
from roost.node.jobs.submit import RefusedError, condor_submit

_OVERLOADED_S = 60.0
"""A schedd that turns questions away is asked again for as long."""


def run(arguments: list[str]) -> int:
    """Tell everything as frames. The directory is gone afterwards unless files were handed back:
    then the host removes it, once it has them, or has ``job-keep`` do so."""
    import htcondor2

    place, teller = get_place(arguments[0]), Teller()
    directory = place.directory
    arrivals = [
        directory / f"{contract.SUBMISSION_OUT_DIR}.{process}"
        for process in range(int(arguments[1]))
    ]
    for arrival in arrivals:
        arrival.mkdir()
    try:
        submitted = condor_submit(contract.SUBMISSION_FILE, directory, place)
    except RefusedError as error:
        teller.tell(JobFrame.REFUSED, message=str(error))
        shutil.rmtree(directory, ignore_errors=True)
        return 0
    ((cluster, count),) = submitted.clusters
    teller.tell(JobFrame.SUBMITTED, cluster=cluster, count=count)
    with htcondor2.JobEventLog(str(directory / contract.SUBMISSION_LOG)) as log:
        Follower(directory, count, teller).follow(log)
    # What is on hold. A schedd that has too much to do just then makes no failure of jobs that have ended.
    patiently(lambda: remove(f"ClusterId == {cluster}"), away_s=_OVERLOADED_S)
    _hand_back(directory, arrivals, teller)
    return 0


def _hand_back(directory: Path, arrivals: list[Path], teller: Teller) -> None:
    if any(next(arrival.iterdir(), None) for arrival in arrivals):
        teller.tell(JobFrame.FILES)
        write_tar(((arrival, None) for arrival in arrivals), teller.binary)
    else:
        shutil.rmtree(directory)
