"""What pool names, numbers, amounts of memory, packages and mount places may be."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roost import contract
from roost.spec import limits
from roost.spec.limits import BadValueError


@pytest.mark.parametrize("name", ["a", "roost", "lab-2", "x" * 32, "a--b"])
def test_good_pool_names_come_back(name: str) -> None:
    assert limits.check_pool_name(name) == name


@pytest.mark.parametrize(
    "name",
    ["", "2lab", "-a", "a-", "Lab", "lab_1", "lab.1", "lab 1", "a/b", "é", "lab\n", "x" * 33],
)
def test_bad_pool_names_are_refused_with_a_mend(name: str) -> None:
    with pytest.raises(BadValueError) as caught:
        limits.check_pool_name(name)
    assert caught.value.hint


def test_the_longest_pool_name_leaves_a_valid_host_name() -> None:
    longest = "x" * limits.MAX_POOL_NAME
    assert len(f"{longest}-execute-{limits.MAX_EXECUTORS}") <= 63


@pytest.mark.parametrize("count", [0, -1, 1001, 100000, 10**30])
def test_absurd_numbers_of_executors_are_refused(count: int) -> None:
    with pytest.raises(BadValueError, match="executors are too") as caught:
        limits.check_executors(count)
    assert caught.value.hint == "give a number from 1 to 1000"


@pytest.mark.parametrize("cpus", [0, -4, contract.MAX_CPUS_PER_EXECUTOR + 1])
def test_absurd_numbers_of_cpus_are_refused(cpus: int) -> None:
    with pytest.raises(BadValueError):
        limits.check_cpus(cpus)


@pytest.mark.parametrize(
    ("written", "memory_mb"),
    [
        (2048, 2048),
        ("2048", 2048),
        ("512MB", 512),
        ("512 M", 512),
        ("2GB", 2048),
        ("2g", 2048),
        ("1.5GB", 1536),
        ("1TB", 1024 * 1024),
        ("262145K", 257),  # a started MiB counts whole
    ],
)
def test_memory_is_read_as_htcondor_reads_it(written: int | str, memory_mb: int) -> None:
    assert limits.parse_memory_mb(written) == memory_mb


@pytest.mark.parametrize(
    "written", ["", "much", "-1GB", "1GiB", "1 G B", "1e3", "٣GB", 0, -5, 127, "1KB", "99999TB"]
)
def test_other_amounts_of_memory_are_refused(written: int | str) -> None:
    with pytest.raises(BadValueError):
        limits.parse_memory_mb(written)


@given(st.text() | st.integers())
def test_memory_is_in_range_or_refused(written: int | str) -> None:
    try:
        memory_mb = limits.parse_memory_mb(written)
    except BadValueError as error:
        assert error.hint
    else:
        assert limits.MIN_MEMORY_MB <= memory_mb <= limits.MAX_MEMORY_MB


@pytest.mark.parametrize(
    "package", ["gcc", "python3-numpy", "libstdc++6", "g++:arm64", "r-base=4.5-1"]
)
def test_debian_packages_are_accepted(package: str) -> None:
    assert limits.check_apt_package(package) == package


@pytest.mark.parametrize("package", ["", "-o=Foo", "a b", "Numpy", "gcc;true", "gcc\n", "$(id)"])
def test_what_apt_would_take_for_something_else_is_refused(package: str) -> None:
    with pytest.raises(BadValueError):
        limits.check_apt_package(package)


@pytest.mark.parametrize("requirement", ["attrs", "numpy>=1.26,<3", "a[b,c]; python_version>'3'"])
def test_python_requirements_are_accepted(requirement: str) -> None:
    assert limits.check_pip_requirement(requirement) == requirement


@pytest.mark.parametrize("requirement", ["", "-r file", "--pre", "./here", "a\nb"])
def test_what_pip_would_take_for_something_else_is_refused(requirement: str) -> None:
    with pytest.raises(BadValueError):
        limits.check_pip_requirement(requirement)


@pytest.mark.parametrize(
    ("written", "place"),
    [("/data", "/data"), ("/data/", "/data"), ("//data//x", "/data/x"), ("/srv/./a", "/srv/a")],
)
def test_mount_places_are_normalized(written: str, place: str) -> None:
    assert limits.check_mount_target(written) == place


@pytest.mark.parametrize(
    "place",
    [
        *("data", "", "/data/../etc", "/a:b", "/", "//", "/etc", "/etc/condor", "/etc/condor/x"),
        *("/var", "/var/lib", contract.STATE_DIR, contract.SPOOL_DIR, contract.EXTRA_CONFIG_DIR),
        *("/usr", "/usr/bin", "/proc/1", "/sys", "/dev/shm", contract.NODE_PROGRAM),
        *(contract.RUN_DIR, contract.SECRETS_DIR, contract.STARTER_PROGRAM, "/etc/passwd"),
        *("/usr/libexec/condor", "/usr/lib/roost/x", "/usr/bin/python3", contract.EXTRAUSERS_DIR),
    ],
)
def test_mounts_that_hide_the_node_are_refused(place: str) -> None:
    with pytest.raises(BadValueError):
        limits.check_mount_target(place)


@pytest.mark.parametrize(
    "check", [limits.check_pool_name, limits.check_apt_package, limits.parse_memory_mb]
)
def test_messages_stay_short(check: Callable[[str], object]) -> None:
    with pytest.raises(BadValueError) as caught:
        check("ä" * 10_000)
    assert len(str(caught.value)) < 250
