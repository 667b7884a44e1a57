"""Runs inside a job, or as anybody by exec: what can be reached from here? Prints ``{probe: reached}``.

Its arguments are facts of the victim: ``pid``, ``sandbox``, as JSON.
"""

import glob
import json
import os
import subprocess
import sys

VICTIM = json.loads(sys.argv[1])
STATE = "/var/lib/condor"


def read(path: str) -> bool:
    with open(path, "rb") as file:
        return bool(file.read(1))


def write(path: str) -> bool:
    with open(path, "a"):
        pass
    os.unlink(path)
    return True


def run(*argv: str) -> bool:
    return subprocess.run(argv, capture_output=True, timeout=60, check=False).returncode == 0


def signals(pid: int) -> bool:
    os.kill(pid, 0)
    return True


def startd() -> int:
    for path in glob.glob("/proc/[0-9]*/comm"):
        with open(path) as file:
            if file.read().strip() == "condor_startd":
                return int(path.split("/")[2])
    raise LookupError("no startd")


PROBES = {
    "token": lambda: read(f"{STATE}/tokens/token"),
    "signing keys": lambda: os.listdir(f"{STATE}/keys") is not None,
    "startd's log": lambda: read(f"{STATE}/log/StartLog"),
    "starters' logs": lambda: read(glob.glob(f"{STATE}/log/StarterLog.slot*")[0]),
    "startd's history": lambda: read(f"{STATE}/log/startd_history"),
    "spool": lambda: os.listdir(f"{STATE}/spool") is not None,
    "what the log forwarder knows": lambda: read(f"{STATE}/.log-forwarder.json"),
    "configuration": lambda: write(f"{STATE}/config.d/99-mine.config"),
    "the node's own files": lambda: write("/run/roost/mine"),
    "locks of accounts": lambda: os.listdir("/run/roost/accounts") is not None,
    "environment of the node": lambda: read("/proc/1/environ"),
    "signal to the startd": lambda: signals(startd()),
    "signal to the node": lambda: signals(1),
    "query of the collector": lambda: run("condor_status"),
    "advertising a machine": lambda: run("condor_ping", "-type", "COLLECTOR", "ADVERTISE_STARTD"),
    "another sandbox": lambda: os.listdir(VICTIM["sandbox"]) is not None,
    "a file of another job": lambda: read(VICTIM["sandbox"] + "/secret"),
    "environment of another job": lambda: read(f"/proc/{VICTIM['pid']}/environ"),
    "memory of another job": lambda: read_memory(VICTIM["pid"]),
    "open files of another job": lambda: os.listdir(f"/proc/{VICTIM['pid']}/fd") is not None,
    "signal to another job": lambda: signals(VICTIM["pid"]),
    "a private file in /tmp": lambda: read("/tmp/secret"),
    "shared memory of another job": lambda: read("/dev/shm/secret"),
}


def read_memory(pid: int) -> bool:
    with open(f"/proc/{pid}/maps") as maps:
        start = int(maps.readline().partition("-")[0], 16)
    with open(f"/proc/{pid}/mem", "rb") as memory:
        memory.seek(start)
        return bool(memory.read(1))


def reached(name: str) -> bool:
    try:
        return PROBES[name]()
    except (OSError, LookupError):
        return False


print(json.dumps({name: reached(name) for name in PROBES}))
