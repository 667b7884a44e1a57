"""Reading whole pool files, good and bad."""

from __future__ import annotations

from pathlib import Path

import pytest

from roost.contract import Role
from roost.errors import ExitCode, NotFoundError
from roost.spec import (
    ConfigPart,
    PoolFileError,
    PoolSpec,
    Problem,
    Suite,
    VolumeSpec,
    load_pool_file,
)


def write(directory: Path, text: str) -> Path:
    path = directory / "roost.toml"
    path.write_text(text)
    return path


def problems_of(path: Path) -> list[Problem]:
    with pytest.raises(PoolFileError) as caught:
        load_pool_file(path)
    assert caught.value.exit_code is ExitCode.USAGE
    return list(caught.value.problems)


def test_the_shortest_pool_file_is_the_default_pool(tmp_path: Path) -> None:
    assert load_pool_file(write(tmp_path, "version = 1\n")) == PoolSpec()


def test_every_key_arrives(tmp_path: Path) -> None:
    (tmp_path / "site.config").write_text("A = file\n")
    (tmp_path / "data").mkdir()
    path = write(
        tmp_path,
        """
        version = 1
        name = "lab"
        suite = "forky"
        executors = { count = 5, cpus = 2, memory = "1.5GB" }
        software = { apt = ["gcc"], pip = ["attrs>=23"] }
        memory = { master = "1GB", submit = "2GB" }
        metrics = { listen = "0.0.0.0:9700", publish = "[0::1]:9620" }
        users = { publish = "192.0.2.1:9618" }
        [htcondor]
        config = "A = all"
        config_files = ["site.config"]
        [htcondor.submit]
        config = "A = submit"
        [[volumes]]
        source = "data"
        target = "/data/"
        read_only = false
        roles = ["execute", "submit"]
        """,
    )
    assert load_pool_file(path) == PoolSpec(
        name="lab",
        suite=Suite.FORKY,
        executors=5,
        cpus=2,
        memory_mb=1536,
        master_memory_mb=1024,
        submit_memory_mb=2048,
        apt=("gcc",),
        pip=("attrs>=23",),
        config=(
            ConfigPart("site.config", "A = file\n"),
            ConfigPart("htcondor.config", "A = all"),
            ConfigPart("htcondor.submit.config", "A = submit", (Role.SUBMIT,)),
        ),
        volumes=(
            VolumeSpec(
                tmp_path / "data", "/data", read_only=False, roles=(Role.SUBMIT, Role.EXECUTE)
            ),
        ),
        metrics_listen="0.0.0.0:9700",
        metrics_publish="[::1]:9620",
        users_publish="192.0.2.1:9618",
    )


def test_a_byte_order_mark_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "roost.toml"
    path.write_bytes(b"\xef\xbb\xbfversion = 1\r\n")
    assert load_pool_file(path) == PoolSpec()


