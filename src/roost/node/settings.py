"""What a container is told through its environment, checked before anything is started."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import NamedTuple

from roost import contract
from roost.contract import Role
from roost.logline import LogFormat
from roost.node.say import NodeError

_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?")
_ADDRESS = re.compile(r"\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+|[0-9a-fA-F:.]+")
DEFAULT_POOL = "roost"
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9.:@_-]{0,127}")
_MOST_MEMORY_MB = 64 * 1024 * 1024


Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Address(NamedTuple):
    """Where a collector listens. ``host`` is a name or an IP address without brackets."""

    host: str
    port: int = contract.COLLECTOR_PORT

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def is_number(self) -> bool:
        """Whether the host is an IP address, so that there is no name to look up."""
        try:
            ipaddress.ip_address(self.host)
        except ValueError:
            return False
        return True


EVERY_ADDRESS = Address("::", contract.METRICS_PORT)
"""Of either family: an IPv6 socket takes connections of IPv4 too."""
METRICS_OFF = "off"


class NodeSettings(NamedTuple):
    """One node's settings. ``cpus`` and ``memory_mb`` are what an executor offers (None: ask the
    kernel); on a submit node, ``memory_mb`` is what its container may have.

    ``join_timeout_s`` 0 waits for the master for ever.
    """

    role: Role
    node: str
    pool: str
    master: Address
    cpus: int | None = None
    memory_mb: int | None = None
    join_timeout_s: int = 0
    metrics: Address | None = EVERY_ADDRESS
    """Where to answer ``/health`` and ``/metrics``; None: nowhere."""
    address: str | None = None
    """Where other hosts reach this node; None: not, unless on its own network or through the master."""
    port: int = contract.COLLECTOR_PORT
    network: str | None = None
    """The network of its own address, by name."""
    host: str | None = None
    """The engine's host, by name."""
    stop_grace_s: int = 0
    """How long an executor's jobs may go on when it is stopped."""
    ipv4: bool = True
    """Whether it has an address of IPv4 besides its loopback's."""
    routed: Network | None = None
    """The network whose addresses all nodes reach, of which this one has one."""


def read_settings(environ: Mapping[str, str], hostname: str) -> NodeSettings:
    """Read and check the environment. Raises :class:`NodeError` naming every variable that is wrong."""
    problems: list[str] = []

    def checked(problem: str | None) -> None:
        if problem:
            problems.append(problem)

    role_text = environ.get(contract.ENV_ROLE, "")
    if role_text not in set(Role):
        raise NodeError(
            f"{contract.ENV_ROLE} is {role_text!r}: it must be one of {', '.join(Role)}"
        )
    role = Role(role_text)

    node = environ.get(contract.ENV_NODE) or hostname.lower()
    checked(_name_problem(contract.ENV_NODE, node))
    node = contract.named_for_role(role, node)
    pool = environ.get(contract.ENV_POOL) or DEFAULT_POOL
    checked(_name_problem(contract.ENV_POOL, pool))

    master_text = environ.get(contract.ENV_MASTER, "").strip()
    master = Address("127.0.0.1")
    if role is not Role.MASTER:
        try:
            master = parse_address(master_text)
        except ValueError as error:
            problems.append(str(error))
    elif master_text:
        problems.append(
            f"{contract.ENV_MASTER} is set to {master_text!r}, but this node is the master"
        )

    cpus = _whole_number(environ, contract.ENV_CPUS, 1, contract.MAX_CPUS_PER_EXECUTOR, problems)
    memory_mb = _whole_number(environ, contract.ENV_MEMORY_MB, 16, _MOST_MEMORY_MB, problems)
    timeout_s = _whole_number(environ, contract.ENV_JOIN_TIMEOUT_S, 0, 10**9, problems)
    checked(_log_format_problem(environ.get(contract.ENV_LOG_FORMAT, "")))
    metrics: Address | None = EVERY_ADDRESS
    try:
        metrics = parse_metrics(environ.get(contract.ENV_METRICS, "").strip())
    except ValueError as error:
        problems.append(str(error))
    address = environ.get(contract.ENV_ADDRESS, "").strip()
    routed = _network(address)
    address = "" if routed else address
    checked(_outside_problem(address))
    port = _whole_number(environ, contract.ENV_PORT, 1, 65535, problems) or contract.COLLECTOR_PORT
    checked(_port_problem(port, role, metrics))
    network = environ.get(contract.ENV_NETWORK, "").strip()
    checked(_label_problem(contract.ENV_NETWORK, network))
    host = environ.get(contract.ENV_HOST, "").strip()
    checked(_label_problem(contract.ENV_HOST, host))
    grace_s = _whole_number(environ, contract.ENV_STOP_GRACE_S, 0, 10**7, problems)
    if grace_s and role is not Role.EXECUTE:
        problems.append(f"{contract.ENV_STOP_GRACE_S} is {grace_s}, but only executors run jobs")
    if problems:
        raise NodeError("; ".join(problems))
    return NodeSettings(
        role,
        node,
        pool,
        master,
        cpus,
        memory_mb,
        timeout_s or 0,
        metrics,
        _canonical(address),
        port,
        network or None,
        host or None,
        grace_s or 0,
        routed=routed,
    )


