"""Images from one host to another without a registry: in a file, and over ssh."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.hosts.host import Host
from tests.hosts.ssh import over_ssh, ssh_server


def images(host: Host) -> dict[str, str]:
    """What it has of Roost's, with their ids."""
    form = "{{.Repository}}:{{.Tag}} {{.ID}}"
    lines = host.docker("images", "--no-trunc", "--format", form).splitlines()
    return dict(line.split() for line in lines if line.startswith("roost-"))


@pytest.fixture(scope="module")
def archive(hosts: list[Host], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("images") / "images.tar"
    saved = hosts[0].run("roost", "images", "save", str(path))
    assert saved.returncode == 0, saved.stderr
    return path


def test_a_host_gets_what_it_lacks_over_ssh(hosts: list[Host]) -> None:
    alpha, beta = hosts[:2]
    wanted = images(alpha)
    lost = {name for name in images(beta) if name.startswith("roost-execute")}
    beta.docker("image", "rm", *lost)
    assert images(beta).keys() == wanted.keys() - lost
    with ssh_server(beta) as settings:
        push = ["roost", "images", "push-to", beta.name, "--json"]
        first = over_ssh(alpha, settings, *push)
        assert first.returncode == 0, first.stderr
        assert set(json.loads(first.stdout)["sent"]) == lost
        assert images(beta) == wanted
        again = json.loads(over_ssh(alpha, settings, *push).stdout)
        assert (again["engine"], again["sent"]) == ("docker", [])
        nowhere = over_ssh(alpha, settings, "roost", "images", "push-to", "198.18.0.250")
        assert nowhere.returncode == 1
        assert "ssh to 198.18.0.250 failed" in nowhere.stderr


def test_a_file_brings_them_whole_or_not_at_all(hosts: list[Host], archive: Path) -> None:
    alpha, beta = hosts[:2]
    beta.docker("image", "rm", *images(beta))
    damaged = archive.with_name("damaged.tar")
    data = bytearray(archive.read_bytes())
    data[len(data) // 2] ^= 1
    damaged.write_bytes(data)
    refused = beta.run("roost", "images", "load", str(damaged))
    assert refused.returncode == 1
    assert "the archive is damaged" in refused.stderr
    assert images(beta) == {}
    loaded = beta.run("roost", "images", "load", str(archive))
    assert loaded.returncode == 0, loaded.stderr
    assert images(beta) == images(alpha)
