"""Whether Podman can make a pool's network: it takes programs that come in packages of their own.

Podman (4) settles for a back end at its first run and keeps it, also where the programs of that one
have gone and the other's are there.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

NETAVARK = ("netavark", "aardvark-dns")
"""Programs, and the packages that they come in."""
_PROGRAMS = {"netavark": NETAVARK, "cni": ("bridge",)}
"""By back end. One that has these may have networks in use, which another would not know."""
_TIMEOUT_S = 30.0
_PLACES = (
    *("/usr/local/libexec/podman", "/usr/local/lib/podman", "/usr/libexec/podman"),
    *("/usr/lib/podman", "/usr/local/libexec/cni", "/usr/libexec/cni", "/usr/local/lib/cni"),
    *("/usr/lib/cni", "/opt/cni/bin", "/usr/bin"),
)
"""Where Podman looks for them by itself (containers.conf(5): helper_binaries_dir, cni_plugin_dirs)."""

SETTINGS = "/etc/containers/containers.conf.d/roost.conf"
_TEXT = '[network]\\nnetwork_backend = "netavark"\\n'
CHOOSE_NETAVARK = (
    *("sh", "-c"),
    f"mkdir -p {Path(SETTINGS).parent} && printf '{_TEXT}' > {SETTINGS}",
)
"""What settles for netavark. Whoever has no program of the other loses no network by that."""


def makes_networks() -> bool:
    """Whether the back end that Podman has settled for is there, as far as Podman tells."""
    try:
        told = subprocess.run(
            ["podman", "info", "--format", "json"],
            capture_output=True,
            text=True,
            check=True,
            timeout=_TIMEOUT_S,
        )
        return is_complete(json.loads(told.stdout)["host"], _PLACES)
    except (OSError, subprocess.SubprocessError, ValueError, KeyError):
        return True  # Podman that does not even tell this says why when its version is asked.


def is_complete(host: Mapping[str, Any], places: tuple[str, ...]) -> bool:
    """Whether what ``podman info`` says of its host has its programs in one of ``places``."""
    # Podman 4.6 and later say themselves where they found them.
    told = host.get("networkBackendInfo", {})
    if told.get("path") and told.get("dns", {}).get("path"):
        return True
    programs = _PROGRAMS.get(host.get("networkBackend", ""), ())
    return all(any(shutil.which(name, path=place) for place in places) for name in programs)