def test_the_address_for_other_hosts(tmp_path: Path) -> None:
    path = tmp_path / "roost.toml"
    path.write_text('version = 1\n[hosts]\naddress = "2001:DB8::1"\nbind = "[::]"\n')
    assert load_pool_file(path).hosts_address == "2001:db8::1"
    assert load_pool_file(path).hosts_bind == "::"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            'version = 1\n[hosts]\naddress = "head:9618"',
            "line 3: hosts.address: 'head:9618' is not an IP address (write the address alone, such as"
            " '192.0.2.1': the ports are given)",
        ),
        (
            'version = 1\n[hosts]\naddress = "192.0.2.1"\nbind = "eth0"',
            "line 4: hosts.bind: 'eth0' is not an IP address (write one of this host's own, or '0.0.0.0' for"
            " all of them: the ports are given)",
        ),
        (
            'version = 1\n[hosts]\nbind = "0.0.0.0"',
            "line 3: hosts.bind: nothing is published without hosts.address (write the address at which other"
            " hosts reach this one, or leave both out)",
        ),
        (
            'version = 1\n[hosts]\naddress = "127.0.0.1"',
            "line 3: hosts.address: no other host reaches this one at 127.0.0.1 (write the address that"
            " this host has on the network of the others)",
        ),
        (
            'version = 1\n[hosts]\naddress = "fe80::1"',
            "line 3: hosts.address: no other host reaches this one at fe80::1 (write the address that"
            " this host has on the network of the others)",
        ),
        (
            'version = 1\n[hosts]\naddress = "192.0.2.1"\n[users]\npublish = "192.0.2.1:9618"',
            "line 5: users.publish: port 9618 is for the nodes of other hosts (hosts.address) (users reach"
            " the submit node at 192.0.2.1, port 9619, anyway)",
        ),
        ("", "version: is missing (write 'version = 1')"),
        (
            "version = 2",
            "line 1: version: the number 2 is no version that this Roost knows (write version = 1)",
        ),
        (
            "version = 1\nexecutor = 3",
            "line 2: executor: there is no such key (did you mean 'executors'?)",
        ),
        (
            "version = 1\n[executors]\nzebra = 3",
            "line 3: executors.zebra: there is no such key "
            "([executors] knows count, cpus and memory)",
        ),
        (
            "version = 1\n[memory]\nsubmit = '512MB'",
            "line 3: memory.submit: 512 MB of memory for a node are too few "
            "(give a number from 1024 to 16777216)",
        ),
        (
            "version = 1\n[memory]\nmaster = '64MB'",
            "line 3: memory.master: 64 MB of memory for a node are too few "
            "(give a number from 1024 to 16777216)",
        ),
        (
            "version = 1\n[[volumes]]\nsource = '~nouser/x'\ntarget = '/data'",
            "line 3: volumes[0].source: there is no HERE/~nouser/x on this host (make it first)",
        ),
        (
            "version = 1\n[[volumes]]\nsource = '/'\ntarget = '/data'\nreadonly = true",
            "line 5: volumes[0].readonly: there is no such key (did you mean 'read_only'?)",
        ),
        (
            "version = 1\n[metrics]\npublish = '9620'",
            "line 3: metrics.publish: '9620' is not an address and a port "
            "(write an IP address and a port, such as '127.0.0.1:9620')",
        ),
        (
            "version = 1\n[metrics]\nlisten = 'localhost:70000'",
            "line 3: metrics.listen: 'localhost:70000' is not an address and a port "
            "(write an IP address and a port, such as '127.0.0.1:9620')",
        ),
        (
            "version = 1\n[metrics]\nlisten = 'off'\npublish = '0.0.0.0:9620'",
            "line 4: metrics.publish: nothing answers there: metrics.listen is off "
            "(leave one of them out)",
        ),
        (
            "version = 1\n[metrics]\nlisten = '127.0.0.1:9620'\npublish = '0.0.0.0:9620'",
            "line 3: metrics.listen: what listens at 127.0.0.1:9620 in a container cannot be "
            "published (leave it out, or listen at 0.0.0.0)",
        ),
        (
            "version = 1\nexecutors = 3",
            "line 2: executors: is the number 3 (write a table)",
        ),
        (
            "version = 1\n[executors]\ncount = true",
            "line 3: executors.count: is true (write a whole number)",
        ),
        (
            "version = 1\n[executors]\ncount = 2.0",
            "line 3: executors.count: is the number 2.0 (write a whole number)",
        ),
        (
            "version = 1\n[executors]\ncount = -1",
            "line 3: executors.count: -1 executors are too few (give a number from 1 to 1000)",
        ),
        (
            "version = 1\n[executors]\nmemory = [1]",
            "line 3: executors.memory: [1] is not an amount of memory "
            '(write a number of MB such as 2048, or a text such as "2GB" or "512MB")',
        ),
        (
            "version = 1\nsuite = 'sid'",
            "line 2: suite: the text 'sid' is not possible here (write 'trixie' or 'forky')",
        ),
        (
            "version = 1\n[software]\npip = 'x'",
            "line 3: software.pip: is the text 'x' (write a list in [ ])",
        ),
        (
            "version = 1\n[[volumes]]\nsource = '/'",
            "line 2: volumes[0].target: is missing (add 'target = …')",
        ),
        (
            "version = 1\n[[volumes]]\nsource = '/'\ntarget = '/a'\nroles = []",
            "line 5: volumes[0].roles: is empty (name at least one, or leave the key out)",
        ),
        (
            "version = 1\n[htcondor.master]\nconfig = 1979-05-27",
            "line 3: htcondor.master.config: is the date or time 1979-05-27 "
            "(write a text in quotes)",
        ),
    ],
)
def test_each_problem_names_its_place_and_its_mend(
    tmp_path: Path, text: str, expected: str
) -> None:
    (problem,) = problems_of(write(tmp_path, text))
    assert str(problem) == expected.replace("HERE", str(tmp_path))


def test_all_problems_come_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, "name = 'X'\n[executors]\ncount = 0\ncpus = 'a'\n[sofware]\n")
    with pytest.raises(PoolFileError) as caught:
        load_pool_file(path)
    assert [problem.key for problem in caught.value.problems] == [
        *("version", "name", "executors.count", "executors.cpus", "sofware")
    ]
    assert str(caught.value).splitlines()[0] == f"{path} has 5 problems:"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "version = 1\nname = lab\n",
            "line 2: column 8: not TOML: Invalid value (the line reads: name = lab)",
        ),
        ("a = 1\na = 2\n", "not TOML: Cannot overwrite a value"),
        ('a = """\n', "not TOML: "),
        ("a = " + "9" * 5000, "not TOML: "),
        ("a = " + "[" * 100_000, "not TOML: "),
    ],
)
def test_broken_toml_is_one_problem_with_its_place(
    tmp_path: Path, text: str, expected: str
) -> None:
    (problem,) = problems_of(write(tmp_path, text))
    assert expected in str(problem)


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "roost.toml"
    path.write_bytes(b"name = '\xff'")
    (problem,) = problems_of(path)
    assert problem.message == "not UTF-8 text: byte 8 is wrong"


def test_no_file_and_a_directory_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="there is no pool file"):
        load_pool_file(tmp_path / "none.toml")
    (problem,) = problems_of(tmp_path)
    assert "Is a directory" in problem.message


def test_files_that_are_named_must_be_there(tmp_path: Path) -> None:
    (tmp_path / "binary.config").write_bytes(b"\xff\xff")
    path = write(
        tmp_path,
        "version = 1\n[htcondor]\n"
        'config_files = ["none.config", "binary.config", ".", "a\\u0000"]\n'
        '[[volumes]]\nsource = "none"\ntarget = "/data"\n',
    )
    messages = [str(problem) for problem in problems_of(path)]
    assert [message.partition(": ")[2].partition(":")[0] for message in messages] == [
        *(f"htcondor.config_files[{number}]" for number in range(4)),
        "volumes[0].source",
    ]
    assert all(message.startswith(("line 3:", "line 4:", "line 5:")) for message in messages)


def test_two_volumes_cannot_share_a_place_on_one_role(tmp_path: Path) -> None:
    volume = "[[volumes]]\nsource = '/'\ntarget = '/data'\n"
    path = write(tmp_path, f"version = 1\n{volume}{volume}")
    (problem,) = problems_of(path)
    assert str(problem) == (
        "line 7: volumes[1].target: /data is taken by volumes[0] on execute nodes "
        "(choose another place)"
    )
    other_role = f"version = 1\n{volume}{volume}roles = ['submit']\n"
    assert len(load_pool_file(write(tmp_path, other_role)).volumes) == 2
