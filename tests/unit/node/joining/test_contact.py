"""The first contact: what HTCondor's tool says of it, told in words."""

from __future__ import annotations

import base64
import hashlib
import time
from pathlib import Path

import pytest

from roost.node.joining import contact
from roost.node.joining.contact import (
    NoAnswerError,
    RefusedCertificateError,
    find_fingerprint,
    meet,
)
from roost.node.say import NodeError
from roost.node.settings import Address

NAME = "master.lab.pool"
MASTER = Address("127.0.0.1")
SHOWN = base64.b64encode(b"a certificate").decode()
FINGERPRINT = hashlib.sha256(b"a certificate").hexdigest()


class Master:
    """What ``condor_ping`` says and notes when this master answers."""

    def __init__(self, name: str = NAME, ahead_s: float = 0.0, shows: str = SHOWN) -> None:
        self.name, self.ahead_s, self.shows = name, ahead_s, shows
        self.asked: list[str] = []

    def __call__(self, argv: list[str], environment: dict[str, str]) -> str:
        known = Path(environment["_CONDOR_SEC_KNOWN_HOSTS"])
        asked = argv[argv.index("-pool") + 1].partition("alias=")[2].rstrip(">")
        self.asked.append(asked)
        before = known.read_text()
        if before and before.split()[2] != self.shows:
            known.write_text(f"{before}!{asked} SSL {self.shows}\n")
            return "err 18:self-signed certificate\nFailed to authenticate using SSL\n"
        known.write_text(f"{asked} SSL {self.shows}\n")
        if asked != self.name:
            return f"Certificate common name (CN), master, does not match host {asked}.\n"
        return f"Session ID:     master:25:{time.time() + self.ahead_s:.0f}:26\n"


def answer(monkeypatch: pytest.MonkeyPatch, master: Master) -> Master:
    monkeypatch.setattr(contact, "run_quietly", master)
    return master


def test_first_use_is_believed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    answer(monkeypatch, Master())
    met = meet(MASTER, (NAME,), tmp_path / "pins")
    assert met.fingerprint == FINGERPRINT
    assert met.address == f"<127.0.0.1:9618?alias={NAME}>"
    assert met.pins == f"{NAME} SSL {SHOWN}\n"
    assert not (tmp_path / "pins").exists(), "nothing is pinned before the node is let in"


def test_another_certificate_than_at_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pins = tmp_path / "pins"
    pins.write_text(f"{NAME} SSL {SHOWN}\n")
    answer(monkeypatch, Master(shows=base64.b64encode(b"another").decode()))
    with pytest.raises(
        RefusedCertificateError, match="another certificate than at this node's first"
    ):
        meet(MASTER, (NAME,), pins)
    assert pins.read_text() == f"{NAME} SSL {SHOWN}\n"


def test_a_certificate_for_another_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    answer(monkeypatch, Master(name="elsewhere"))
    with pytest.raises(RefusedCertificateError, match=f"is for master, not for {NAME}"):
        meet(MASTER, (NAME,), tmp_path / "pins")


def test_the_name_that_the_operators_certificate_is_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    master = answer(monkeypatch, Master(name="head.example.org"))
    met = meet(MASTER, (NAME, "head.example.org"), tmp_path / "pins")
    assert master.asked == [NAME, "head.example.org"]
    assert met.pins == f"head.example.org SSL {SHOWN}\n"


def test_another_certificate_is_not_believed_for_another_name_either(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pins = tmp_path / "pins"
    pins.write_text(f"{NAME} SSL {SHOWN}\n")
    another = base64.b64encode(b"another").decode()
    master = answer(monkeypatch, Master(name="head.example.org", shows=another))
    with pytest.raises(RefusedCertificateError, match=r"another certificate .* remove /var/lib"):
        meet(MASTER, (NAME, "head.example.org"), pins)
    assert master.asked == [NAME]


@pytest.mark.parametrize("refused", ["", f"!head.example.org SSL {SHOWN}\n"])
def test_a_known_master_is_asked_by_the_name_that_is_known(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, refused: str
) -> None:
    """Wherever it is now, and whatever its address is called."""
    pins = tmp_path / "pins"
    pins.write_text(f"head.example.org SSL {SHOWN}\n{refused}")
    master = answer(monkeypatch, Master(name="head.example.org"))
    assert meet(MASTER, (NAME, "192.0.2.9"), pins).fingerprint == FINGERPRINT
    assert master.asked == ["head.example.org"]


def test_a_certificate_of_the_same_authority_for_another_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pins = tmp_path / "pins"
    pins.write_text(f"head.example.org SSL {SHOWN}\n")
    answer(monkeypatch, Master(name="elsewhere"))
    with pytest.raises(RefusedCertificateError, match=r"first contact \(for head.example.org\)"):
        meet(MASTER, (NAME, "elsewhere"), pins)


def test_an_invite_says_which_certificate_to_believe(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pins = tmp_path / "pins"
    pins.write_text(f"head.example.org SSL {SHOWN}\n")
    master = answer(monkeypatch, Master(shows=base64.b64encode(b"another").decode()))
    assert meet(MASTER, (NAME,), pins, vouched=True).fingerprint != FINGERPRINT
    assert master.asked == [NAME]


@pytest.mark.parametrize(
    ("ahead_s", "said"), [(-86400.0, r"1\.0 days ahead of"), (86400.0, r"1\.0 days behind")]
)
def test_clocks_that_are_apart(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ahead_s: float, said: str
) -> None:
    answer(monkeypatch, Master(ahead_s=ahead_s))
    with pytest.raises(NodeError, match=f"this node's clock .* {said} the master's"):
        meet(MASTER, (NAME,), tmp_path / "pins")
    answer(monkeypatch, Master(ahead_s=ahead_s / 1000))
    assert meet(MASTER, (NAME,), tmp_path / "pins").fingerprint == FINGERPRINT


def test_a_certificate_that_is_out_of_date(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(contact, "run_quietly", lambda *_: "  err 10:certificate has expired\nx\n")
    with pytest.raises(NodeError, match="certificate has expired; is this node's clock right"):
        meet(MASTER, (NAME,), tmp_path / "pins")


@pytest.mark.parametrize(
    "said",
    [
        "",
        "SECMAN:2011:Connection closed during command authorization. Probably due to an unknown command.\n",
        "SECMAN:2003:TCP connection to collector <127.0.0.1:9618> failed.\n",
        "what listens there did not answer within 30 s: is that the master?",
    ],
)
def test_a_master_that_starts_is_worth_another_try(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, said: str
) -> None:
    monkeypatch.setattr(contact, "run_quietly", lambda *_: said)
    with pytest.raises(NoAnswerError):
        meet(MASTER, (NAME,), tmp_path / "pins")


@pytest.mark.parametrize(
    "text", ["", f"{NAME} SSL @trusted\n", f"!{NAME} SSL {SHOWN}\n", f" SSL {SHOWN}\n"]
)
def test_what_is_no_pin(text: str) -> None:
    assert find_fingerprint(text, NAME) is None