def parse_address(text: str) -> Address:
    """Parse ``host``, ``host:port``, an IPv6 address or ``[IPv6]:port``. Raises ValueError, in words."""
    what = f"{contract.ENV_MASTER} is {text!r}" if text else f"{contract.ENV_MASTER} is not set"
    mend = f"give the master's address or name, with an optional port: -e {contract.ENV_MASTER}=192.0.2.1"
    host, port_text = text, ""
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        port_text = rest.removeprefix(":")
        if "]" not in text or (rest and not rest.startswith(":")):
            raise ValueError(f"{what}: {mend}")
    elif text.count(":") == 1:
        host, _, port_text = text.partition(":")
    if not host or not _ADDRESS.fullmatch(host):
        raise ValueError(f"{what}: {mend}")
    host = _checked_ipv6(host, what) if ":" in host or text.startswith("[") else host
    if text.endswith(":") and text.count(":") == 1:
        raise ValueError(f"{what}: the port is missing")
    if not port_text:
        return Address(host)
    if not port_text.isdecimal() or not 1 <= int(port_text) <= 65535:
        raise ValueError(f"{what}: {port_text!r} is no port; a port is a number from 1 to 65535")
    return Address(host, int(port_text))


def _checked_ipv6(host: str, what: str) -> str:
    try:
        address = ipaddress.IPv6Address(host)
    except ValueError:
        raise ValueError(
            f"{what}: {host!r} is no IPv6 address; with a port, one is written [2001:db8::1]:9618"
        ) from None
    if address.is_link_local:
        raise ValueError(
            f"{what}, which means another machine on each link: give the master's global or unique local"
            " address"
        )
    return str(address)


def parse_metrics(text: str) -> Address | None:
    """Parse ``ADDRESS:PORT`` or ``off``; every address where it is empty. Raises ValueError, in words."""
    if not text:
        return EVERY_ADDRESS
    if text == METRICS_OFF:
        return None
    host, colon, port = text.rpartition(":")
    host = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    try:
        ipaddress.ip_address(host)
    except ValueError:
        colon = ""
    if not colon or not port.isdecimal() or not 1 <= int(port) <= 65535:
        raise ValueError(
            f"{contract.ENV_METRICS} is {text!r}: give an IP address of this node and a port, such as"
            f" 127.0.0.1:{contract.METRICS_PORT} or [::1]:{contract.METRICS_PORT}, or {METRICS_OFF}"
        )
    return Address(host, int(port))


def _network(text: str) -> Network | None:
    """A network, where it is the one that a node's own address is of: ``10.244.0.0/16``."""
    if "/" not in text:
        return None
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        return None


def _outside_problem(address: str) -> str | None:
    """What is wrong with the address at which other hosts are to reach a node."""
    if not address:
        return None
    what = f"{contract.ENV_ADDRESS} is {address!r}"
    mend = (
        "give the IP address alone at which other hosts reach this one, such as"
        f" -e {contract.ENV_ADDRESS}=192.0.2.1: a name may mean another address elsewhere, and the port"
        " is the same inside and outside; or a network that all nodes have addresses of, as 10.244.0.0/16"
    )
    bare = address[1:-1] if address.startswith("[") and address.endswith("]") else address
    try:
        ip = ipaddress.ip_address(bare)
    except ValueError:
        return f"{what}, which is no IP address: {mend}"
    if ip.is_unspecified or ip.is_loopback or ip.is_multicast or ip.is_link_local:
        return f"{what}, at which no other host reaches this one: {mend}"
    return None


def _canonical(address: str) -> str | None:
    return str(ipaddress.ip_address(address.strip("[]"))) if address else None


def _port_problem(port: int, role: Role, metrics: Address | None) -> str | None:
    what = f"{contract.ENV_PORT} is {port}"
    if role is Role.MASTER and port != contract.COLLECTOR_PORT:
        return f"{what}, but the master's port is {contract.COLLECTOR_PORT}: leave it out"
    if metrics and port == metrics.port:
        return f"{what}, where the node answers for its health: choose another"
    return None


def _label_problem(variable: str, text: str) -> str | None:
    if not text or _LABEL.fullmatch(text):
        return None
    return f"{variable} is {text!r}: use letters, digits, '.', ':', '@', '_' and '-', at most 128"


def _name_problem(variable: str, name: str) -> str | None:
    if _NAME.fullmatch(name):
        return None
    return f"{variable} is {name!r}: use lower case letters, digits, '-' and '.', at most 63"


def _log_format_problem(text: str) -> str | None:
    if not text or text in set(LogFormat):
        return None
    return f"{contract.ENV_LOG_FORMAT} is {text!r}: it must be {' or '.join(LogFormat)}"


def _whole_number(
    environ: Mapping[str, str], variable: str, least: int, most: int, problems: list[str]
) -> int | None:
    text = environ.get(variable, "").strip()
    if not text:
        return None
    if text.isdecimal() and least <= int(text) <= most:
        return int(text)
    problems.append(f"{variable} is {text!r}: it must be a whole number from {least} to {most}")
    return None
