"""The directory of an export: a file to read and edit, and the secrets beside it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from roost.contract import Role
from roost.errors import ConflictError, RoostError
from roost.export.invites import StackSecrets
from roost.promise import PromiseError, decode

SECRETS = "secrets"
PROMISE = "promise"


def invite_file(role: Role) -> str:
    """Name of the file of a role's invite."""
    return f"invite-{role}"


@dataclass(frozen=True)
class Export:
    """What was written."""

    file: Path
    secrets: Path
    new_secrets: bool
    notes: tuple[str, ...]
    """What the pool file says and an export cannot."""


def write_export(
    directory: Path,
    name: str,
    render: Callable[[str], str],
    make: Callable[[], StackSecrets],
    *,
    secret_mode: int,
    force: bool,
    new_secrets: bool,
    others: Mapping[str, str],
    notes: tuple[str, ...] = (),
) -> Export:
    """Write the file and, where there are none or new ones are wanted, the secrets.

    ``render`` gets the id of the secrets; ``others`` are files beside it, by name. Raises ConflictError for a
    file that is there, RoostError for what cannot be written or read.
    """
    path, secrets = directory / name, directory / SECRETS
    if path.exists() and not force:
        raise ConflictError(
            f"{path} is there already, and may hold changes of yours",
            hint="give --force to replace it, or name another directory",
        )
    try:
        directory.mkdir(parents=True, exist_ok=True)
        made = new_secrets or not (secrets / PROMISE).exists()
        if made:
            _write_secrets(secrets, make(), secret_mode)
        for other, text in others.items():
            (directory / other).write_text(text, encoding="utf-8")
        path.write_text(render(_secrets_id(secrets)), encoding="utf-8")
    except OSError as error:
        raise RoostError(
            f"cannot write {error.filename or directory}: {error.strerror or error}"
        ) from error
    return Export(path, secrets, made, notes)


def _write_secrets(directory: Path, made: StackSecrets, mode: int) -> None:
    directory.mkdir(mode=0o700, exist_ok=True)
    directory.chmod(0o700)
    texts: Mapping[str, str] = {
        **{invite_file(role): text for role, text in made.invites.items()},
        PROMISE: made.promise,  # last: with it, they are complete
    }
    written = {directory / f"{name}.new": directory / name for name in texts}
    try:
        for path, text in zip(written, texts.values(), strict=True):
            path.unlink(missing_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(text)
            path.chmod(mode)
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise
    # All are there, so that a full disk leaves those from before. Whatever happens now, no old promise
    # stands beside new invites: without one, the next export makes all anew.
    (directory / PROMISE).unlink(missing_ok=True)
    for path, wanted in written.items():
        path.replace(wanted)


def _secrets_id(directory: Path) -> str:
    """What tells these secrets from others: Swarm never changes one, so each has a name of its own."""
    path = directory / PROMISE
    try:
        return decode(path.read_text(encoding="ascii")).key_id.rpartition("-")[2]
    except (PromiseError, UnicodeDecodeError) as error:
        raise RoostError(f"{path}: {error}", hint="give --new-secrets to make others") from None
