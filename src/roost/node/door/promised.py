"""On the master: invites that were made before it was (:mod:`roost.promise`), as a secret file says them."""

from __future__ import annotations

import os
import time
from pathlib import Path

from roost import contract
from roost.node.door.ledger import Invite, open_ledger
from roost.node.say import NodeError, say
from roost.promise import Promise, PromisedInvite, PromiseError, decode


def keep_promise(
    secret: Path = Path(contract.PROMISE_SECRET),
    keys: Path = Path(contract.KEYS_DIR),
    door: Path = Path(contract.DOOR_DIR),
) -> None:
    """Before HTCondor starts: take the key and the invites that the secret names, and drop the key of an
    earlier one. Raises :class:`NodeError` for a secret that cannot be read."""
    promise = _read(secret)
    now = time.time()
    good = [one for one in promise.invites if one.ends > now] if promise else []
    wanted = promise.key_id if promise and good else None
    for path in keys.glob(f"{contract.DOOR_KEY_PREFIX}*"):
        if path.name != wanted:
            path.unlink()
    if promise is None or wanted is None:
        return
    _write_key(keys / wanted, promise.key)
    with open_ledger(door) as ledger:
        for one in good:
            ledger.invites.setdefault(one.id, _invite(one))
    named = ", ".join(f"{one.id} for {one.role}" for one in good)
    say(f"invites from before this master's start are good: {named}")


def _read(path: Path) -> Promise | None:
    try:
        return decode(path.read_text(encoding="ascii"))
    except FileNotFoundError:
        return None
    except PromiseError as error:
        raise NodeError(f"the secret {path}: {error}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise NodeError(f"the secret {path} cannot be read: {error}") from None


def _write_key(path: Path, key: bytes) -> None:
    """Its file is whole before it has its name: HTCondor skips names that start with a dot."""
    new = path.with_name(f".{path.name}")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key)
    new.rename(path)


def _invite(one: PromisedInvite) -> Invite:
    return Invite(one.id, one.role, one.uses, one.created, one.ends, one.node)
