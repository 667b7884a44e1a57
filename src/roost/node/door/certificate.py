"""The master's host certificate: made by itself in its volume, or the operator's own.

It serves joining alone, when a node has nothing yet by which it could know the master. Between nodes with
tokens, the token authenticates both sides.
"""

from __future__ import annotations

import os
import re
import stat
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

from roost import contract
from roost.node.say import NodeError

_YEARS = 20
_BACKDATED_DAYS = 30
"""So that the handshake works for a node whose clock is behind; a wrong clock is told in words then."""
_DAY_S = 24 * 3600
_NAME = re.compile(r"DNS:([^,\s]+)")


class HostCertificate(NamedTuple):
    """Files of the certificate (with its chain) and of its key, and what a joining node checks."""

    chain: Path
    key: Path
    name: str
    """The host name that it is for."""
    fingerprint: str
    """SHA-256, as hexadecimal digits, of the last certificate in the chain: what a node pins."""


def ensure_certificate(
    pool: str,
    *,
    own: Path = Path(contract.CERTIFICATE_DIR),
    operators: Path = Path(contract.OPERATOR_CERTIFICATE_DIR),
) -> tuple[Path, Path]:
    """The files (certificate, key) of the operator's certificate where there is one, else of the master's
    own, made at the first call.

    Raises :class:`NodeError` for an operator's certificate that cannot serve.
    """
    if operators.is_dir() and any(operators.iterdir()):
        _check_operators(operators)
        return _files(operators)
    chain, key = _files(own)
    if chain.exists():
        _describe(chain, key)  # raises for what was damaged since
    else:
        _make(own, contract.node_hostname("master", pool))
    return chain, key


def find_certificate() -> HostCertificate:
    """The certificate in use. Raises :class:`NodeError` where there is none yet."""
    operators, own = Path(contract.OPERATOR_CERTIFICATE_DIR), Path(contract.CERTIFICATE_DIR)
    for directory in (operators, own):
        chain, key = _files(directory)
        if chain.exists():
            return _describe(chain, key)
    raise NodeError("this master has no certificate yet: it makes one when it starts")


def _files(directory: Path) -> tuple[Path, Path]:
    return directory / "host.crt", directory / "host.key"


def _make(directory: Path, name: str) -> None:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    chain, key = _files(directory)
    new_chain, new_key = (path.with_suffix(path.suffix + ".new") for path in (chain, key))
    started = time.gmtime(time.time() - _BACKDATED_DAYS * _DAY_S)
    ends = time.gmtime(time.time() + _YEARS * 365 * _DAY_S)
    argv = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    argv += ["-noenc", "-keyout", str(new_key), "-out", str(new_chain)]
    argv += ["-not_before", time.strftime("%Y%m%d%H%M%SZ", started)]
    argv += ["-not_after", time.strftime("%Y%m%d%H%M%SZ", ends)]
    # The name of a pool can be longer than a common name may be; what counts is the other one.
    argv += ["-subj", "/O=roost/CN=master", "-addext", f"subjectAltName=DNS:{name}"]
    argv += ["-addext", "basicConstraints=critical,CA:false"]
    made = subprocess.run(argv, capture_output=True, text=True, check=False, umask=0o077)
    if made.returncode:
        raise NodeError(f"openssl made no host certificate: {made.stderr.strip()}")
    # The key first: a certificate that is there has its key.
    new_key.rename(key)
    new_chain.rename(chain)


def _check_operators(directory: Path) -> None:
    """Check the operator's certificate: HTCondor would silently offer no SSL with one that cannot serve."""
    chain, key = _files(directory)
    for path in (chain, key):
        try:
            path.read_bytes()
        except OSError as error:
            raise NodeError(
                f"the master's own certificate needs {chain} and {key}: {path.name}:"
                f" {error.strerror or error}"
            ) from None
    mode = stat.S_IMODE(key.stat().st_mode)
    if key.stat().st_uid != os.geteuid() or mode & 0o077:
        raise NodeError(
            f"{key} belongs to uid {key.stat().st_uid} with mode {mode:04o}:"
            f" it must belong to uid {os.geteuid()} with mode 0600"
        )
    _describe(chain, key)
    if _public_key(["x509", "-pubkey", "-noout", "-in", str(chain)]) != _public_key(
        ["pkey", "-pubout", "-in", str(key)]
    ):
        raise NodeError(f"{key} is not the key of the certificate in {chain}")
    ended = subprocess.run(
        ["openssl", "x509", "-checkend", "0", "-noout", "-in", str(chain)],
        capture_output=True,
        check=False,
    )
    if ended.returncode:
        raise NodeError(f"the certificate in {chain} has expired: put a newer one there")


def _public_key(arguments: list[str]) -> str:
    asked = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)
    if asked.returncode:
        raise NodeError(f"openssl cannot read {arguments[-1]}: {asked.stderr.strip()}")
    return asked.stdout


def _describe(chain: Path, key: Path) -> HostCertificate:
    text = chain.read_text(encoding="ascii", errors="replace")
    return HostCertificate(chain, key, _name_of(chain), fingerprint_of_pem(text, str(chain)))


def _name_of(chain: Path) -> str:
    argv = ["openssl", "x509", "-noout", "-ext", "subjectAltName", "-in", str(chain)]
    asked = subprocess.run(argv, capture_output=True, text=True, check=False)
    match = _NAME.search(asked.stdout)
    if match is None:
        raise NodeError(
            f"the certificate in {chain} names no host: it needs a DNS name in subjectAltName"
        )
    return match[1]


def fingerprint_of_pem(text: str, where: str) -> str:
    """SHA-256 of the last certificate of a chain. Raises :class:`NodeError` for what is none."""
    import hashlib
    import ssl  # 10 ms with OpenSSL, for which a new master's start would wait

    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    start, stop = text.rfind(begin), text.rfind(end)
    try:
        if start < 0 or stop < start:
            raise ValueError
        der = ssl.PEM_cert_to_DER_cert(text[start : stop + len(end)])
    except ValueError:
        raise NodeError(f"{where} holds no certificate in PEM form") from None
    return hashlib.sha256(der).hexdigest()
