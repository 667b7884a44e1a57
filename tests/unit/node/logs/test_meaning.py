"""What is read from a line: daemon, time, level, slot, job. The lines are HTCondor 23.9.6's own."""

from __future__ import annotations

import pytest

from roost.logline import DAEMONS, EVENT, Level, LogRecord
from roost.node.logs.files import group_logs, kind_of
from roost.node.logs.line import parse_event
from tests.unit.node.logs.conftest import LogNode, event


def told(node: LogNode, name: str, *messages: str, **header: str) -> list[LogRecord]:
    number = node.logs.stat().st_mtime_ns % 40_000
    lines = [event(number, message, **header) for message in messages]  # type: ignore[arg-type]
    node.write(name, *lines)
    return node.told()


@pytest.mark.parametrize(
    ("base", "daemon"),
    [
        ("SchedLog", "SCHEDD"), ("StartLog", "STARTD"), ("StarterLog.slot1_2", "STARTER"),
        ("SharedPortLog", "SHARED_PORT"), ("ProcLog", "PROCD"), ("MasterLog", "MASTER"),
        ("NegotiatorLog", "NEGOTIATOR"), ("CollectorLog", "COLLECTOR"), ("ShadowLog", "SHADOW"),
        ("EventLog", EVENT),
    ],
)  # fmt: skip
def test_the_daemon_of_a_log(base: str, daemon: str) -> None:
    assert kind_of(base).daemon == daemon
    assert daemon in DAEMONS


def test_other_daemons_are_called_after_their_log() -> None:
    assert kind_of("JobRouterLog").daemon == "JOB_ROUTER"
    assert kind_of("dprintf_failure.SCHEDD").daemon == "SCHEDD"


