"""What the values of a pool may be.

Each check returns the good value or raises :class:`BadValueError`. The pool file and the flags
share them, so both refuse the same things in the same words.
"""

from __future__ import annotations

import ipaddress
import math
import re
from collections.abc import Callable
from pathlib import PurePosixPath

from roost import contract
from roost.errors import UsageError

MAX_EXECUTORS = 1000
MAX_POOL_NAME = 32
"""Leaves room for ``-execute-1000`` in a host name, whose parts may have 63 characters."""
MIN_MEMORY_MB = 128
"""HTCondor's own default for what a job asks for (JOB_DEFAULT_REQUESTMEMORY)."""
MIN_NODE_MEMORY_MB = 1024
"""Of a master or a submit node: what an idle one needs, four times."""
MAX_MEMORY_MB = 16 * 1024 * 1024
METRICS_OFF = "off"
"""Instead of an address: nodes answer nobody."""

POOL_NAME = re.compile(r"[a-z]([a-z0-9-]*[a-z0-9])?")
_MEMORY = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)\s*([KMGT]?)B?", re.IGNORECASE)
_MB_PER_UNIT = {"K": 1 / 1024, "": 1, "M": 1, "G": 1024, "T": 1024 * 1024}
_APT_PACKAGE = re.compile(r"[a-z0-9][a-z0-9+.-]+(:[a-z0-9-]+)?([=/][A-Za-z0-9.+:~-]+)?")
_PIP_REQUIREMENT = re.compile(r"[A-Za-z0-9][^\x00-\x1f\x7f]*")

_PROTECTED_TREES = (
    *(contract.STATE_DIR, contract.RUN_DIR, contract.CONDOR_RUN_DIR, contract.SECRETS_DIR),
    *("/etc/condor", "/etc/roost", "/usr/lib/condor", "/usr/lib/roost", "/usr/libexec/condor"),
    *("/etc/passwd", "/etc/group", "/etc/nsswitch.conf", contract.EXTRAUSERS_DIR),
    *("/proc", "/sys", "/dev"),
)
_PROTECTED_PATHS = (
    *("/bin", "/lib", "/lib64", "/sbin", "/usr/bin", "/usr/lib", "/usr/libexec", "/usr/sbin"),
    *("/usr/local/bin", "/usr/share/condor", "/run", "/root", "/var/log"),
    *contract.TEMPORARY_DIRS,
    *(contract.NODE_PROGRAM, contract.STARTER_PROGRAM, "/usr/bin/python3"),
)


class BadValueError(UsageError, ValueError):
    """A value that cannot be; ``message`` says what was seen, ``hint`` what would do.

    It is a ``ValueError`` too, so that pydantic collects it among all the others.
    """


def check_pool_name(name: str) -> str:
    """A name that engines, host names and HTCondor accept in everything that is made of it."""
    if len(name) > MAX_POOL_NAME:
        raise BadValueError(
            f"the pool name {_short(name)} has {len(name)} characters",
            hint=f"use at most {MAX_POOL_NAME}",
        )
    if not POOL_NAME.fullmatch(name):
        raise BadValueError(
            f"{_short(name)} is not a pool name",
            hint="use lower case letters, digits and '-', a letter first and no '-' last",
        )
    return name


def check_executors(count: int) -> int:
    """A number of executors that makes a pool and that one engine can be asked for."""
    return _in_range(count, 1, MAX_EXECUTORS, "executors")


def check_cpus(cpus: int) -> int:
    """CPUs of one executor; each needs a job account of its own in the image."""
    return _in_range(cpus, 1, contract.MAX_CPUS_PER_EXECUTOR, "CPUs for each executor")


def check_memory_mb(memory_mb: int) -> int:
    """Memory of one executor in MiB."""
    return _in_range(memory_mb, MIN_MEMORY_MB, MAX_MEMORY_MB, "MB of memory for each executor")


def check_node_memory(memory_mb: int) -> int:
    """Memory limit of a master or a submit node in MiB."""
    return _in_range(memory_mb, MIN_NODE_MEMORY_MB, MAX_MEMORY_MB, "MB of memory for a node")


