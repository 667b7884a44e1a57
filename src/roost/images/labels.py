"""What the images say of themselves: the OCI annotations and Roost's own labels. Pure."""

from __future__ import annotations

from datetime import datetime

from roost import contract
from roost.contract import Role
from roost.images.model import BaseKind
from roost.spec.model import Suite
from roost.version import __version__

_OCI = "org.opencontainers.image"

_DESCRIPTIONS = {
    Role.MASTER: "HTCondor central manager (collector and negotiator) of a Roost pool",
    Role.SUBMIT: "HTCondor access point (schedd) of a Roost pool",
    Role.EXECUTE: "HTCondor execution point (startd) of a Roost pool",
}

LABEL_BASE_ID = f"{_OCI}.base.digest"
"""On a derived image: the id of the image that it stands on."""

_BASE_NAME = f"{_OCI}.base.name"


def base_name(suite: Suite, kind: BaseKind) -> str:
    """The reference of the image below ours; a base that was made here is nobody's image."""
    return f"debian:{suite}-slim" if kind is BaseKind.REGISTRY else "scratch"


def stage_labels(suite: Suite, kind: BaseKind) -> dict[str, str]:
    """Labels of everything that is built for a suite."""
    return {contract.LABEL_SUITE: str(suite), _BASE_NAME: base_name(suite, kind)}


def role_labels(
    role: Role, suite: Suite, kind: BaseKind, htcondor: str, created: datetime
) -> dict[str, str]:
    """Labels of a role's image; ``htcondor`` is its version."""
    return {
        **stage_labels(suite, kind),
        contract.LABEL_ROLE: str(role),
        contract.LABEL_HTCONDOR: htcondor,
        contract.LABEL_SBOM: contract.SBOM_FILE,
        f"{_OCI}.title": f"roost-{role}",
        f"{_OCI}.description": f"{_DESCRIPTIONS[role]}, by Roost {__version__}",
        f"{_OCI}.version": htcondor,
        f"{_OCI}.licenses": "Apache-2.0",
        f"{_OCI}.created": created.isoformat(timespec="seconds"),
    }
