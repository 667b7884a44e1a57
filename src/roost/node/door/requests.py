"""HTCondor's token requests, through its own tools."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from roost.node.say import NodeError

_TIMEOUT_S = 20


@dataclass(frozen=True)
class TokenRequest:
    """One request that waits in the collector, as it tells it."""

    id: str
    identity: str
    """Who it is for."""
    asker: str
    """As whom the asker has authenticated: ``unauthenticated@unmapped`` for who had nothing to show."""
    address: str
    authorizations: tuple[str, ...]
    lifetime_s: int | None = None
    """At most the collector's SEC_ISSUED_TOKEN_EXPIRATION; None where it has none and none was asked."""


def parse_requests(text: str) -> list[TokenRequest]:
    """What ``condor_token_request_list -json`` prints. Raises ValueError for anything else."""
    ads = json.loads(text) if text.strip() else []
    return [_parse(ad) for ad in ads]


def _parse(ad: Mapping[str, Any]) -> TokenRequest:
    limits = str(ad.get("LimitAuthorization", ""))
    lifetime = ad.get("TokenLifetime")
    return TokenRequest(
        id=str(ad["RequestId"]),
        identity=str(ad["RequestedIdentity"]),
        asker=str(ad.get("AuthenticatedIdentity", "")),
        address=str(ad.get("PeerLocation", "")),
        authorizations=tuple(word for word in limits.replace(" ", ",").split(",") if word),
        lifetime_s=lifetime if isinstance(lifetime, int) else None,
    )


def list_requests() -> list[TokenRequest]:
    """All requests that wait in this master's collector. Raises :class:`NodeError`."""
    asked = ask_collector(["condor_token_request_list", "-json"])
    try:
        if asked.returncode == 0:
            return parse_requests(asked.stdout)
    except (ValueError, KeyError, AttributeError, TypeError):
        pass
    said = (asked.stderr or asked.stdout).strip() or "it gave no reason"
    raise NodeError(f"the collector does not list its token requests: {said}")


def approve_request(request: TokenRequest) -> None:
    """Let it in. The collector makes the token, and the asker fetches it within a minute.

    Raises :class:`NodeError` when the collector refuses: the request may have expired meanwhile.
    """
    asked = ask_collector(["condor_token_request_approve", "-reqid", request.id], answer="yes\n")
    if asked.returncode:
        said = asked.stderr.strip().splitlines()
        raise NodeError(
            f"request {request.id} of {request.identity} was not approved:"
            f" {said[-1] if said else 'HTCondor gave no reason'}"
        )


def ask_collector(argv: Sequence[str], answer: str = "") -> subprocess.CompletedProcess[str]:
    """Run one of HTCondor's tools. Raises :class:`NodeError` where the collector takes too long: whoever asks
    may hold a lock meanwhile."""
    try:
        return subprocess.run(
            argv, input=answer, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise NodeError(f"{argv[0]}: the collector did not answer within {_TIMEOUT_S} s") from None
