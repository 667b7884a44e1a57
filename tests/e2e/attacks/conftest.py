"""The pools that are attacked: one at a time, on the first engine, since HTCondor is the same on all."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from roost import Pool
from roost.engines.detect import open_engine
from roost.images import ensure_images
from roost.spec import Suite
from tests.e2e.attacks.arena import Arena
from tests.e2e.conftest import ENGINES, READY_TIMEOUT_S, SUITE

_POOL_FILE = f"""
version = 1
suite = "{SUITE}"
[executors]
count = 2
"""

_WEAKNESS = """
[htcondor]
config = '''
# A pool as many are: whoever reaches a daemon may do everything, whoever it says it is.
SEC_DEFAULT_AUTHENTICATION = OPTIONAL
SEC_DEFAULT_ENCRYPTION = OPTIONAL
SEC_DEFAULT_INTEGRITY = OPTIONAL
SEC_READ_AUTHENTICATION = OPTIONAL
SEC_READ_ENCRYPTION = OPTIONAL
SEC_READ_INTEGRITY = OPTIONAL
SEC_DEFAULT_AUTHENTICATION_METHODS = IDTOKENS, FS, CLAIMTOBE, ANONYMOUS
SEC_READ_AUTHENTICATION_METHODS = IDTOKENS, FS, CLAIMTOBE, ANONYMOUS
ALLOW_READ = *
ALLOW_WRITE = *
ALLOW_DAEMON = *
ALLOW_NEGOTIATOR = *
ALLOW_ADMINISTRATOR = *
ALLOW_ADVERTISE_MASTER = *
ALLOW_ADVERTISE_SCHEDD = *
ALLOW_ADVERTISE_STARTD = *
COLLECTOR_REQUIREMENTS = True
QUEUE_SUPER_USERS = root, condor, execute-2, submit
'''
"""


@pytest.fixture(
    scope="session",
    params=[pytest.param(True, id="weak"), pytest.param(False, id="as-made")],
)
def arena(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Arena]:
    """The pool under attack. Tests leave it as they found it."""
    weak = bool(request.param)
    engine = open_engine(ENGINES[0], os.environ)
    file = tmp_path_factory.mktemp("arena") / "roost.toml"
    file.write_text(_POOL_FILE + (_WEAKNESS if weak else ""))
    pool = Pool(f"rt-{os.getpid()}-{800 + weak}", file=file, engine=engine)
    try:
        # A mirror's copy of a testing release can be past its date; that is the mirror's affair.
        ensure_images(engine, SUITE, allow_expired_release=SUITE is not Suite.TRIXIE)
        pool.up(timeout_s=READY_TIMEOUT_S)
        yield Arena(pool, weak)
    finally:
        pool.down()
        engine.close()
