"""Our data as the API's and back."""

from __future__ import annotations

from typing import Any

import pytest

from roost.engines.api import parse, payload
from roost.engines.api.names import carries, check_name, check_ours, split_tag
from roost.engines.protocol import ContainerSpec, ContainerState, Limits, Mount, Port, Tmpfs
from roost.errors import ConflictError, EngineError


def body(**changes: Any) -> payload.JSON:
    values: dict[str, Any] = {"name": "lab", "image": "i:1", "hostname": "h", "network": "n"}
    spec = ContainerSpec(**{**values, **changes})
    return payload.container(
        spec, image=spec.image, restart_policy="always", log_config={"Type": "file"}
    )


def test_a_container_drops_everything_it_was_not_given() -> None:
    host = body(capabilities=("KILL",))["HostConfig"]

    assert (host["CapDrop"], host["CapAdd"]) == (["ALL"], ["KILL"])
    assert host["SecurityOpt"] == ["no-new-privileges:true"]
    assert body(no_new_privileges=False)["HostConfig"]["SecurityOpt"] == []


def test_limits_are_in_the_units_of_the_api() -> None:
    limited = body(limits=Limits(cpus=1.5, memory_mb=64, pids=9))["HostConfig"]

    assert (limited["NanoCpus"], limited["Memory"], limited["PidsLimit"]) == (
        1_500_000_000,
        64 * 1024 * 1024,
        9,
    )
    assert not {"NanoCpus", "Memory", "PidsLimit"} & set(body()["HostConfig"])


def test_a_source_with_a_slash_is_a_place_on_the_host() -> None:
    mounts = (Mount("data", "/a"), Mount("/srv", "/b", read_only=True))

    volume, bind = body(mounts=mounts)["HostConfig"]["Mounts"]

    assert (volume["Type"], volume["Source"], volume["ReadOnly"]) == ("volume", "data", False)
    assert (bind["Type"], bind["Source"], bind["ReadOnly"]) == ("bind", "/srv", True)


def test_what_can_be_written_in_a_read_only_container_is_named() -> None:
    host = body(
        read_only=True,
        mounts=(Mount("", "/tmp"),),
        tmpfs=(Tmpfs("/run", 64, mode=0o755),),
        limits=Limits(shm_mb=3),
    )["HostConfig"]

    assert host["ReadonlyRootfs"] is True
    assert host["Tmpfs"] == {"/run": "rw,nosuid,nodev,noexec,size=64m,mode=755"}
    assert host["ShmSize"] == 3 * 1024 * 1024
    (own,) = host["Mounts"]
    assert (own["Type"], own["Source"]) == ("volume", "")
    assert body()["HostConfig"]["ReadonlyRootfs"] is False
    assert "ShmSize" not in body()["HostConfig"]


def test_the_command_of_the_image_stays_unless_another_is_given() -> None:
    assert "Cmd" not in body()
    assert body(command=("a", "b c"))["Cmd"] == ["a", "b c"]


def test_only_published_ports_are_exposed() -> None:
    ports = (Port("127.0.0.1", 80, 9620), Port("::1", 81, 9620))
    published = body(ports=ports)

    assert published["ExposedPorts"] == {"9620/tcp": {}}
    assert published["HostConfig"]["PortBindings"] == {
        "9620/tcp": [
            {"HostIp": "127.0.0.1", "HostPort": "80"},
            {"HostIp": "::1", "HostPort": "81"},
        ]
    }
    assert [str(port) for port in ports] == ["127.0.0.1:80", "[::1]:81"]
    assert body()["HostConfig"]["PortBindings"] == {}


def test_a_container_comes_back_only_if_it_shall() -> None:
    assert body()["HostConfig"]["RestartPolicy"] == {"Name": "always"}
    assert body(restart=False)["HostConfig"]["RestartPolicy"] == {"Name": "no"}


def test_the_log_is_the_engines_own_affair() -> None:
    assert body()["HostConfig"]["LogConfig"] == {"Type": "file"}


