"""The checks: each looks at the facts, and yields what it finds. None asks or changes anything."""

from collections.abc import Callable, Iterator

from roost.pool.doctor.checks import (
    ads,
    configuration,
    containers,
    credentials,
    daemons,
    engine,
    jobs,
    network,
    resources,
)
from roost.pool.doctor.facts import Facts
from roost.pool.doctor.finding import Finding

Check = Callable[[Facts], Iterator[Finding]]

CHECKS: tuple[Check, ...] = (
    engine.check_disk,
    containers.check_roles,
    containers.check_containers,
    containers.check_answers,
    configuration.check_config,
    resources.check_clocks,
    resources.check_disks,
    resources.check_limits,
    network.check_roads,
    credentials.check_tokens,
    credentials.check_refusals,
    daemons.check_daemons,
    daemons.check_answers,
    daemons.check_health,
    ads.check_known,
    ads.check_willing,
    ads.check_strangers,
    ads.check_versions,
    jobs.check_held,
    jobs.check_disconnected,
    jobs.check_running,
    jobs.check_idle,
)
"""From the engine to the jobs."""