def parse_memory_mb(value: int | str, check: Callable[[int], int] = check_memory_mb) -> int:
    """MiB from a number of them or from HTCondor's own notation: ``512``, ``"512MB"``, ``"1.5GB"``.

    The units are HTCondor's, powers of 1024 (condor_submit's ``request_memory``). A fraction of a
    MiB is rounded up. ``check`` says how much it may be.
    """
    if isinstance(value, int):
        return check(value)
    match = _MEMORY.fullmatch(value.strip())
    if match is None:
        raise BadValueError(
            f"{_short(value)} is not an amount of memory",
            hint='write a number of MB such as 2048, or a text such as "2GB" or "512MB"',
        )
    number, unit = match.groups()
    return check(math.ceil(float(number) * _MB_PER_UNIT[unit.upper()]))


def check_apt_package(name: str) -> str:
    """A Debian package, with ``=version`` or ``/release`` where wanted; never an option of apt."""
    if not _APT_PACKAGE.fullmatch(name):
        raise BadValueError(
            f"{_short(name)} is not the name of a Debian package",
            hint="write one package for each entry, such as 'python3-numpy'",
        )
    return name


def check_pip_requirement(requirement: str) -> str:
    """A Python requirement; never an option of pip."""
    if not _PIP_REQUIREMENT.fullmatch(requirement):
        raise BadValueError(
            f"{_short(requirement)} is not a Python requirement",
            hint="write one requirement for each entry, such as 'attrs>=23'",
        )
    return requirement


def check_mount_target(target: str) -> str:
    """A place in a container where a volume covers nothing that the node itself needs."""
    path = PurePosixPath(target)
    if not path.is_absolute() or ".." in path.parts or "\0" in target or ":" in target:
        raise BadValueError(
            f"{_short(target)} is not a place for a volume",
            hint="write an absolute path without '..' and ':', such as '/data'",
        )
    path = PurePosixPath("/", *path.parts[1:])  # "//data" is another root in POSIX
    covered = next((own for own in _PROTECTED_PATHS if _covers(path, own)), None) or next(
        (tree for tree in _PROTECTED_TREES if _covers(path, tree) or path.is_relative_to(tree)),
        None,
    )
    if covered is not None:
        raise BadValueError(
            f"a volume at {path} would hide {covered}, which the node needs",
            hint="choose another place, such as '/data'",
        )
    return str(path)


def check_endpoint(text: str) -> str:
    """``ADDRESS:PORT``, in one way of writing it; nothing stays nothing."""
    if not text:
        return text
    address, port = split_endpoint(text)
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def check_host_address(text: str) -> str:
    """An IP address at which other hosts reach this one, in one way of writing it; nothing stays nothing."""
    if not text:
        return text
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    hint = "write the address alone, such as '192.0.2.1': the ports are given"
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        raise BadValueError(f"{_short(text)} is not an IP address", hint=hint) from None
    useless = address.is_unspecified or address.is_loopback or address.is_multicast
    if useless or address.is_link_local:
        raise BadValueError(
            f"no other host reaches this one at {address}",
            hint="write the address that this host has on the network of the others",
        )
    return str(address)


def check_bind_address(text: str) -> str:
    """An IP address at which something can listen, in one way of writing it; nothing stays nothing."""
    if not text:
        return text
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        raise BadValueError(
            f"{_short(text)} is not an IP address",
            hint="write one of this host's own, or '0.0.0.0' for all of them: the ports are given",
        ) from None


def check_listen(text: str) -> str:
    """``ADDRESS:PORT``, ``off`` or nothing."""
    return text if text == METRICS_OFF else check_endpoint(text)


def split_endpoint(text: str) -> tuple[str, int]:
    """Address and port of ``ADDRESS:PORT``. An address is numbers, since a name has many, or other ones
    elsewhere."""
    host, colon, port_text = text.rpartition(":")
    host = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    try:
        address = str(ipaddress.ip_address(host))
    except ValueError:
        address = ""
    port = int(port_text) if re.fullmatch(r"[0-9]{1,5}", port_text) else 0
    if not (colon and address and 1 <= port <= 65535):
        raise BadValueError(
            f"{_short(text)} is not an address and a port",
            hint=f"write an IP address and a port, such as '127.0.0.1:{contract.METRICS_PORT}'",
        )
    return address, port


def _covers(path: PurePosixPath, own: str) -> bool:
    return PurePosixPath(own).is_relative_to(path)


def _in_range(value: int, lowest: int, highest: int, what: str) -> int:
    if not lowest <= value <= highest:
        seen = value if abs(value) < 10**18 else "this number"
        raise BadValueError(
            f"{seen} {what} are too {'few' if value < lowest else 'many'}",
            hint=f"give a number from {lowest} to {highest}",
        )
    return value


def _short(text: str, longest: int = 60) -> str:
    return repr(text if len(text) <= longest else text[: longest - 1] + "…")
