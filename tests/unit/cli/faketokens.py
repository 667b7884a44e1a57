"""Keys, tokens and revocations of a pool in memory, in the words of ``roost-node``.

A token is ``KEY NUMBER NODE``; nodes hold theirs as files of the fake engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from roost import contract
from roost.engines.fake import FakeEngine
from roost.engines.protocol import Container
from roost.nodefacts import Token, TokenState

NOW = 1_800_000_000.0
LIFE_S = 2_592_000.0


class RefusedError(Exception):
    """What a NodeError is in a real node."""


class FakeTokens:
    """``elsewhere`` are nodes of other engines, with the key of their token."""

    def __init__(self) -> None:
        self.keys = ["key-1"]
        self.issuer = "key-1"
        self.issued: dict[str, str] = {}
        self.elsewhere: dict[str, str] = {}
        self.revoked: dict[str, bool] = {}
        self.sessions_to_drop = False
        self.asked: list[str] = []
        self.running: dict[str, int] = {}
        """Jobs on each node."""
        self.stubborn: set[str] = set()
        """Nodes that take no new token."""
        self._numbers = 0

    def issue(self, nodes: Sequence[str]) -> dict[str, str]:
        for node in nodes:
            if self.revoked.get(node):
                raise RefusedError(f"{node} is revoked and gets no token")
            self.issued[node] = self.issuer
        self._numbers += 1
        return {node: f"{self.issuer} {self._numbers} {node}" for node in nodes}

    def token(self, engine: FakeEngine, container: Container) -> dict[str, Any]:
        text = engine.files(container.name)[contract.TOKEN_FILE].data
        assert isinstance(text, bytes)
        key = text.decode().split()[0]
        expires = NOW + LIFE_S
        return asdict(Token(TokenState.READABLE, key=key, expires=expires, issued=NOW))

    def take(self, engine: FakeEngine, container: Container) -> dict[str, Any]:
        node = container.labels[contract.LABEL_NODE]
        new = engine.files(container.name)[f"{contract.NEW_TOKEN_DIR}/token"]
        assert new.mode == 0o600
        assert isinstance(new.data, bytes)
        if node in self.stubborn:
            raise RefusedError(f"the master does not take the new token of {node}")
        key = new.data.decode().split()[0]
        assert key in self.keys
        path = contract.TOKEN_FILE.removeprefix(f"{contract.STATE_DIR}/")
        engine.put_files(
            container.name, contract.STATE_DIR, [type(new)(path, new.data, mode=0o600)]
        )
        return {"key": key, "expires": NOW + LIFE_S}

    def release(self, node: str) -> dict[str, Any]:
        return {"released": self.running.pop(node, 0)}

    def master(self, pool: str, command: str, *arguments: str) -> dict[str, Any]:
        self.asked.append(command)
        answer: dict[str, Any] = {}
        match command:
            case "rotate":
                answer["begun"] = self.keys == [self.issuer]
                if answer["begun"]:
                    self.issuer = f"key-{len(self.asked) + 1}"
                    self.keys.append(self.issuer)
            case "retire":
                answer["waiting"] = self._retire(pool)
            case "drop-sessions":
                self.sessions_to_drop = False
            case "revoke":
                self.revoked[arguments[0]] = True
                answer["identity"] = contract.node_identity(arguments[0], pool)
            case "readmit":
                answer["was_revoked"] = arguments[0] in self.revoked
                if answer["was_revoked"]:
                    self.revoked[arguments[0]] = False
        return answer | self._state(pool)

    def _retire(self, pool: str) -> dict[str, list[str]]:
        held = {**self.issued, **self.elsewhere}
        waiting = {}
        for key in [key for key in self.keys if key != self.issuer]:
            left = sorted(
                contract.node_identity(node, pool)
                for node, its in held.items()
                if its == key and not self.revoked.get(node)
            )
            if left:
                waiting[key] = left
            else:
                self.keys.remove(key)
                self.sessions_to_drop = True
        return waiting

    def _state(self, pool: str) -> dict[str, Any]:
        held = {**self.issued, **self.elsewhere}
        return {
            "clock": NOW,
            "domain": contract.trust_domain(pool),
            "issuer": self.issuer,
            "old_keys": [key for key in self.keys if key != self.issuer],
            "sessions_to_drop": self.sessions_to_drop,
            "issued": [
                {
                    "identity": contract.node_identity(node, pool),
                    "key": key,
                    "issued": NOW,
                    "expires": NOW + LIFE_S,
                }
                for node, key in held.items()
            ],
            "revoked": [
                {"identity": contract.node_identity(node, pool), "until": 1, "denied": denied}
                for node, denied in self.revoked.items()
            ],
        }
