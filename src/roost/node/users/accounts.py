"""An account for each user from outside, in files that the C library reads beside ``/etc/passwd``.

Nobody can log in to one; it owns the user's jobs and their files. It stays as long as the node's volume,
so that nobody else ever gets its number, and with that its files.
"""

from __future__ import annotations

from pathlib import Path

from roost import contract
from roost.node.say import NodeError
from roost.node.tokens.files import replace_file


def ensure_files(directory: Path = Path(contract.USERS_DIR)) -> None:
    """Make the files where they are missing."""
    directory.mkdir(mode=0o755, exist_ok=True)
    directory.chmod(0o755)
    for name in contract.USERS_FILES:
        if not (directory / name).exists():
            replace_file(directory / name, "", mode=0o644)


def ensure_account(user: str, directory: Path = Path(contract.USERS_DIR)) -> int:
    """The uid of the user's account, which is made where there is none. To be called under the lock.

    Raises :class:`NodeError` where there are no numbers left.
    """
    ensure_files(directory)
    account = contract.user_account(user)
    known = read_accounts(directory)
    if account not in known:
        uid = max(known.values(), default=contract.USER_ACCOUNT_FIRST_UID - 1) + 1
        if uid >= contract.USER_ACCOUNT_FIRST_UID + _MOST:
            raise NodeError(f"{_MOST} users have accounts here: there are no numbers left")
        known[account] = uid
        _write(known, directory)
    return known[account]


_MOST = 20_000
"""Below 60000, where Debian's own numbers begin again (Debian Policy, 9.2.2)."""


def read_accounts(directory: Path = Path(contract.USERS_DIR)) -> dict[str, int]:
    """Uids by the accounts' names. Raises :class:`NodeError` for a damaged file."""
    path = directory / "passwd"
    try:
        fields = [line.split(":") for line in path.read_text(encoding="ascii").splitlines()]
        return {name: int(uid) for name, _, uid, *_ in fields}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise NodeError(f"{path} cannot be read ({error}): restore it from a backup") from None


def _write(accounts: dict[str, int], directory: Path) -> None:
    """The groups first: no account is ever without its own."""
    groups = "".join(f"{name}:x:{uid}:\n" for name, uid in accounts.items())
    replace_file(directory / "group", groups, mode=0o644)
    passwd = "".join(
        f"{name}:x:{uid}:{uid}::/nonexistent:/usr/sbin/nologin\n" for name, uid in accounts.items()
    )
    replace_file(directory / "passwd", passwd, mode=0o644)
