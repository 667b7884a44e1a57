"""``roost-node diagnose``: everything about this node, as one JSON object."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

from roost import contract
from roost.contract import Role
from roost.node.diagnose.config import read_config
from roost.node.diagnose.daemons import look_at_daemons
from roost.node.diagnose.disks import look_at_disks
from roost.node.diagnose.limits import look_at_limits
from roost.node.diagnose.processes import age_of_container_s, find_processes
from roost.node.diagnose.road import look_at_road
from roost.node.diagnose.tokens import look_at_token
from roost.node.settings import read_settings
from roost.nodefacts import NodeFacts

DEADLINE_S = 14


def diagnose(_arguments: list[str]) -> int:
    """Print :class:`roost.nodefacts.NodeFacts`."""
    end_by_itself()
    json.dump(asdict(_look()), sys.stdout)
    return 0


def end_by_itself() -> None:
    """Nobody can end this from outside once it hangs."""
    signal.alarm(DEADLINE_S)


def _look() -> NodeFacts:
    settings = read_settings(os.environ, os.uname().nodename)
    clock = time.time()
    is_master = settings.role is Role.MASTER
    with ThreadPoolExecutor(1) as thread:
        road = thread.submit(look_at_road, settings)
        processes = find_processes()
        read = read_config()
        health, reasons = _health()
        booted = any(process.program == "condor_master" for process in processes)
        return NodeFacts(
            node=settings.node,
            role=settings.role,
            pool=settings.pool,
            clock=clock,
            uptime_s=age_of_container_s(),
            booted=booted,
            disks=look_at_disks(read.directories),
            limits=look_at_limits(processes),
            token=None if is_master else look_at_token(),
            daemons=look_at_daemons(read.daemons, processes) if booted else (),
            keys=_keys() if is_master else (),
            config=read.config,
            health=health,
            health_reasons=reasons,
            road=road.result(),
        )


def _keys() -> tuple[str, ...]:
    """Names of the master's signing keys, as HTCondor finds them."""
    try:
        entries = sorted(Path(contract.KEYS_DIR).iterdir())
    except OSError:
        return ()
    return tuple(entry.name for entry in entries if not entry.name.startswith("."))


def _health() -> tuple[str, tuple[str, ...]]:
    """What the node's own watch over itself says, if it keeps one."""
    try:
        told: dict[str, Any] = json.loads(Path(contract.HEALTH_FILE).read_text(encoding="utf-8"))
        return str(told["state"]), tuple(str(reason) for reason in told["reasons"])
    except (OSError, ValueError, KeyError, TypeError):
        return "", ()
