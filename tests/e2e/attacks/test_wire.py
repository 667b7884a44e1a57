"""Who records a pool's network learns nothing of its jobs: not by what they are given, not by what they
say, and no key to more.

That the recorder sees what can be seen is shown by a question in plain HTTP, which goes over the same wires
in the midst of it. Encryption itself cannot be switched off to show it: with AES, HTCondor encrypts whatever
is authenticated, also where the configuration says NEVER (``ReconcileSecurityPolicyAds``, condor_secman.cpp),
and with its older methods no job of 23.9.6 starts unencrypted."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from roost import Pool, contract
from roost.waiting import wait_for
from tests.e2e.attacks.needles import Needles, key_needles, token_needles
from tests.e2e.attacks.places import pid_of
from tests.e2e.attacks.recorder import packets_in, recording, streams_in

pytestmark = pytest.mark.one_engine

RECORDED = ("master", "submit")
"""Nodes through whose networks all goes that concerns a job."""
HEX, FILES, SAID = "0123456789abcdef", "ghijklmnopqrstuv", "GHIJKLMNOPQRSTUV"
SCRIPT = f"tr {HEX} {FILES} <in.txt >out.txt; tr {HEX} {SAID} <in.txt"
CLAIM_KEY = re.compile(rb'[#\]]([0-9a-f]{32,})"')


@dataclass(frozen=True)
class Traffic:
    """What was seen of one job, and the texts that it was about, or that were sent besides."""

    packets: bytes
    streams: list[bytes]
    texts: Mapping[str, bytes]

    def tells(self, needles: Needles) -> set[str]:
        found = needles.names_in(self.packets)
        return found.union(*(needles.names_in(stream) for stream in self.streams))

    def tells_of(self) -> set[str]:
        return self.tells(Needles({name: frozenset({text}) for name, text in self.texts.items()}))


def run_recorded(pool: Pool, directory: Path) -> Traffic:
    """A job with texts that nobody else can know, with the pool's network recorded."""
    given, argument, variable, asked = (secrets.token_hex(24) for _ in range(4))
    submit = pool.engine.find_container(f"{pool.name}-submit")
    assert submit and submit.address
    (directory / "in.txt").write_text(f"{given}\n")
    records = {node: directory / node for node in RECORDED}
    with ExitStack() as recorders:
        for node, path in records.items():
            pid = pid_of(pool.engine, f"{pool.name}-{node}")
            recorders.enter_context(recording(pid, path))
        done = pool.run(
            ["sh", "-c", SCRIPT, argument],
            inputs=["in.txt"],
            outputs=["out.txt"],
            env={"MARKED": variable},
            cwd=directory,
        )
        # A tool has no session yet: it begins one with the node's token.
        assert pool.exec("submit", ["condor_ping", "-type", "COLLECTOR", "READ"]).exit_code == 0
        ask_plainly(f"http://{submit.address}:{contract.METRICS_PORT}/health?{asked}")
    texts = {
        "plain HTTP": asked,
        "input": given,
        "argument": argument,
        "environment": variable,
        "output file": given.translate(str.maketrans(HEX, FILES)),
        "standard output": given.translate(str.maketrans(HEX, SAID)),
    }
    assert done.stdout.strip() == texts["standard output"]
    assert (directory / "out.txt").read_text().strip() == texts["output file"]
    return Traffic(
        b"".join(packet for path in records.values() for packet in packets_in(path)),
        [stream for path in records.values() for stream in streams_in(path).values()],
        {name: text.encode() for name, text in texts.items()},
    )


def ask_plainly(url: str) -> None:
    """Over HTTP, as soon as the node serves it, which is some seconds after its daemons."""

    def answer() -> bytes | None:
        with suppress(URLError):
            return urlopen(url, timeout=20).read() or None
        return None

    wait_for(f"an answer from {url}", answer, timeout_s=60)


def real_keys(pool: Pool) -> Needles:
    """The signing key, the tokens' signatures, and the keys of claims, which sessions begin with."""

    def read(node: str, *argv: str, user: str = "root") -> bytes:
        return pool.exec(node, argv, user=user).stdout

    key = read("master", "sh", "-c", f"cat {contract.KEYS_DIR}/*")
    found = {"signing key": frozenset(key_needles(key))}
    for node in ("submit", "execute-1"):
        token = read(node, "cat", contract.TOKEN_FILE)
        found[f"token of {node}"] = frozenset(token_needles(token))
    queue = read(
        "submit", "grep", "-a", "ClaimId ", f"{contract.SPOOL_DIR}/job_queue.log", user="condor"
    )
    found["claims"] = frozenset(CLAIM_KEY.findall(queue))
    assert all(found.values())
    return Needles(found)


def test_recorded_traffic_tells_nothing_of_a_job(pool: Pool, tmp_path: Path) -> None:
    seen = run_recorded(pool, tmp_path)
    assert sum(map(len, seen.streams)) > 10_000
    assert any(b"TOKEN" in stream for stream in seen.streams), "the beginnings of sessions too"
    assert seen.tells_of() == {"plain HTTP"}, (
        "the recorder sees what can be seen, and of the job nothing"
    )
    assert seen.tells(real_keys(pool)) == set()


LABELS = {
    "activity",
    "daemon",
    "direction",
    "level",
    "node",
    "path",
    "reason",
    "role",
    "state",
    "user",
    "version",
}
"""All that metrics say of anything beside numbers. ``user``: who has jobs, no more."""
READ = "import sys, urllib.request as r; sys.stdout.buffer.write(r.urlopen(sys.argv[1]).read())"


def test_health_and_metrics_are_plain_and_hold_no_secret(pool: Pool, tmp_path: Path) -> None:
    """They are read by anybody who reaches them, also jobs."""
    marked = secrets.token_hex(24)
    (tmp_path / "job.sub").write_text(
        "executable = /bin/sleep\ntransfer_executable = false\narguments = 600\n"
        f'environment = "MARKED={marked}"\n+Marked = "{marked}"\nbatch_name = {marked}\nqueue\n'
    )
    (cluster,) = pool.submit(tmp_path / "job.sub", cwd=tmp_path).clusters

    def read(node: str, what: str) -> bytes:
        url = f"http://127.0.0.1:{contract.METRICS_PORT}/{what}"
        return pool.exec(node, ["python3", "-c", READ, url]).stdout

    def counted() -> bool | None:
        return (
            re.search(rb'condor_jobs\{.*state="running"\} [1-9]', read("master", "metrics"))
            and True
        )

    try:
        wait_for("metrics that count the job", counted, timeout_s=90)
        needles = Needles({**real_keys(pool).secrets, "job": frozenset({marked.encode()})})
        nodes = ("master", "submit", "execute-1")
        texts = [read(node, what) for node in nodes for what in ("health", "metrics")]
    finally:
        pool.rm(cluster)
    assert [needles.names_in(text) for text in texts] == [set()] * 6
    labels = {label for text in texts for label in re.findall(rb'[{,](\w+)="', text)}
    assert {label.decode() for label in labels} <= LABELS
