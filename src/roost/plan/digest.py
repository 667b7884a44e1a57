"""A short name for everything that makes a node."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from roost.engines.protocol import ContainerSpec, File
from roost.plan.model import container_to_json, file_to_json


def node_digest(container: ContainerSpec, files: Sequence[File]) -> str:
    """16 hexadecimal digits over the container (without its digest) and the files put into it."""
    content = {
        "container": container_to_json(container),
        "files": [file_to_json(file) for file in files],
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]
