"""The master's signing keys: one file a key, named by its id, and the link that names the issuing one.

A rotation is a row of steps each of which may be the last for a while: a new key is added, becomes the
issuing one, tokens are made anew, old keys go once nobody holds a token of theirs. What is there says
how far it is.
"""

from __future__ import annotations

import os
from pathlib import Path

from roost import contract
from roost.node.say import NodeError

_KEY_BYTES = 64
"""From the kernel, as the module ``secrets`` would take them: a node's start waits for what that imports."""
ISSUER_LINK = ".issuer"
_NEXT_LINK = ".next"
"""There while a rotation begins."""
DROP_MARK = ".drop-sessions"
"""There while sessions of a key that is gone may still live."""


def key_ids(keys_dir: Path = Path(contract.KEYS_DIR)) -> list[str]:
    """Ids of all keys of nodes' tokens, sorted."""
    others = (".", contract.DOOR_KEY_PREFIX)
    return sorted(path.name for path in keys_dir.iterdir() if not path.name.startswith(others))


def issuer_of(keys_dir: Path = Path(contract.KEYS_DIR)) -> str:
    """The id of the key that signs. Raises :class:`NodeError` where it is gone."""
    key_id = str((keys_dir / ISSUER_LINK).readlink())
    if not (keys_dir / key_id).is_file():
        raise NodeError(f"the signing key {keys_dir / key_id} is gone: restore the master's volume")
    return key_id


def make_key(key_id: str, keys_dir: Path = Path(contract.KEYS_DIR)) -> None:
    """Make a key of that id. Its file is whole before it has its name."""
    new = keys_dir / f".{key_id}"
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(os.urandom(_KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    new.rename(keys_dir / key_id)


def switch_issuer(key_id: str, keys_dir: Path = Path(contract.KEYS_DIR)) -> None:
    """From now on that key signs."""
    new = keys_dir / f"{ISSUER_LINK}.new"
    new.unlink(missing_ok=True)
    new.symlink_to(key_id)
    new.rename(keys_dir / ISSUER_LINK)


def old_keys(keys_dir: Path = Path(contract.KEYS_DIR)) -> list[str]:
    """Keys that are still taken and sign no more."""
    return [key_id for key_id in key_ids(keys_dir) if key_id != issuer_of(keys_dir)]


def begin_rotation(keys_dir: Path = Path(contract.KEYS_DIR)) -> bool:
    """Make a new key the issuing one; False where an earlier rotation is not over, which goes on then.

    The new key's id is noted first, so that a beginning that was interrupted is finished by the next.
    """
    intent = keys_dir / _NEXT_LINK
    if not intent.is_symlink():
        if old_keys(keys_dir):
            return False
        intent.symlink_to(f"key-{os.urandom(4).hex()}")
    key_id = str(intent.readlink())
    if not (keys_dir / key_id).is_file():
        make_key(key_id, keys_dir)
    switch_issuer(key_id, keys_dir)
    intent.unlink()
    return True


def delete_key(key_id: str, keys_dir: Path = Path(contract.KEYS_DIR)) -> None:
    """Delete an old key, and note that its sessions have to go. Raises NodeError for the issuing one."""
    if key_id == issuer_of(keys_dir):
        raise NodeError(f"{key_id} signs tokens: it is no old key")
    (keys_dir / DROP_MARK).touch(mode=0o600)
    (keys_dir / key_id).unlink()


def sessions_to_drop(keys_dir: Path = Path(contract.KEYS_DIR)) -> bool:
    """Whether sessions of a deleted key may live on."""
    return (keys_dir / DROP_MARK).exists()


def sessions_dropped(keys_dir: Path = Path(contract.KEYS_DIR)) -> None:
    """They are gone."""
    (keys_dir / DROP_MARK).unlink(missing_ok=True)
