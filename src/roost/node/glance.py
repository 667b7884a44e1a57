"""``roost-node observe`` on the master: what the collector holds of the whole pool, as one JSON object.

Somebody waits for it in front of a terminal. So it asks with HTCondor's own tools, which answer before its
Python bindings have been loaded, and loads what makes sense of the answers while they work.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from subprocess import DEVNULL, PIPE, Popen
from typing import Any

from roost.node.projection import PROJECTION

_KNOBS = ("UPDATE_INTERVAL", "NEGOTIATOR_INTERVAL")


def observe(_arguments: list[str]) -> int:
    """Print what the collector holds; everything is empty where no collector answers."""
    asked = _start("condor_status", "-any", "-json", "-attributes", ",".join(PROJECTION))
    settings = _start("condor_config_val", *_KNOBS)

    from roost.node.door.ledger import read_admitted
    from roost.node.health.intervals import intervals_of
    from roost.node.observe import health_of, places_of, summarize

    ads: list[Mapping[str, Any]] = json.loads(_answer(asked) or "[]")
    now = time.time()
    intervals = intervals_of(dict(zip(_KNOBS, _answer(settings).splitlines(), strict=False)))
    seen = summarize(ads)
    seen["health"] = health_of(ads, now, intervals)
    seen["places"] = places_of(ads, read_admitted())
    json.dump({**seen, "now": now}, sys.stdout)
    return 0


def _start(*argv: str) -> Popen[bytes]:
    return Popen(argv, stdout=PIPE, stderr=DEVNULL)


def _answer(process: Popen[bytes]) -> str:
    """What it printed; nothing where it failed."""
    said, _ = process.communicate()
    return "" if process.returncode else said.decode()
