"""The images by themselves, without a pool: what is in them, and what they say of bad input."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator

import pytest

from roost import contract
from roost.contract import Role
from roost.engines.protocol import Container, ContainerSpec, ContainerState, Engine
from roost.images import find_images
from roost.waiting import wait_for
from tests.e2e.conftest import SUITE

LABELS = {"roost.test": f"images-{os.getpid()}"}
_numbers = itertools.count()

Start = Callable[..., str]


@pytest.fixture(scope="module")
def start(engine: Engine) -> Iterator[Start]:
    """Starts a container of a role, bare, as ``docker run`` would; its name."""
    images = find_images(engine, SUITE)
    assert images is not None
    network = f"rt-images-{os.getpid()}"
    engine.ensure_network(network, LABELS)

    def run(role: Role, **environment: str) -> str:
        name = f"{network}-{next(_numbers)}"
        engine.ensure_container(
            ContainerSpec(
                name=name,
                image=images[role].id,
                hostname=name,
                network=network,
                labels=LABELS,
                environment=environment,
                capabilities=("SETUID", "SETGID"),
                restart=False,
            )
        )
        engine.start(name)
        return name

    yield run
    for container in engine.list_containers(LABELS):
        engine.remove_container(container.name)
    engine.remove_network(network)


def wait_exited(engine: Engine, name: str) -> Container:
    def exited() -> Container | None:
        container = engine.find_container(name)
        assert container
        return container if container.state is ContainerState.EXITED else None

    return wait_for(f"{name} exited", exited, timeout_s=60)


@pytest.mark.parametrize(
    ("role", "environment", "said"),
    [
        (Role.SUBMIT, {}, "MASTER is not set"),
        (Role.EXECUTE, {"MASTER": "192.0.2.1:http"}, "'http' is no port"),
        (Role.EXECUTE, {"MASTER": "192.0.2.1", "ROOST_CPUS": "many"}, "ROOST_CPUS is 'many'"),
        (Role.MASTER, {"MASTER": "192.0.2.1"}, "this node is the master"),
        (Role.MASTER, {"ROOST_POOL": "no/pool"}, "ROOST_POOL is 'no/pool'"),
    ],
)
def test_bad_input_stops_a_node_with_one_line(
    engine: Engine, start: Start, role: Role, environment: dict[str, str], said: str
) -> None:
    container = wait_exited(engine, start(role, **environment))
    assert container.exit_code == 1
    errors = [line for line in engine.logs(container.name) if b" ERROR " in line]
    (line,) = errors
    assert said.encode() in line
    assert not any(b"Traceback" in line for line in engine.logs(container.name))


def test_a_bare_master_is_a_master(engine: Engine, start: Start) -> None:
    name = start(Role.MASTER)
    node = contract.named_for_role(Role.MASTER, name)
    watch = [contract.NODE_PROGRAM, "watch", "60", f"master:{node}"]
    assert engine.exec(name, watch).exit_code == 0
    engine.stop(name)
    stopped = engine.find_container(name)
    assert stopped and stopped.exit_code == 0, "a stop that was asked for is no failure"


def test_what_is_in_an_image(engine: Engine, start: Start) -> None:
    name = start(Role.MASTER)

    def ask(command: str) -> str:
        return engine.exec(name, ["sh", "-c", command]).stdout.decode().strip()

    assert ask("id -u condor; id -g condor").split() == [
        str(contract.CONDOR_UID),
        str(contract.CONDOR_GID),
    ]
    assert (
        ask("ls /var/lib/apt/lists /var/cache/apt/archives | grep -v -e : -e lock -e partial") == ""
    )
    absent = "gcc cc c++ make bash-completion curl systemd systemctl"
    assert ask(f"for one in {absent}; do command -v $one; done") == ""
    assert ask("ls -d /etc/ssh/ssh_host_* /usr/lib/openssh/ssh-keysign") == "", (
        "no key of everybody's"
    )
    assert ask("for one in ssh ssh-keygen sshd; do command -v $one; done").split() == [
        "/usr/bin/ssh",
        "/usr/bin/ssh-keygen",
        "/usr/sbin/sshd",
    ]
    assert ask("find / -xdev -perm -4000 -path '*roost*'") == ""
    assert contract.LOG_DIR in ask("condor_config_val LOG")


def test_one_label_tells_an_image(engine: Engine) -> None:
    images = find_images(engine, SUITE)
    assert images
    for role in Role:
        image = engine.find_image(images[role].reference)
        assert image
        assert image.labels[contract.LABEL_ROLE] == role
        assert image.labels[contract.LABEL_HTCONDOR] == images.htcondor
        assert images.htcondor in images[role].reference
        assert image.labels["org.opencontainers.image.version"]
