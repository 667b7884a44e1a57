"""What a submit node's HTCondor is told of users from outside: how they reach its schedd, their bounds."""

from __future__ import annotations

from roost import contract

_REMOTE = f'regexp("^{contract.USER_PREFIX}", TARGET.Owner ?: "")'
_VANILLA = 5
"""CONDOR_UNIVERSE_VANILLA, also of jobs in containers."""


def render_remote_users(signing_key: str | None) -> str:
    """This part of the configuration. ``signing_key`` is the id of the submit node's own key."""
    return f"""
# Users from outside have tokens of this node's own key, which no other daemon of the pool knows; the pool's
# key is not here. Without a name, HTCondor would make a key POOL of its own.
SEC_PASSWORD_DIRECTORY = {contract.KEYS_DIR}
SEC_TOKEN_ISSUER_KEY = {signing_key or ""}
SEC_TOKEN_POOL_SIGNING_KEY_FILE =
SEC_PASSWORD_FILE =
# A session ends soon after its token, and soon enough to let a revoked user in again.
SEC_SCHEDD_READ_SESSION_DURATION = {contract.USER_SESSION_S}
SEC_SCHEDD_WRITE_SESSION_DURATION = {contract.USER_SESSION_S}
# They know the node's address and port alone: what comes in there without a name is for the schedd.
SCHEDD_ARGS = -sock schedd
SHARED_PORT_DEFAULT_ID = schedd
# Their programs run on executors, never here.
START_LOCAL_UNIVERSE = ($(START_LOCAL_UNIVERSE)) && !{_REMOTE}
START_SCHEDULER_UNIVERSE = ($(START_SCHEDULER_UNIVERSE)) && !{_REMOTE}
# The owner of a job could change that later (condor_qedit).
IMMUTABLE_JOB_ATTRS = $(IMMUTABLE_JOB_ATTRS:) JobUniverse
SUBMIT_REQUIREMENT_NAMES = $(SUBMIT_REQUIREMENT_NAMES:) RemoteUsers
SUBMIT_REQUIREMENT_RemoteUsers = !regexp("^{contract.USER_PREFIX}", Owner) || JobUniverse == {_VANILLA}
SUBMIT_REQUIREMENT_RemoteUsers_REASON = \\
  "from outside of the pool, only jobs that run on executors can be submitted (universe = vanilla)"
"""
