"""The Linux capabilities that a container of each role keeps, and what fails without each.

Every other capability is dropped. The sentences were measured by taking one capability away from one
role's container of a pool, on HTCondor 23.9.6; for executors on 25.14.1 too, with the same outcome where no
version is named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from roost.contract import Role


@dataclass(frozen=True)
class Right:
    """One capability, without its prefix ``CAP_``, and what was seen without it."""

    capability: str
    without: str


_NO_SETUID = (
    "`condor_master` cannot become `condor`, to whom its files belong: `Cannot open log file "
    "'/var/lib/condor/log/MasterLog'`; it ends at once."
)
_NO_SETGID = (
    "`condor_master` cannot take the groups of `condor` (`initgroups() failed`) and ends at once, since it "
    "cannot write its lock."
)

RIGHTS: Mapping[Role, tuple[Right, ...]] = MappingProxyType(
    {
        Role.MASTER: (
            Right("SETUID", _NO_SETUID),
            Right("SETGID", _NO_SETGID),
        ),
        Role.SUBMIT: (
            Right("SETUID", _NO_SETUID),
            Right("SETGID", _NO_SETGID),
            Right(
                "CHOWN",
                "`condor_schedd` cannot give the spool directory of a job from outside to its owner (`Failed "
                "to chown /var/lib/condor/spool/9/0/cluster9.proc0.subproc0 from 64 to 40000.40000`): "
                "`condor_submit -spool` fails.",
            ),
            Right(
                "DAC_OVERRIDE",
                "`condor_schedd` cannot take such a directory back, which is closed to all but its owner: "
                "it stays, with its files, when the job goes (`Failed to remove ...: Directory not empty`).",
            ),
        ),
        Role.EXECUTE: (
            Right(
                "SETUID",
                "`condor_starter` cannot become the slot's account and starts no job: `PRIV_USER_FINAL "
                "process was still root before exec()`; every job is held.",
            ),
            Right("SETGID", _NO_SETGID),
            Right(
                "KILL",
                "`condor_starter` cannot signal what belongs to a slot's account: a process that called "
                "`setsid` outlives its job.",
            ),
            Right(
                "CHOWN",
                "23.9.6: `condor_starter` cannot give a sandbox to the slot's account and ends (`chown "
                "error on /var/lib/condor/execute/dir_22`); no job starts. 25.14.1: `condor_procd` cannot "
                "give its pipe to `condor`, and `condor_master` ends.",
            ),
            Right(
                "DAC_OVERRIDE",
                "23.9.6: root cannot write to the execute directory, which is `condor`'s, so "
                "`condor_startd` takes it for one on a root-squashed NFS and opens it to everybody (mode "
                "1777). 25.14.1: `condor_procd` cannot open the pipes that it gave to `condor`; "
                "`condor_master` waits for it, and no `condor_startd` is started.",
            ),
        ),
    }
)
