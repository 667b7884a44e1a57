"""Ask the master for this node's token, and wait for as long as it takes."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from roost import contract
from roost.invitation import Invitation
from roost.logline import Level
from roost.node.credential import check_token
from roost.node.door.code import request_code
from roost.node.join import Wait, wait_for_port
from roost.node.joining.contact import (
    AS_ROOT,
    Contact,
    NoAnswerError,
    RefusedCertificateError,
    meet,
    ssl_environment,
)
from roost.node.joining.invite_file import check_invite, find_invite, remove_invite
from roost.node.joining.request import RefusedError, Wish, request_token
from roost.node.say import NodeError, say
from roost.node.settings import NodeSettings

_PLACE = Path(contract.RUN_DIR, "joining")
"""What HTCondor's tools need to authenticate with, for as long as it is asked."""
_NEW_TOKEN = Path(contract.TOKENS_DIR, ".new")
"""HTCondor skips names that start with a dot."""
_INVITE_PATIENCE_S = 40.0
"""A master answers an invite within seconds, or not at all: HTCondor has no word for no."""
_MEET_AGAIN_S = 1.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 5.0, 300.0


def obtain_token(settings: NodeSettings) -> None:
    """Return once this node has a token of its own.

    With an invite, nobody has to approve it. Without one, a person has to, who compares a code in this
    log with the master's. Raises :class:`NodeError`; then nothing has changed.
    """
    invite = find_invite()
    if invite is not None:
        check_invite(invite, settings, time.time())
    wait_for_port(settings)
    contact = _meet_patiently(settings, invite)
    say(f"the master at {settings.master} shows the certificate SHA-256 {contact.fingerprint}")
    pause_s = _FIRST_PAUSE_S
    while True:
        with _credentials(contact, invite) as environment:
            wish = _wish(settings, contact, environment)
            try:
                _ask(settings, wish, contact, invite)
                break
            except RefusedError as error:
                if invite is not None:
                    raise NodeError(_invite_refused(settings, invite, str(error))) from None
                say(f"asking to join again in {pause_s:g} s: {error}", level=Level.WARNING)
        time.sleep(pause_s)
        pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
    # Whose certificate it was, an invite that is older than the master's does not say: none is kept.
    _install(settings, contact.pins if invite is None or invite.certificate else None)
    if invite is not None:
        remove_invite()


def _meet_patiently(settings: NodeSettings, invite: Invitation | None) -> Contact:
    """Meet the master as soon as it answers."""
    wait = Wait(settings)
    while True:
        try:
            return _meet(settings, invite)
        except NoAnswerError as error:
            wait.pause(str(error), least_s=_MEET_AGAIN_S)


def _meet(settings: NodeSettings, invite: Invitation | None) -> Contact:
    if invite is None or not invite.certificate:
        name = contract.node_hostname(contract.Role.MASTER, settings.pool)
        return meet(settings.master, (name, settings.master.host))
    contact = meet(settings.master, (invite.name,), vouched=True)
    if contact.fingerprint != invite.certificate:
        raise RefusedCertificateError(
            f"the master at {settings.master} is not the one that made the invite {invite.id}: its"
            f" certificate is SHA-256 {contact.fingerprint}, not {invite.certificate}"
        )
    return contact


def _wish(settings: NodeSettings, contact: Contact, environment: dict[str, str]) -> Wish:
    identity = contract.node_identity(settings.node, settings.pool)
    return Wish(contact.address, identity, settings.role, environment)


@contextmanager
def _credentials(contact: Contact, invite: Invitation | None) -> Iterator[dict[str, str]]:
    """How HTCondor's tools authenticate, as settings that name files; the files go afterwards."""
    shutil.rmtree(_PLACE, ignore_errors=True)
    _PLACE.mkdir(mode=0o700, parents=True)
    pins = _PLACE / "known"
    try:
        _write(pins, contact.pins)
        if invite is None:
            yield ssl_environment(pins)
            return
        tokens = _PLACE / "tokens"
        tokens.mkdir(mode=0o700)
        _write(tokens / "invite", f"{invite.token}\n")
        # The token proves both sides to each other: only this pool's master knows its key.
        yield {
            **AS_ROOT,
            "_CONDOR_SEC_CLIENT_AUTHENTICATION_METHODS": "IDTOKENS",
            "_CONDOR_SEC_TOKEN_DIRECTORY": str(tokens),
            "_CONDOR_SEC_TOKEN_SYSTEM_DIRECTORY": str(tokens),
        }
    finally:
        shutil.rmtree(_PLACE, ignore_errors=True)


def _ask(settings: NodeSettings, wish: Wish, contact: Contact, invite: Invitation | None) -> None:
    def enqueued(request_id: str) -> None:
        if invite is not None:
            say(f"asked to join pool {settings.pool} as {wish.identity} with invite {invite.id}")
            return
        code = request_code(request_id, wish.identity, contact.fingerprint)
        say(
            f"asked to join pool {settings.pool} as {wish.identity}, code {code}. Where the master's log has"
            f" the same code, let this node in: `roost approve {code}` on the host of the master, or"
            f" `{contract.NODE_PROGRAM} approve {code}` in its container",
            level=Level.WARNING,
        )

    _NEW_TOKEN.unlink(missing_ok=True)
    try:
        patience_s = None if invite is None else _INVITE_PATIENCE_S
        request_token(wish, _NEW_TOKEN, enqueued, patience_s=patience_s)
    except TimeoutError:
        assert invite is not None
        why = f"it let nobody in with it for {_INVITE_PATIENCE_S:g} s"
        raise NodeError(_invite_refused(settings, invite, why)) from None


def _invite_refused(settings: NodeSettings, invite: Invitation, why: str) -> str:
    return (
        f"the master at {settings.master} does not accept the invite {invite.id}: {why}. It may be used up,"
        f" revoked, expired, or the name {settings.node} be taken: the master's log says which, and"
        " `roost invite --list` shows its invites"
    )


def _install(settings: NodeSettings, pins: str | None) -> None:
    """The token, and the certificate of the master that gave it: by a rename each, whole or not at all."""
    _NEW_TOKEN.chmod(0o600)
    check_token(_NEW_TOKEN, now=time.time(), pool=settings.pool)
    if pins is not None:
        new_pins = Path(f"{contract.PINS_FILE}.new")
        _write(new_pins, pins)
        new_pins.rename(contract.PINS_FILE)
    _sync(_NEW_TOKEN)
    _NEW_TOKEN.rename(contract.TOKEN_FILE)
    say(f"this node has its own token now: {contract.TOKEN_FILE}")


def _write(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
