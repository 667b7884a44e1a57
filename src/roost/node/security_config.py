"""Who may do what: the security part of a node's HTCondor configuration.

See "Authorization" and "Token Authentication" in the security chapter of HTCondor's manual, and
docs/decisions/identities.md. HTCondor's own processes on a node know each other by sessions that they
inherit (``condor@family``, ``condor@child``), and those of a claim by sessions that the collector hands out
(``…@matchsession``): HTCondor grants both what they need by itself, so no list names them.
"""

from __future__ import annotations

from roost import contract
from roost.contract import Role

_SUBMIT = ", ".join(contract.role_identities(Role.SUBMIT, "$(TRUST_DOMAIN)"))
_EXECUTE = ", ".join(contract.role_identities(Role.EXECUTE, "$(TRUST_DOMAIN)"))
_LOCAL = "root@$(UID_DOMAIN), condor@$(UID_DOMAIN)"
"""HTCondor's tools and daemons on the node itself, by its file system."""
_ITSELF = ", ".join(
    f"unauthenticated@unmapped/{address}"
    for address in ("127.0.0.1", "::1", "$(IPV4_ADDRESS:127.0.0.1)", "$(IPV6_ADDRESS:127.0.0.1)")
)
_MATCHED = ", ".join(
    # The last is whom the master administrates, over a session that its collector has from that daemon.
    [*(f"{side}-side@matchsession" for side in ("submit", "execute", "collector")), "MATCH/*"]
)
_KEY_HOLDER = "condor@password"
"""Whoever holds the signing key, which is the master alone."""

_KINDS_OF_ADS = {
    Role.SUBMIT: ("DaemonMaster", "Scheduler", "Submitter"),
    Role.EXECUTE: ("DaemonMaster", "Machine", "Slot", "StartD"),
}
"""``MyType`` of what each role advertises; ``Slot`` is what newer releases call ``Machine``."""

_UNLIMITED = ("condor@family", _KEY_HOLDER, "Collector")


def render_security(role: Role) -> str:
    """The permissions of a node of that role."""
    lists = {Role.MASTER: _MASTER, Role.SUBMIT: _SUBMIT_NODE, Role.EXECUTE: _EXECUTE_NODE}
    return _METHODS + lists[role] + (_requirements() if role is Role.MASTER else "")


_METHODS = f"""\
# Every connection is authenticated, encrypted and integrity-checked, reads included.
use SECURITY : Strong
SEC_DEFAULT_AUTHENTICATION = REQUIRED
SEC_DEFAULT_ENCRYPTION = REQUIRED
SEC_DEFAULT_INTEGRITY = REQUIRED
SEC_READ_AUTHENTICATION = REQUIRED
SEC_READ_ENCRYPTION = REQUIRED
SEC_READ_INTEGRITY = REQUIRED
SEC_CLIENT_AUTHENTICATION = REQUIRED
SEC_CLIENT_ENCRYPTION = REQUIRED
SEC_CLIENT_INTEGRITY = REQUIRED
SEC_DEFAULT_CRYPTO_METHODS = AES
# Tokens between nodes, the file system within one. Tokens first: offering FS to another node costs a
# round trip that can only fail.
SEC_DEFAULT_AUTHENTICATION_METHODS = IDTOKENS, FS
SEC_READ_AUTHENTICATION_METHODS = IDTOKENS, FS
SEC_CLIENT_AUTHENTICATION_METHODS = IDTOKENS, FS
SEC_TOKEN_SYSTEM_DIRECTORY = {contract.TOKENS_DIR}

# Permissions name identities; what is not named is denied.
ALLOW_ADMINISTRATOR = {_LOCAL}
ALLOW_CONFIG =
ALLOW_DAEMON = {_LOCAL}
ALLOW_NEGOTIATOR = {_LOCAL}
# Whom this node's daemons and tools talk to: the master, which proves that it holds the key, and by the
# file system, which proves a client to a server and nothing to the client, only this node itself.
# Sessions of a match are secrets that the master hands out; 23.9's negotiator and tools need them named.
ALLOW_CLIENT = {_KEY_HOLDER}, {_ITSELF}, {_MATCHED}
"""

