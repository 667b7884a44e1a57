"""What a node finds among its own addresses: the one of a routed network, and whether it has one of IPv4."""

from __future__ import annotations

import ipaddress

from roost import contract
from roost.contract import Role
from roost.node.interface import own_addresses
from roost.node.say import NodeError
from roost.node.settings import Address, NodeSettings


def find_routed_interface(settings: NodeSettings) -> str | None:
    """The interface on the network whose addresses all nodes reach; None where the node was told none.

    Raises :class:`NodeError` where the node has no address of it.
    """
    if settings.routed is None:
        return None
    addresses = own_addresses()
    for address, interface in addresses.items():
        if ipaddress.ip_address(address) in settings.routed:
            return interface
    raise NodeError(
        f"{contract.ENV_ADDRESS} is '{settings.routed}', but this node has no address of that network, only"
        f" {', '.join(addresses) or 'its loopback'}: start it on that network, or leave"
        f" {contract.ENV_ADDRESS} out"
    )


def with_own_addresses(settings: NodeSettings) -> NodeSettings:
    """The settings of a node that may have no IPv4. HTCondor listens at a loopback by those versions of IP
    alone of which the node has another address (``network_interface_to_ip`` in my_hostname.cpp)."""
    if any("." in address for address in own_addresses()):
        return settings
    master = Address("::1") if settings.role is Role.MASTER else settings.master
    return settings._replace(master=master, ipv4=False)
