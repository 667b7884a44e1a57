"""Runs once, as root, while the shared part of the images is built: accounts, directories, code.

It reads :mod:`roost.contract` as it stands in the image, so that host, node and image agree. Its
output tells the builder which versions are inside.
"""

from __future__ import annotations

import compileall
import os
import py_compile
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

LIBRARY = "/usr/lib/roost"
sys.path.insert(0, LIBRARY)

from roost import contract  # noqa: E402


@dataclass(frozen=True)
class Account:
    """A user with a group of the same name and number. Nobody can log in to it with a password."""

    name: str
    uid: int
    home: str = "/nonexistent"
    shell: str = "/usr/sbin/nologin"


@dataclass(frozen=True)
class Directory:
    """A directory; the ones below the state directory are what a new volume starts with."""

    path: str
    mode: int = 0o755
    uid: int = 0
    gid: int = 0


OWNER = Account(
    contract.JOB_OWNER, contract.JOB_OWNER_UID, f"/home/{contract.JOB_OWNER}", "/bin/bash"
)
ACCOUNTS = (
    OWNER,
    *(
        # With a home and a shell that are there: a session of condor_ssh_to_job is this account's.
        Account(
            contract.slot_account(number),
            contract.SLOT_ACCOUNT_FIRST_UID + number - 1,
            "/",
            "/bin/sh",
        )
        for number in range(1, contract.MAX_CPUS_PER_EXECUTOR + 1)
    ),
)
_CONDOR = (contract.CONDOR_UID, contract.CONDOR_GID)
DIRECTORIES = (
    # Owned by root, so that the daemons' account cannot put its own in place of a secret one.
    Directory(contract.STATE_DIR),
    # Their group is root's: roost.node.accounts.closed says why.
    Directory(contract.SPOOL_DIR, 0o751, contract.CONDOR_UID),
    Directory(contract.EXECUTE_DIR, 0o755, *_CONDOR),
    Directory(contract.LOG_DIR, 0o750, contract.CONDOR_UID),
    Directory(contract.KEYS_DIR, 0o700),
    Directory(contract.TOKENS_DIR, 0o700),
    Directory(contract.DOOR_DIR, 0o700),
    Directory(contract.CERTIFICATE_DIR, 0o700),
    Directory(contract.OPERATOR_CERTIFICATE_DIR),
    Directory(contract.JOBS_DIR, 0o700, OWNER.uid, OWNER.uid),
    Directory(contract.EXTRA_CONFIG_DIR),
    Directory(contract.USERS_DIR),
    # A group's, since root needs no capability to write what is its own, nor the daemons here.
    Directory(contract.CONDOR_RUN_DIR, 0o775, 0, contract.CONDOR_GID),
    Directory(contract.RUN_DIR),
    Directory(OWNER.home, 0o700, OWNER.uid, OWNER.uid),
)


def add_accounts(root: Path, accounts: tuple[Account, ...]) -> None:
    """Append the accounts to the four files; ``useradd`` would take ten seconds for that many."""
    lines: dict[str, list[str]] = {"passwd": [], "group": [], "shadow": [], "gshadow": []}
    for one in accounts:
        lines["passwd"].append(f"{one.name}:x:{one.uid}:{one.uid}::{one.home}:{one.shell}\n")
        lines["group"].append(f"{one.name}:x:{one.uid}:\n")
        lines["shadow"].append(f"{one.name}:!:0::::::\n")
        lines["gshadow"].append(f"{one.name}:!::\n")
    for name, added in lines.items():
        with (root / "etc" / name).open("a", encoding="ascii") as file:
            file.writelines(added)


def make_directories(root: Path, directories: tuple[Directory, ...]) -> None:
    """Make each directory, or give the one that is there its owner and mode."""
    for one in directories:
        path = root / one.path.lstrip("/")
        path.mkdir(parents=True, exist_ok=True)
        os.chown(path, one.uid, one.gid)
        path.chmod(one.mode)


def look_for_users(root: Path) -> None:
    """Let the C library find the accounts of remote users too, where the submit node keeps them.

    libnss-extrausers reads ``passwd`` and ``group`` of one directory, whose name is fixed.
    """
    for name in contract.USERS_FILES:
        link = root / contract.EXTRAUSERS_DIR.lstrip("/") / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(f"{contract.USERS_DIR}/{name}")
    switch = root / "etc/nsswitch.conf"
    text = switch.read_text(encoding="ascii")
    found = re.sub(r"(?m)^((?:passwd|group):.*?)(?: +extrausers)?$", r"\1 extrausers", text)
    switch.write_text(found, encoding="ascii")


def write_config_entry(root: Path) -> None:
    """What HTCondor reads of an image: that the configuration is where each start writes it."""
    path = root / contract.CONFIG_ENTRY.lstrip("/")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"include ifexist : {contract.CONFIG_FILE}\n", encoding="ascii")
    path.chmod(0o644)


def compile_program(library: Path) -> None:
    """Bytecode now, since the root of a running node is read-only. It is never checked against the
    source, which cannot change."""
    compileall.compile_dir(
        library,
        quiet=1,
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )


def tell_versions() -> None:
    """One line a package, which :mod:`roost.images.buildlog` reads."""
    subprocess.run(
        ["dpkg-query", "-W", "-f", "roost-package ${Package} ${Version}\n", "condor"], check=True
    )


def main() -> None:
    """Prepare the image that this runs in."""
    root = Path("/")
    add_accounts(root, ACCOUNTS)
    make_directories(root, DIRECTORIES)
    look_for_users(root)
    write_config_entry(root)
    compile_program(Path(LIBRARY))
    subprocess.run([contract.NODE_PROGRAM, "write-sbom"], check=True)
    tell_versions()


if __name__ == "__main__":
    main()
