"""HTCondor's configuration of the door: a pure function."""

from __future__ import annotations

from roost import contract

REQUEST_LIFETIME_S = 1800
"""For a person to approve a request; HTCondor holds it for an hour more."""


TOKEN_LIFETIME_S = 30 * 24 * 3600


def render_door(certificate: tuple[str, str] | None) -> str:
    """For the master alone. ``certificate`` names the files of its host certificate and of the key."""
    if certificate is None:
        return ""
    chain, key = certificate
    authorizations = sorted(set().union(*contract.ROLE_AUTHORIZATIONS.values()))
    return f"""
# The door: a node without a credential reaches the collector by SSL, where it knows the master by this
# certificate and is itself nobody (unauthenticated@unmapped), who may ask for a token and nothing else.
COLLECTOR.SEC_DEFAULT_AUTHENTICATION_METHODS = IDTOKENS, FS, SSL
COLLECTOR.SEC_READ_AUTHENTICATION_METHODS = IDTOKENS, FS, SSL
AUTH_SSL_SERVER_CERTFILE = {chain}
AUTH_SSL_SERVER_KEYFILE = {key}
COLLECTOR_BOOTSTRAP_SSL_CERTIFICATE = False
# A certificate of a client would make it somebody: none is believed.
AUTH_SSL_SERVER_USE_DEFAULT_CAS = False
# Nothing but a node's authorizations is ever granted on request, not even by a person.
SEC_TOKEN_REQUEST_LIMITS = {", ".join(authorizations)}
SEC_TOKEN_REQUEST_LIFETIME = {REQUEST_LIFETIME_S}
# None of them lives for ever.
if ! defined SEC_ISSUED_TOKEN_EXPIRATION
SEC_ISSUED_TOKEN_EXPIRATION = {TOKEN_LIFETIME_S}
endif
"""
