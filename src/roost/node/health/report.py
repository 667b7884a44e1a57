"""What the node tells, in files that are written as a whole or not at all.

The state file says what :class:`roost.contract.HealthState` describes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from roost import contract
from roost.contract import HealthState
from roost.node.health.daemons import Daemon
from roost.node.health.findings import Verdict
from roost.node.settings import NodeSettings

HEALTH_FILE = Path(contract.HEALTH_FILE)
METRICS_FILE = Path(contract.RUN_DIR, "metrics")


@dataclass
class Health:
    """The node's state through time. ``since`` is when it became what it is."""

    verdict: Verdict
    since: float

    def become(self, verdict: Verdict, now: float) -> bool:
        """Take over a new verdict; whether the state is another one."""
        changed = verdict.state is not self.verdict.state
        if changed:
            self.since = now
        self.verdict = verdict
        return changed

    @property
    def state(self) -> HealthState:
        """The state now."""
        return self.verdict.state


def render_health(
    settings: NodeSettings, health: Health, daemons: Iterable[Daemon], checked: float
) -> str:
    """The JSON that :class:`roost.contract.HealthState` describes."""
    return json.dumps(
        {
            "node": settings.node,
            "role": settings.role.value,
            "state": health.state.value,
            "reasons": list(health.verdict.reasons),
            "since": round(health.since, 3),
            "checked": round(checked, 3),
            "daemons": {
                daemon.name: {"up": daemon.up, "restarts": daemon.restarts} for daemon in daemons
            },
        }
    )


def write_whole(path: Path, text: str) -> None:
    """Replace a file that anybody may read, so that no reader ever sees half of it."""
    new = path.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    new.chmod(0o644)
    new.rename(path)
