"""The root file system of a tiny image, from the machine's own busybox: no registry needed."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

from tests.enginehost.packages import BUSYBOX, static_busybox
from tests.enginehost.problems import HostError

NOBODY = 65534
DATA_DIR = "/var/lib/data"
DATA_OWNER = 64
SEED_FILE = f"{DATA_DIR}/seed"
"""Something in the image where tests mount volumes: owned by 64, with a file of root's in it."""

_DIRECTORIES = ("bin", "etc", "tmp", "var", "var/lib")
_PASSWD = f"root:x:0:0:root:/:/bin/sh\nnobody:x:{NOBODY}:{NOBODY}:nobody:/:/bin/sh\n".encode()
_GROUP = f"root:x:0:\nnobody:x:{NOBODY}:\n".encode()


def write_rootfs(archive: Path) -> None:
    """Write the tar. Raises :class:`HostError` without a busybox that can stand alone."""
    busybox = static_busybox()
    if busybox is None:
        raise HostError(f"there is no static busybox: install {BUSYBOX.package}")
    applets = subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True)
    with tarfile.open(archive, "w") as tar:
        for name in _DIRECTORIES:
            tar.addfile(_member(name, tarfile.DIRTYPE, 0o755))
        tar.addfile(_member(DATA_DIR, tarfile.DIRTYPE, 0o750, owner=DATA_OWNER))
        _add(tar, "bin/busybox", busybox.read_bytes(), 0o755)
        _add(tar, "etc/passwd", _PASSWD)
        _add(tar, "etc/group", _GROUP)
        _add(tar, SEED_FILE, b"from the image\n")
        for applet in applets.stdout.split():
            if applet != "busybox":
                tar.addfile(_link(f"bin/{applet}"))


def _add(tar: tarfile.TarFile, name: str, data: bytes, mode: int = 0o644) -> None:
    member = _member(name, tarfile.REGTYPE, mode)
    member.size = len(data)
    tar.addfile(member, io.BytesIO(data))


def _link(name: str) -> tarfile.TarInfo:
    member = _member(name, tarfile.SYMTYPE, 0o777)
    member.linkname = "busybox"
    return member


def _member(name: str, kind: bytes, mode: int, owner: int = 0) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name.lstrip("/"))
    member.type, member.mode, member.uid, member.gid = kind, mode, owner, owner
    return member