def test_peers_find_a_container_by_its_host_name() -> None:
    assert body()["NetworkingConfig"] == {"EndpointsConfig": {"n": {"Aliases": ["h"]}}}


def test_a_label_without_a_value_stands_for_any() -> None:
    assert payload.label_filter({"a": "1", "b": None}) == {"label": ["a=1", "b"]}


@pytest.mark.parametrize(
    ("engines", "ours"),
    [
        ("running", ContainerState.RUNNING),
        ("exited", ContainerState.EXITED),
        ("configured", ContainerState.CREATED),
        ("initialized", ContainerState.CREATED),
        ("stopped", ContainerState.EXITED),
    ],
)
def test_states_are_the_common_words(engines: str, ours: ContainerState) -> None:
    assert parse.container_state(engines) is ours


def test_an_exit_code_is_read_out_of_a_sentence() -> None:
    found = {"Id": "1", "Names": ["/lab"], "Image": "i", "State": "exited", "Labels": None}

    assert parse.listed_container({**found, "Status": "Exited (137) 2 days ago"}).exit_code == 137
    assert parse.listed_container({**found, "Status": ""}).exit_code is None


def test_a_failing_check_is_told_among_the_words() -> None:
    found = {"Id": "1", "Names": ["/lab"], "Image": "i", "State": "running", "Labels": None}

    for status, unhealthy in (("Up 2 hours (unhealthy)", True), ("Up 2 hours (healthy)", False)):
        assert parse.listed_container({**found, "Status": status}).unhealthy is unhealthy


@pytest.mark.parametrize(
    ("podmans", "dockers"),
    [
        ("localhost/lab:1", "lab:1"),
        ("docker.io/library/debian:trixie", "debian:trixie"),
        ("docker.io/some/thing:1", "some/thing:1"),
        ("example.org/lab:1", "example.org/lab:1"),
        ("lab:1", "lab:1"),
    ],
)
def test_names_of_images_are_dockers(podmans: str, dockers: str) -> None:
    assert parse.image_name(podmans) == dockers


@pytest.mark.parametrize("tags", [None, [], ["<none>:<none>"]])
def test_an_image_may_have_no_name(tags: list[str] | None) -> None:
    found = {"Id": "1", "RepoTags": tags, "Labels": None, "Size": 5, "Created": 0}

    image = parse.listed_image(found)

    assert (image.tags, image.labels, image.created) == ((), {}, "1970-01-01T00:00:00Z")


@pytest.mark.parametrize(
    ("reference", "parts"),
    [
        ("lab", ("lab", "latest")),
        ("lab:1", ("lab", "1")),
        ("localhost:5000/lab", ("localhost:5000/lab", "latest")),
        ("localhost:5000/lab:1", ("localhost:5000/lab", "1")),
    ],
)
def test_a_tag_is_what_follows_the_last_colon(reference: str, parts: tuple[str, str]) -> None:
    assert split_tag(reference) == parts


@pytest.mark.parametrize("name", ["ab", "a.b-c_d", "9lives"])
def test_a_good_name_passes(name: str) -> None:
    check_name("network", name)


@pytest.mark.parametrize("name", ["", "a", ".a", "a b", "a\n", "naïve"])
def test_a_bad_name_is_refused(name: str) -> None:
    with pytest.raises(EngineError, match="network"):
        check_name("network", name)


def test_ours_is_what_has_our_labels_and_perhaps_more() -> None:
    check_ours("volume", "v", {"a": "1"}, {"a": "1", "b": "2"})
    with pytest.raises(ConflictError, match="label a is '2'"):
        check_ours("volume", "v", {"a": "1"}, {"a": "2"})
    with pytest.raises(ConflictError, match="label a is 'not there'"):
        check_ours("volume", "v", {"a": "1"}, {})


def test_labels_are_carried_all_or_not() -> None:
    assert carries({"a": "1", "b": ""}, {"a": None, "b": ""})
    assert not carries({"a": "1"}, {"a": "1", "b": None})
