"""A CNI plug-in (https://www.cni.dev/docs/spec) that wires a container as Calico does: a link of its own, an
address of 32 (or 128) bits on it, and a way to everything else through the host. No two containers share a
network.

It runs as a program: Podman starts it, and it needs nothing but ``ip``.
"""

from __future__ import annotations

import fcntl
import ipaddress
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

VERSION = "0.4.0"
GATEWAYS = {4: "169.254.1.1", 6: "fe80::1"}
"""The host's end of every link, by the version of IP."""


def main() -> int:
    command = os.environ["CNI_COMMAND"]
    if command == "VERSION":
        print(json.dumps({"cniVersion": VERSION, "supportedVersions": [VERSION]}))
        return 0
    config = json.load(sys.stdin)
    end = f"rl{os.environ['CNI_CONTAINERID'][:8]}{os.environ['CNI_IFNAME'][3:]}"
    if command == "ADD":
        print(json.dumps(connect(config, end, os.environ["CNI_NETNS"], os.environ["CNI_IFNAME"])))
    if command == "DEL":
        subprocess.run(["ip", "link", "delete", end], capture_output=True, check=False)
    return 0


def connect(config: dict[str, Any], end: str, namespace: str, interface: str) -> dict[str, Any]:
    """Wire a container whose network namespace is a file; what CNI is told of it."""
    number = next_number(Path(config["numbers"]))
    addresses = [ipaddress.ip_network(block)[number] for block in config["blocks"]]
    mtu = ["mtu", str(config["mtu"])]
    there = ["nsenter", f"--net={namespace}", "ip"]
    # Made inside, where its peer is told the host's namespace by process: this one's.
    peer = ["type", "veth", "peer", "name", end, *mtu, "netns", str(os.getpid())]
    ip([*there, "link", "add", interface, *mtu, *peer])
    # No waiting for somebody else with the address: there is nobody else on the link.
    ip(["sysctl", "-q", f"net.ipv6.conf.{end}.accept_dad=0"])
    ip([*there, "link", "set", interface, "up"])
    ip(["ip", "link", "set", end, "up"])
    for address in addresses:
        gateway = GATEWAYS[address.version]
        own = ["nodad"] if address.version == 6 else []
        ip(["ip", "address", "add", gateway, "dev", end, *own])
        ip(["ip", "route", "replace", str(address), "dev", end])
        ip([*there, "address", "add", str(address), "dev", interface, *own])
        ip([*there, "route", "add", gateway, "dev", interface])
        ip([*there, "route", "add", "default", "via", gateway, "dev", interface])
    ips = [
        {
            "version": str(address.version),
            "address": f"{address}/{address.max_prefixlen}",
            "gateway": GATEWAYS[address.version],
            "interface": 0,
        }
        for address in addresses
    ]
    (shown,) = json.loads(ip([*there, "-json", "link", "show", interface]))
    return {
        "cniVersion": VERSION,
        "interfaces": [{"name": interface, "sandbox": namespace, "mac": shown["address"]}],
        "ips": ips,
    }


def next_number(file: Path) -> int:
    """Of this host's addresses: none is given twice, so that who starts again has another one."""
    with file.open("a+") as numbers:
        fcntl.flock(numbers, fcntl.LOCK_EX)
        numbers.seek(0)
        number = int(numbers.read() or 0) + 1
        numbers.truncate(0)
        numbers.write(str(number))
        return number


def ip(argv: list[str]) -> str:
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as error:
        what = f"{' '.join(error.cmd)}: {error.stderr.strip()}"
        print(json.dumps({"cniVersion": VERSION, "code": 100, "msg": what}))
        sys.exit(1)
