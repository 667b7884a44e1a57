"""The commands of docs/hosts.md and the pages of other situations, typed in on the hosts of the bench."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tests.e2e.documents import Step, matches, steps
from tests.hosts.host import Host

PAGE = "docs/hosts.md"
CODE = re.compile(r"\b[A-Z2-7]{4}-[A-Z2-7]{4}\b")


def steps_on(hosts: Mapping[str, Host], page: str = PAGE) -> Iterator[Step]:
    """The page's steps on these hosts, by their names there."""
    return (step for step in steps(page) if step.host in hosts)


def type_in(
    step: Step,
    hosts: Mapping[str, Host],
    codes: Callable[[], list[str]] = list,
    cwd: Path | None = None,
) -> None:
    """Run a step, where addresses, names and codes are those of this bench; a command with a code once
    for each of the codes there are. Raises AssertionError unless it shows what the page does."""
    command, shown = (_translate(text, hosts) for text in (step.command, step.shown))
    for code in codes() if CODE.search(command) else [""]:
        done = hosts[step.host].shell(CODE.sub(code, command), cwd=cwd)
        what = f"$ {command}\n{done.stdout}{done.stderr}"
        assert done.returncode == 0, what
        if not code and shown:
            assert matches(done.stdout, CODE.sub("...", shown)), f"{what}\ninstead of\n{shown}"


def _translate(text: str, hosts: Mapping[str, Host]) -> str:
    for number, (name, host) in enumerate(hosts.items(), start=1):
        text = text.replace(f"192.0.2.{number}", host.address)
        # Not in the name of a node, which is what the page says.
        text = re.sub(rf"(?<![\w-]){name}$", host.name, text, flags=re.MULTILINE)
    return text
