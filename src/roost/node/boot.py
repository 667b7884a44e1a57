"""What a container starts with: check the input, configure HTCondor, join, and become supervisord."""

from __future__ import annotations

import os
import resource
import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from roost import contract
from roost.contract import Role
from roost.logline import Level
from roost.node.accounts.closed import close_directories
from roost.node.accounts.memory import MEMORY_FILE
from roost.node.alone import check_port, hold_volume
from roost.node.credential import check_token, ensure_signing_key, refuse_expired
from roost.node.enforcement import find_enforcement
from roost.node.formerads import remove_former_ads
from roost.node.htcondor_config import render_config
from roost.node.interface import find_interface
from roost.node.join import is_granted, wait_for_master
from roost.node.masteraddress import note_master_address
from roost.node.places import close_run_place, close_secrets, ensure_run_dirs, ensure_temporary_dirs
from roost.node.programs import SUPERVISOR_CONFIG, render_supervisor_config
from roost.node.reach import Reach, describe_reach, find_reach
from roost.node.routed import find_routed_interface, with_own_addresses
from roost.node.say import NodeError, say
from roost.node.settings import NodeSettings, read_settings
from roost.node.tokens.claims import Claims
from roost.node.tokens.files import replace_file


def boot(_arguments: list[str]) -> int:
    """Run a node to its end; returns the container's exit code. Raises :class:`NodeError`."""
    # The kernel ignores a signal that the first process of a container has no handler for.
    signal.signal(signal.SIGTERM, _stop_before_start)
    _leave_no_core_files()
    settings = with_own_addresses(read_settings(os.environ, os.uname().nodename))
    say(f"this is {settings.node}, {settings.role} of pool {settings.pool}")
    close_run_place()
    ensure_run_dirs()
    close_secrets()
    ensure_temporary_dirs()
    hold_volume()
    check_port(settings.port, settings.role)
    signing_key, certificate = _own_secrets(settings)
    claims = _own_token(settings)
    close_directories(settings.role)
    write = _configuring(settings, signing_key, certificate)
    write(Reach.OUTSIDE if settings.address else Reach.DIRECT, None)
    if settings.role is not Role.MASTER:
        _ensure_token(settings, claims)
    # Imported now, since supervisord takes a tenth of a second that the master's start needs anyway.
    from roost.node import supervision

    reach = find_reach(settings) if settings.role is Role.MASTER else _meet_master(settings)
    if Path(contract.LOG_DIR, "MasterLog").exists():  # HTCondor ran on this node before
        remove_former_ads(settings)
    if settings.role is not Role.MASTER or reach is Reach.OUTSIDE:
        say(describe_reach(settings, reach))
    write(reach, find_routed_interface(settings) or find_interface(settings))
    return supervision.run_supervisord(settings.stop_grace_s)


def _own_secrets(settings: NodeSettings) -> tuple[str | None, tuple[Path, Path] | None]:
    """The id of the signing key, which a master and a submit node have, and the files of the master's
    certificate. What an executor has no use for is imported here, such as OpenSSL."""
    if settings.role is Role.EXECUTE:
        return None, None
    from roost.node.tokens.start import open_access

    signing_key = ensure_signing_key()
    open_access(signing_key)
    if settings.role is Role.SUBMIT:
        from roost.node.users.accounts import ensure_files

        ensure_files()
        return signing_key, None
    from roost.node.door.certificate import ensure_certificate
    from roost.node.door.promised import keep_promise

    keep_promise()
    return signing_key, ensure_certificate(settings.pool)


def _own_token(settings: NodeSettings) -> Claims | None:
    """What the node's token says; None where it has none (yet)."""
    token = Path(contract.TOKEN_FILE)
    if settings.role is Role.MASTER or not token.exists():
        return None
    return check_token(token, now=time.time(), pool=settings.pool)


def _ensure_token(settings: NodeSettings, claims: Claims | None) -> None:
    """See to it that the node has a token that is good."""
    if claims:
        refuse_expired(claims, now=time.time(), is_taken=lambda: is_granted(settings))
        return
    from roost.node.joining.ask import obtain_token

    obtain_token(settings)


def _meet_master(settings: NodeSettings) -> Reach:
    """Wait for the master, and find out how others reach this node."""
    versions = wait_for_master(settings)
    note_master_address(settings)
    reach = find_reach(settings)
    if reach is Reach.BROKER:
        from roost.node.apart import find_apart  # threads, which no other node needs

        if apart := find_apart(settings, versions):
            say(apart, level=Level.WARNING)
    return reach


def _leave_no_core_files() -> None:
    """A core file of any of the node's programs could hold a secret. A job may raise its own limit."""
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, hard))


def _configuring(
    settings: NodeSettings, signing_key: str | None, certificate: tuple[Path, Path] | None
) -> Callable[[Reach, str | None], None]:
    """What writes the configuration, for a way in which this node is reached, and the interface."""
    extra_dir = Path(contract.EXTRA_CONFIG_DIR)
    extra_files = sorted(str(path) for path in extra_dir.glob("*.config"))
    files = (str(certificate[0]), str(certificate[1])) if certificate else None
    enforcement = None
    if settings.role is Role.EXECUTE:
        enforcement = find_enforcement()
        say(f"limits of jobs: {enforcement}")
        MEMORY_FILE.write_text("")  # what the startd's cron job follows has to be there
    _write(Path(SUPERVISOR_CONFIG), render_supervisor_config(settings.role))

    def write(reach: Reach, interface: str | None) -> None:
        config = render_config(
            settings,
            signing_key=signing_key,
            certificate=files,
            enforcement=enforcement,
            reach=reach,
            interface=interface,
            extra_files=extra_files,
        )
        _write(Path(contract.CONFIG_FILE), config)

    return write


def _write(path: Path, text: str) -> None:
    """Whole: on a master, whoever asks for tokens waits for the configuration and reads it at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, text, mode=0o644)  # HTCondor refuses to reread what its own account cannot


def _stop_before_start(_signal: int, _frame: FrameType | None) -> None:
    raise NodeError("stopped before HTCondor was started")
