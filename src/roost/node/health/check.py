"""The image's HEALTHCHECK: exit code 0 unless the node says that it is unhealthy, or says nothing any more.

Run as ``python3 -I -S check.py``, without Roost's packages on the path, since an engine runs it again
and again. It reads what the node's health process wrote; what it prints is kept by the engine.
"""

import json
import sys
import time

HEALTH_FILE = "/var/lib/condor/health.json"
"""As roost.contract has it."""
STALE_S = 60
"""Four looks."""


def check(path: str, now: float) -> tuple[int, str]:
    """Exit code and words."""
    try:
        with open(path, encoding="utf-8") as file:  # noqa: PTH123  (pathlib takes longer than this)
            told = json.load(file)
        age_s = now - told["checked"]
        words = f"{told['state']} {'; '.join(told['reasons'])}".strip()
    except (OSError, ValueError, KeyError, TypeError) as error:
        return 1, f"unhealthy: nothing looks at this node ({error})"
    if age_s > STALE_S:
        return 1, f"unhealthy: nothing has looked at this node for {age_s:.0f} s"
    return int(told["state"] == "unhealthy"), words


if __name__ == "__main__":
    code, said = check(HEALTH_FILE, time.time())
    print(said)  # noqa: T201
    sys.exit(code)
