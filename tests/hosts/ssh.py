"""An ssh server on a host of the bench, and how another one's ssh finds it: nothing of the machine's own
settings for ssh, or of root's home, is read or changed."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from roost.waiting import wait_for
from tests.enginehost.packages import DROPBEAR, SSH, get_installed
from tests.hosts.host import Host
from tests.hosts.namespaces import run

_SERVER = """\
mount --bind "$0/passwd" /etc/passwd
mount -t tmpfs tmpfs /run
touch /run/docker.sock
mount --bind "$1" /run/docker.sock
exec "$2" -F -E -s -r "$0/host_key" -p "$3:22" -P "$0/pid"
"""
"""In a mount namespace of its own: root's home is the server's directory, and the host's Docker is where
``docker`` looks for one."""
_CLIENT = 'mount --bind "$0" /etc/ssh/ssh_config && exec "$@"'


@contextmanager
def ssh_server(host: Host) -> Iterator[Path]:
    """Let whoever has the file of settings into ``host``; that file."""
    dropbear = get_installed(DROPBEAR)
    get_installed(SSH)
    home = host.directory / "ssh"
    (home / ".ssh").mkdir(parents=True, mode=0o700)
    home.chmod(0o700)
    for key in ("user_key", "host_key.pem"):
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-m", "PEM", "-f", str(home / key))
    run(
        "dropbearconvert", "openssh", "dropbear", str(home / "host_key.pem"), str(home / "host_key")
    )
    (home / ".ssh" / "authorized_keys").write_text((home / "user_key.pub").read_text())
    (home / "passwd").write_text(f"root:x:0:0:root:{home}:/bin/sh\n")
    public = " ".join((home / "host_key.pem.pub").read_text().split()[:2])
    (home / "known_hosts").write_text(f"{host.name} {public}\n")
    (home / "config").write_text(
        f"Host {host.name}\n HostName {host.address}\n HostKeyAlias {host.name}\n User root\n"
        f" IdentityFile {home}/user_key\n UserKnownHostsFile {home}/known_hosts\n BatchMode yes\n"
    )
    argv = [str(home), host.url.removeprefix("unix://"), str(dropbear), host.address]
    with (home / "log").open("w") as log:
        server = subprocess.Popen(
            host.namespace.command("unshare", "--mount", "sh", "-ec", _SERVER, *argv),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        wait_for(
            f"{host.name} takes ssh",
            lambda: (home / "pid").exists() or None,
            timeout_s=20.0,
            last_seen=(home / "log").read_text,
        )
        yield home / "config"
    finally:
        server.kill()
        server.wait()


def over_ssh(host: Host, settings: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    """Run a program on ``host`` whose ssh has these settings."""
    inside = ["unshare", "--mount", "sh", "-ec", _CLIENT, str(settings), *argv]
    return host.run(*host.namespace.command(*inside))