def test_which_files_are_logs_and_how_old_they_are() -> None:
    names = [
        "SchedLog", "SchedLog.20261126T000000", "SchedLog.old", "SchedLog.20261125T000000",
        "EventLog.2", "EventLog", "EventLog.10", "EventLog.1", "StarterLog.slot1_1.old",
        "StarterLog.slot1_1", "StarterLog.testing", ".startd_address", "startd_history",
        "transfer_history", "transfer_history.old", "ScheddRestartReport",
    ]  # fmt: skip
    assert group_logs(names) == {
        "SchedLog": [
            "SchedLog.old", "SchedLog.20261125T000000", "SchedLog.20261126T000000", "SchedLog",
        ],
        "EventLog": ["EventLog.10", "EventLog.2", "EventLog.1", "EventLog"],
        "StarterLog.slot1_1": ["StarterLog.slot1_1.old", "StarterLog.slot1_1"],
        "StarterLog.testing": ["StarterLog.testing"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("category", "message", "level"),
    [
        ("D_ALWAYS", "Started shadow for job 2.0", Level.INFO),
        ("D_ALWAYS", "ERROR: no disk", Level.ERROR),
        ("D_ALWAYS", "WARNING: little disk", Level.WARNING),
        ("D_ALWAYS", "Error file: streaming to remote file /x", Level.INFO),
        ("D_ERROR", "no disk", Level.ERROR),
        ("D_AUDIT|D_FAILURE", "no disk", Level.ERROR),
        ("D_ERROR", "DaemonCore: Can't receive command request from 192.0.2.1", Level.INFO),
        ("D_ALWAYS:2", "details", Level.DEBUG),
        ("D_FULLDEBUG", "details", Level.DEBUG),
        ("D_STATS", "numbers", Level.DEBUG),
        ("D_SECURITY", "authenticated", Level.INFO),
        ("D_SECURITY", "User token has been expired for 3 seconds.", Level.WARNING),
        ("D_ALWAYS", "Rebuilt prioritized runnable job list in 0.000s.", Level.DEBUG),
    ],
)
def test_levels(node: LogNode, category: str, message: str, level: Level) -> None:
    node.write("SchedLog", event(1, message, category=category))
    assert node.told()[0].level is level


def test_of_all_that_is_said_while_authenticating_only_refusals_are_told(node: LogNode) -> None:
    said = (
        "DC_AUTHENTICATE: received DC_AUTHENTICATE from <192.0.2.1:1>",
        "HANDSHAKE: i picked (method == 2048)",
        "User token has been expired for 3 seconds.",
        "AUTHENTICATE: method 2048 (IDTOKENS) failed.",
        "Failed to fetch key named key-1: not there",
    )
    node.write("CollectorSecurityLog", *(event(1, it, category="D_SECURITY") for it in said))
    told = [(r.daemon, r.level, r.message) for r in node.told()]
    assert told == [
        ("COLLECTOR", Level.WARNING, f"(D_SECURITY) {said[2]}"),
        ("COLLECTOR", Level.WARNING, f"(D_SECURITY) {said[4]}"),
    ]


def test_who_is_let_in_is_not_told_and_who_is_not_is(node: LogNode) -> None:
    denied = (
        "PERMISSION DENIED to submit@lab.pool from host 192.0.2.1 for command 0 (UPDATE_STARTD_AD)"
    )
    granted = denied.replace("DENIED", "GRANTED")
    node.write("CollectorLog", event(1, granted), event(2, denied))
    node.write("StartLog", event(3, granted))
    told = [(record.daemon, record.message) for record in node.told()]
    assert told == [("COLLECTOR", denied), ("STARTD", granted)]


def test_a_daemon_that_cannot_log_any_more(node: LogNode) -> None:
    node.write("dprintf_failure.SCHEDD", "Can't open file", "errno: 28 (No space left on device)")
    assert [(r.daemon, r.level) for r in node.told()] == [("SCHEDD", Level.ERROR)] * 2


def test_what_has_no_field_stays_in_the_message(node: LogNode) -> None:
    node.write("SchedLog", event(1, "hello", category="D_SECURITY"))
    node.write("SchedLog", event(1, "(bt:9d04:14) dump"))
    first, second = node.told()
    assert first.message == "(D_SECURITY) hello"
    assert second.message == "(bt:9d04:14) dump"


def test_a_header_in_the_form_of_older_logs() -> None:
    line = parse_event("11/25/26 01:05:07 (pid:19) hello\n", "SCHEDD")
    assert (line.time, line.pid, line.message) == ("2026-11-25T01:05:07.000Z", "19", "hello")


def test_a_banner_begins_with_who_starts(node: LogNode) -> None:
    stars = event(1, "*" * 54)
    name = event(1, "** condor_schedd (CONDOR_SCHEDD) STARTING UP")
    node.write("SchedLog", stars, name, event(1, "** PID = 19 RealUID = 0"), stars, event(2))
    banner, _ = node.told()
    assert banner.message == ("condor_schedd (CONDOR_SCHEDD) STARTING UP\n** PID = 19 RealUID = 0")
    assert banner.level is Level.INFO


def test_the_schedd_and_its_shadows(node: LogNode) -> None:
    node.write(
        "SchedLog",
        event(100, "Starting add_shadow_birthdate(2.0)"),
        event(101, "Started shadow for job 2.0 on slot1@execute-1 <192.0.2.1:9618> for roost, "
                   "(shadow pid = 28)"),
        event(102, "Number of Active Workers 0"),
        event(103, "match (slot1@execute-1 <192.0.2.1:9618> for roost) switching to job 3.1"),
        event(104, "Shadow pid 28 for job 2.0 reports job exit reason 100."),
        event(105, "Received ad (0.0)"),
    )  # fmt: skip
    node.write(
        "ShadowLog",
        event(110, "*" * 54, pid=28),
        event(110, "** condor_shadow (CONDOR_SHADOW) STARTING UP", pid=28),
        event(111, "Initializing a VANILLA shadow for job 2.0", pid=28),
        event(112, "(2.0) (28): Request to run on slot1_1@execute-1 was ACCEPTED", pid=28),
        event(113, "(?.?) (28): Initializing a VANILLA shadow for job 3.1", pid=28),
        event(114, "DaemonCore: command socket", pid=28),
        event(115, "unknown", pid=29),
    )
    lines = node.told()
    assert [r.job for r in lines if r.daemon == "SCHEDD"] == [
        "2.0",
        "2.0",
        None,
        "3.1",
        "2.0",
        None,
    ]
    shadow = [(r.job, r.message) for r in lines if r.daemon == "SHADOW"]
    assert [job for job, _ in shadow] == ["2.0", "2.0", "2.0", "3.1", "3.1", None]
    assert shadow[2][1] == "Request to run on slot1_1@execute-1 was ACCEPTED"
    assert shadow[5][1] == "(pid:29) unknown", "nothing else tells it from another's line"


def test_the_negotiator(node: LogNode) -> None:
    node.write(
        "NegotiatorLog",
        event(1, "Phase 4.1:  Negotiating with schedds ..."),
        event(2, "    Request 00002.00010: autocluster 1 (request count 1 of 1)"),
        event(3, "      Matched 2.10 roost@lab.pool <192.0.2.1:9618> slot1@e", category="D_MATCH"),
        event(4, "      Successfully matched with slot1@execute-1.lab.pool"),
        event(5, "    Got NO_MORE_JOBS;  schedd has no more requests"),
    )
    lines = node.told()
    assert [record.job for record in lines] == [None, "2.10", "2.10", "2.10", None]
    assert lines[2].message.startswith("(D_MATCH) Matched 2.10")


def startd(number: int, job: str) -> list[str]:
    return [
        event(number, "slot1_1: Got activate_claim request from shadow (10.89.1.4)"),
        event(number + 1, f"slot1_1: Remote job ID is {job}"),
        event(number + 2, "slot1_1: Changing activity: Idle -> Busy"),
        event(number + 8, f"Starter pid {number} exited with status 0"),
        event(number + 8, "slot1_1: Changing activity: Busy -> Idle"),
    ]


def starter(number: int, job: str) -> list[str]:
    return [
        event(number + 3, "*" * 54, pid=number),
        event(number + 3, "** condor_starter (CONDOR_STARTER) STARTING UP", pid=number),
        event(number + 4, "Communicating with shadow <10.89.1.4:9618>", pid=number),
        event(number + 5, "Not entering transfer queue", pid=number + 1),
        event(number + 6, f"Starting a VANILLA universe job with ID: {job}", pid=number),
        event(number + 7, "All jobs have exited... starter exiting", pid=number),
    ]


def test_a_starter_knows_its_job_from_its_first_line_on(node: LogNode) -> None:
    """Also when several jobs ran between two looks: the startd's log is read first, by time."""
    node.write("StarterLog.slot1_1", *starter(100, "2.0"), *starter(200, "3.0"))
    node.write("StartLog", *startd(100, "2.0"), *startd(200, "3.0"))
    lines = node.told()
    assert [r.job for r in lines if r.daemon == "STARTER"] == ["2.0"] * 5 + ["3.0"] * 5
    assert {r.slot for r in lines if r.daemon == "STARTER"} == {"slot1_1"}
    by_startd = [(r.job, r.slot, r.message) for r in lines if r.daemon == "STARTD"]
    assert by_startd[1:3] == [
        ("2.0", "slot1_1", "Remote job ID is 2.0"),
        ("2.0", "slot1_1", "Changing activity: Idle -> Busy"),
    ]
    assert by_startd[5][0] is None, "the next job's activation"


def test_it_knows_also_after_a_restart(node: LogNode) -> None:
    node.write("StartLog", *startd(100, "2.0")[:3])
    node.write("StarterLog.slot1_1", *starter(100, "2.0")[:2])
    node.forwarder.finish()
    node.taken()
    node.start()
    node.write("StarterLog.slot1_1", starter(100, "2.0")[2])
    node.write("StartLog", startd(100, "2.0")[3])
    assert [(r.daemon, r.job, r.slot) for r in node.told()] == [
        ("STARTD", "2.0", "slot1_1"),
        ("STARTER", "2.0", "slot1_1"),
    ]


def test_without_the_startd_a_starter_says_it_itself(node: LogNode) -> None:
    node.write("StarterLog.slot1_1", *starter(100, "2.0"))
    assert [record.job for record in node.told()] == [None, None, None, "2.0", "2.0"]


def test_a_slot_forgets_its_job_with_its_claim(node: LogNode) -> None:
    node.write("StartLog", *startd(100, "2.0"))
    node.write("StartLog", event(110, "slot1_1: Called deactivate_claim_forcibly()"))
    node.write("StartLog", event(120, "slot1_1: Changing state and activity: "
                                      "Preempting/Vacating -> Owner/Idle"))  # fmt: skip
    node.write("StartLog", event(130, "slot1_1: Slot slot1_1 no longer needed, deleting"))
    assert [record.job for record in node.told()][-3:] == ["2.0", "2.0", None]


def test_the_wordings_of_25_14(node: LogNode) -> None:
    node.write("StartLog", event(1, "slot1_1[2.0]: Changing activity: Busy -> Cleaning"))
    node.write("ShadowLog", event(1, "(2.0) (28>29): Transfer exit info: Success = True"))
    node.write("SchedAuditLog", event(1, "(cid:11) Submitting new job 2.0", category="D_AUDIT"))
    node.write("ProcLog", "11/25/26 01:52:06 : taking a snapshot...")
    assert {(r.daemon, r.slot, r.job, r.level, r.message) for r in node.told()} == {
        ("STARTD", "slot1_1", "2.0", Level.INFO, "Changing activity: Busy -> Cleaning"),
        ("SHADOW", None, "2.0", Level.DEBUG, "Transfer exit info: Success = True"),
        ("SCHEDD", None, "2.0", Level.INFO, "(D_AUDIT) (cid:11) Submitting new job 2.0"),
        ("PROCD", None, None, Level.DEBUG, "taking a snapshot..."),
    }


def test_transfers(node: LogNode) -> None:
    text = "File Transfer Upload: JobId: 2.0 files: 1 bytes: 2"
    node.write("XferStatsLog", event(1, text, category="D_STATS"))
    node.write("XferStatsLog", event(1, f"(2.0) (28): {text}", category="D_STATS"))
    assert [(r.daemon, r.job, r.message, r.level) for r in node.told()] == [
        ("STARTER", "2.0", f"(D_STATS) {text}", Level.DEBUG),
        ("SHADOW", "2.0", f"(D_STATS) {text}", Level.DEBUG),
    ]


JOB_EVENTS = """\
008 (000.000.000) 2026-11-25 01:05:06.900Z Global JobLog: ctime=1795568706 id=x.1 sequence=1 size=0
...
000 (002.000.000) 2026-11-25 01:05:08.123Z Job submitted from host: <192.0.2.1:9618?addrs=x&y>
...
001 (002.000.000) 2026-11-25 01:05:08.456Z Job executing on host: <192.0.2.2:9618?addrs=x>
\tSlotName: slot1_1@execute-1.lab.pool
\tCpus = 1
...
012 (002.000.000) 2026-11-25 01:05:09.000Z Job was held.
\tTransfer input files failure at execution point slot1_1@execute-1
\tCode 13 Subcode 2
...
"""


def test_job_events_read_well(node: LogNode) -> None:
    (node.logs / "EventLog").write_text(JOB_EVENTS)
    lines = node.told()
    assert {record.daemon for record in lines} == {EVENT}
    assert [(r.time[11:], r.level, r.job, r.message) for r in lines[1:]] == [
        ("01:05:08.123Z", Level.INFO, "2.0", "Job submitted from host: 192.0.2.1:9618"),
        (
            "01:05:08.456Z", Level.INFO, "2.0",
            "Job executing on host: 192.0.2.2:9618 SlotName: slot1_1@execute-1.lab.pool; Cpus = 1",
        ),
        (
            "01:05:09.000Z", Level.WARNING, "2.0",
            "Job was held. Transfer input files failure at execution point slot1_1@execute-1; "
            "Code 13 Subcode 2",
        ),
    ]  # fmt: skip
    assert (lines[0].level, lines[0].job) == (Level.DEBUG, None)


def test_a_rotated_event_log_is_the_same_file(node: LogNode) -> None:
    """HTCondor writes the header anew when it rotates the file (checkGlobalLogRotation)."""
    (node.logs / "EventLog").write_text(JOB_EVENTS)
    node.told()
    path = node.logs / "EventLog"
    path.write_text(
        JOB_EVENTS.replace("01:05:06.900Z", "01:09:09.100Z").replace("size=0", "size=9")
    )
    path.rename(node.logs / "EventLog.1")
    node.forwarder.finish()
    node.start()
    assert node.told() == []


def test_half_an_event_waits(node: LogNode) -> None:
    half = JOB_EVENTS.index("\tCode 13")
    (node.logs / "EventLog").write_text(JOB_EVENTS[:half])
    assert len(node.told()) == 3
    (node.logs / "EventLog").write_text(JOB_EVENTS)
    assert [record.message[-17:] for record in node.told()] == ["Code 13 Subcode 2"]


def test_secrets_do_not_go_out(node: LogNode) -> None:
    claim = (
        '<192.0.2.2:9618?sock=startd_8>#1795568706#25#[Encryption="YES";]' + "0123456789abcdef" * 3
    )
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjb25kb3IifQ.c2lnbmF0dXJlc2lnbmF0dXJl"
    key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\n-----END PRIVATE KEY-----"
    node.write("SchedLog", event(1, f"claim {claim}"), event(2, f"token {token}"), event(3, key))
    node.write("SchedLog", event(4, f'ClaimId = "{claim}"'))
    text = "".join(record.message for record in node.told())
    assert "#1795568706#25#..." in text
    for secret in ("0123456789abcdef", "eyJzdWIi", "MIIEvQIBADANBgkq"):
        assert secret not in text