_MASTER = f"""\
ALLOW_WRITE = {_LOCAL}
ALLOW_READ = {_LOCAL}, {_KEY_HOLDER}, {_SUBMIT}, {_EXECUTE}
ALLOW_DAEMON = $(ALLOW_DAEMON), {_KEY_HOLDER}
ALLOW_NEGOTIATOR = $(ALLOW_NEGOTIATOR), {_KEY_HOLDER}
ALLOW_ADMINISTRATOR = $(ALLOW_ADMINISTRATOR), {_KEY_HOLDER}
# A token of another pool is none of this one's, even where both had the same key: HTCondor does not look.
SEC_TOKEN_REVOCATION_EXPR = iss =!= "$(TRUST_DOMAIN)"
# Why a token is refused is said at this level alone, in many lines a connection: a log of its own.
COLLECTOR_SECURITY_LOG = {contract.SECURITY_LOG}
MAX_COLLECTOR_SECURITY_LOG = 2 Mb
MAX_NUM_COLLECTOR_SECURITY_LOG = 1
# The master takes ads of nodes that are gone out of the collector.
ALLOW_ADVERTISE_MASTER = {_KEY_HOLDER}, {_SUBMIT}, {_EXECUTE}
ALLOW_ADVERTISE_SCHEDD = {_KEY_HOLDER}, {_SUBMIT}
ALLOW_ADVERTISE_STARTD = {_KEY_HOLDER}, {_EXECUTE}
"""

_SUBMIT_NODE = f"""\
# Root's tools find the key that signs users' tokens, and prove that with it.
ALLOW_DAEMON = $(ALLOW_DAEMON), {_KEY_HOLDER}
ALLOW_ADMINISTRATOR = $(ALLOW_ADMINISTRATOR), {_KEY_HOLDER}
ALLOW_WRITE = {_LOCAL}, {_KEY_HOLDER}, {contract.JOB_OWNER}@$(UID_DOMAIN)
ALLOW_READ = $(ALLOW_WRITE)
# Users from outside, and of the daemons here the schedd alone.
ALLOW_WRITE_SCHEDD = $(ALLOW_WRITE), {contract.user_account("*")}@$(UID_DOMAIN)
ALLOW_READ_SCHEDD = $(ALLOW_READ), {contract.user_account("*")}@$(UID_DOMAIN)
# A token of another trust domain is none of this one's.
SEC_TOKEN_REVOCATION_EXPR = iss =!= "$(TRUST_DOMAIN)"
ALLOW_ADVERTISE_MASTER =
ALLOW_ADVERTISE_SCHEDD =
ALLOW_ADVERTISE_STARTD =
"""

_EXECUTE_NODE = f"""\
ALLOW_WRITE = {_LOCAL}
ALLOW_READ = {_LOCAL}
ALLOW_ADVERTISE_MASTER =
ALLOW_ADVERTISE_SCHEDD =
ALLOW_ADVERTISE_STARTD =
"""


def _requirements() -> str:
    """What the collector asks of an ad beside the permission to send it.

    A node may advertise under its own name alone, and what its role advertises. Names are compared with
    ``=?=``, which heeds upper and lower case, as the collector's tables do.
    """
    kinds = " || \\\n    ".join(
        f'(regexp("^{role}(-[^@]*)?@", TARGET.AuthenticatedIdentity)'
        f" && member(TARGET.MyType, {_list(kinds)}))"
        for role, kinds in _KINDS_OF_ADS.items()
    )
    return f"""\
# It says so, and from where the ad came, when it does not take one.
COLLECTOR_DEBUG = D_MACHINE
# What a node sends has to be its own: the machine that the ad is of, and the name that it stands under.
# The master's own daemons are under no such limit; the collector's own ad comes from nobody.
COLLECTOR_REQUIREMENTS = \\
  member(TARGET.AuthenticatedIdentity ?: TARGET.MyType, {_list(_UNLIMITED)}) || ( \\
   TARGET.Machine =?= join(".", splitUserName(TARGET.AuthenticatedIdentity)) && \\
   (TARGET.Name =?= TARGET.Machine || \\
    substr(TARGET.Name, -(size(TARGET.Machine) + 1)) =?= strcat("@", TARGET.Machine) || \\
    (TARGET.MyType == "Submitter" && TARGET.ScheddName =?= TARGET.Machine)) && ( \\
    {kinds}))
"""


def _list(words: tuple[str, ...]) -> str:
    return "{" + ", ".join(f'"{word}"' for word in words) + "}"
