"""Networks and volumes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from roost.errors import ConflictError, EngineError
from roost.waiting import wait_for
from tests.contract.conftest import LABEL, OURS, Bench


def networks(bench: Bench, **labels: str | None) -> list[str]:
    return [one.name for one in bench.engine.list_networks({**OURS, **labels})]


def volumes(bench: Bench, **labels: str | None) -> list[str]:
    return [one.name for one in bench.engine.list_volumes({**OURS, **labels})]


def test_a_network_is_made_once_and_removed_once(bench: Bench) -> None:
    name = bench.name()

    made = [bench.engine.ensure_network(name, OURS) for _ in range(2)]

    assert made[0] == made[1]
    assert made[0].labels.items() >= OURS.items()
    assert name in networks(bench)
    for _ in range(2):
        bench.engine.remove_network(name)
        assert name not in networks(bench)


def test_a_volume_is_made_once_and_removed_once(bench: Bench) -> None:
    name = bench.name()

    made = [bench.engine.ensure_volume(name, OURS) for _ in range(2)]

    assert made[0] == made[1]
    assert name in volumes(bench)
    for _ in range(2):
        bench.engine.remove_volume(name)
        assert name not in volumes(bench)


def test_a_name_with_other_labels_is_a_conflict(bench: Bench) -> None:
    name, other = bench.name(), {LABEL: OURS[LABEL], "roost.pool": "mine"}
    bench.engine.ensure_network(name, OURS)
    bench.engine.ensure_volume(name, OURS)

    with pytest.raises(ConflictError, match=f"network {name}"):
        bench.engine.ensure_network(name, other)
    with pytest.raises(ConflictError, match=f"volume {name}"):
        bench.engine.ensure_volume(name, other)

    bench.engine.remove_network(name)


def test_lists_are_by_label_and_in_the_order_of_names(bench: Bench) -> None:
    first, second = bench.name(), bench.name()
    for name, role in ((second, "b"), (first, "a")):
        bench.engine.ensure_network(name, {**OURS, "role": role})
        bench.engine.ensure_volume(name, {**OURS, "role": role})

    for listed in (networks, volumes):
        assert listed(bench, role=None) == sorted([first, second])
        assert listed(bench, role="b") == [second]
        assert listed(bench, role="c") == []

    for name in (first, second):
        bench.engine.remove_network(name)


def test_one_name_may_begin_another(bench: Bench) -> None:
    name = bench.name()
    longer = f"{name}-more"
    bench.engine.ensure_network(longer, OURS)

    bench.engine.remove_network(name)
    assert longer in networks(bench)
    assert bench.engine.ensure_network(name, OURS).name == name

    bench.engine.remove_network(name)
    bench.engine.remove_network(longer)


def test_many_callers_at_once_make_one_volume(bench: Bench) -> None:
    for name in (bench.name() for _ in range(5)):
        with ThreadPoolExecutor(8) as pool:
            made = list(
                pool.map(lambda _, name=name: bench.engine.ensure_volume(name, OURS), range(8))
            )
        assert {volume.name for volume in made} == {name}
        assert volumes(bench).count(name) == 1


def test_many_callers_at_once_make_one_network(bench: Bench) -> None:
    name = bench.name()

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: bench.engine.ensure_network(name, OURS), range(8)))

    assert len({one.id for one in made}) == 1
    assert networks(bench).count(name) == 1
    bench.engine.remove_network(name)


def test_what_is_in_use_is_not_removed(bench: Bench) -> None:
    mount = bench.volume("/mnt")
    name = bench.run(mounts=(mount,))

    with pytest.raises(EngineError) as network_error:
        bench.engine.remove_network(bench.network)
    with pytest.raises(EngineError) as volume_error:
        bench.engine.remove_volume(mount.source)

    assert bench.network in network_error.value.message
    assert mount.source in volume_error.value.message
    assert bench.engine.find_container(name)


@pytest.mark.parametrize("name", ["", "x", "a b", "a/b"])
def test_a_name_that_engines_refuse_is_refused_with_the_rule(bench: Bench, name: str) -> None:
    for ensure in (bench.engine.ensure_network, bench.engine.ensure_volume):
        with pytest.raises(EngineError) as caught:
            ensure(name, OURS)
        assert "letter" in (caught.value.hint or "")


def test_containers_find_each_other_by_name_and_host_name(real: Bench) -> None:
    owl, asker = real.run(hostname="owl"), real.run()
    container = real.engine.find_container(owl)
    assert container is not None
    assert container.address is not None

    for name in (owl, "owl"):
        answer = wait_for(
            f"the address of {name}",
            lambda name=name: _resolved(real, asker, name),  # type: ignore[misc]
            timeout_s=10,
        )
        assert container.address in answer


def _resolved(bench: Bench, asker: str, name: str) -> str | None:
    told = bench.engine.exec(asker, ["nslookup", name])
    return told.stdout.decode() if told.exit_code == 0 else None


def test_networks_are_apart(real: Bench) -> None:
    name = real.name()
    real.engine.ensure_network(name, OURS)
    owl = real.run(hostname="owl-apart")
    asker = real.run(network=name)

    neighbour = real.run(network=name)
    wait_for("names resolve", lambda: _resolved(real, asker, neighbour), timeout_s=10)
    assert _resolved(real, asker, owl) is None

    for container in (asker, neighbour):
        real.engine.remove_container(container)
    real.engine.remove_network(name)
