"""Users of a submit node in memory, in the words of ``roost-node``."""

from __future__ import annotations

from typing import Any

from roost import contract
from tests.unit.cli.faketokens import NOW, RefusedError


class FakeUsers:
    """``refuses`` is what it says to whoever wants a token."""

    def __init__(self) -> None:
        self.tokens: list[dict[str, Any]] = []
        self.revoked: dict[str, int] = {}
        self.refuses = ""

    def ask(self, pool: str, command: str, *arguments: str) -> dict[str, Any]:
        match command:
            case "create":
                return self._create(pool, *arguments)
            case "revoke":
                (user,) = arguments
                self.revoked[contract.user_identity(user, pool)] = int(NOW) + 1
                ended = sum(one["user"] == user for one in self.tokens)
                identity = contract.user_identity(user, pool)
                return {"user": user, "identity": identity, "ended": ended, "until": int(NOW) + 1}
        return {
            "clock": NOW + 2,
            "domain": contract.trust_domain(pool),
            "issuer": "key-u",
            "users": sorted({one["user"] for one in self.tokens}),
            "tokens": self.tokens,
            "revoked": [
                {"identity": identity, "until": until, "denied": True}
                for identity, until in self.revoked.items()
            ],
        }

    def _create(self, pool: str, user: str, ttl_s: str) -> dict[str, Any]:
        if self.refuses:
            raise RefusedError(self.refuses)
        number = len(self.tokens) + 1
        token = {
            "user": user,
            "id": f"{number:032}",
            "key": "key-u",
            "issued": NOW,
            "expires": NOW + int(ttl_s),
        }
        self.tokens.append(token)
        identity = contract.user_identity(user, pool)
        return {**token, "identity": identity, "token": f"eyJ.{number}.secret"}
