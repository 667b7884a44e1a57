"""Doing what was planned: packages, services, rights."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence

from roost.errors import EngineUnavailableError
from roost.events import Reporter, step
from roost.setup.dockerd import START_DOCKERD, start_dockerd
from roost.setup.facts import EngineState
from roost.setup.managers import Manager
from roost.setup.plan import Action, Install, Run, StartDockerd
from roost.setup.run import Outcome, Runner
from roost.waiting import wait_for

BUSY_TIMEOUT_S = 600.0
"""How long another package manager may be at work: unattended upgrades take minutes."""

_HOLDER = re.compile(r"held by process (\d+)(?: \(([^)]*)\))?")

_MENDS = (
    (
        r"Temporary failure resolving|Could not resolve|Could not connect|Failed to fetch"
        r"|Cannot download|Curl error|Failed to download",
        "the package mirror does not answer: check the network, then run `roost setup` again",
    ),
    (
        r"Unable to locate package|has no installation candidate|No match for argument"
        r"|Unable to find a match",
        "the distribution's sources do not have it: enable its full archive, or choose another "
        "engine with --engine",
    ),
    (r"No space left on device|enough free space", "make room on the disk, then run it again"),
    (r"password is required|not in the sudoers|may not run sudo", "run `roost setup` as root"),
)


def perform(
    action: Action, run: Runner, probe: Callable[[str], EngineState], report: Reporter
) -> None:
    """Do one action. Raises :class:`EngineUnavailableError` with the failed command's words."""
    with step(report, str(action)) as update:
        match action:
            case Install():
                install(action, run, update)
            case StartDockerd():
                start_dockerd(run, probe, update)
            case Run():
                run_one(action, run, update)


def run_one(action: Run, run: Runner, update: Callable[[str], None]) -> None:
    """Run the command of an action."""
    outcome = run(action.command, update)
    if not outcome.ok:
        raise failure(str(action), action.command, outcome)


def commands_of(action: Action) -> list[tuple[str, ...]]:
    """The commands that an action comes down to, for people to read or to type."""
    match action:
        case Run():
            return [action.command]
        case StartDockerd():
            return [START_DOCKERD]
        case Install(manager=manager):
            refresh = [manager.refresh] if action.refresh and manager.refresh else []
            commands = [*refresh, (*manager.install, *action.packages)]
            return [_without_environment(command) for command in commands]


def install(action: Install, run: Runner, update: Callable[[str], None]) -> None:
    """Bring the lists up to date and install the packages."""
    manager = action.manager
    refreshed = Outcome(0, "")
    if action.refresh and manager.refresh is not None:
        # What fails here may not matter: the packages may be known well enough.
        refreshed = run_in_turn(manager, manager.refresh, run, update)
    known = [name for name in action.if_known if run((*manager.knows, name), lambda _: None).ok]
    command = (*manager.install, *action.packages, *known)
    outcome = run_in_turn(manager, command, run, update)
    if manager.repair is not None and _says(outcome, manager.broken):
        update("finishing what an interrupted installation left")
        run_in_turn(manager, manager.repair, run, update)
        outcome = run_in_turn(manager, command, run, update)
    if not outcome.ok:
        raise failure(str(action), command, outcome, before=refreshed.tail)


def run_in_turn(
    manager: Manager, command: Sequence[str], run: Runner, update: Callable[[str], None]
) -> Outcome:
    """Run a command of a package manager; while another one holds its lock, wait and try again."""

    def attempt() -> Outcome | None:
        outcome = run(command, update)
        if outcome.ok or not _says(outcome, manager.busy):
            return outcome
        update(f"waiting until {holder(outcome.tail)} is done")
        return None

    return wait_for(
        f"{manager.name}: another program is installing packages",
        attempt,
        timeout_s=BUSY_TIMEOUT_S,
        first_pause_s=1.0,
        longest_pause_s=5.0,
        hint="let it finish, or end it, then run `roost setup` again",
    )


def holder(output: str) -> str:
    """Who holds the lock, as far as the package manager says it."""
    match = _HOLDER.search(output)
    if match is None:
        return "another package manager"
    return f"process {match[1]}" + (f" ({match[2]})" if match[2] else "")


def failure(
    what: str, command: Sequence[str], outcome: Outcome, *, before: str = ""
) -> EngineUnavailableError:
    """The error of a command that failed, with what it said and, where known, its mend.

    ``before`` is what led to it: a package is unknown, because its list could not be fetched.
    """
    said_all = f"{before}\n{outcome.tail}"
    mend = next((mend for words, mend in _MENDS if re.search(words, said_all)), None)
    said = f":\n{outcome.tail}" if outcome.tail else ""
    return EngineUnavailableError(
        f"could not {what}: {' '.join(command)} ended with {outcome.exit_code}{said}", hint=mend
    )


def _without_environment(command: tuple[str, ...]) -> tuple[str, ...]:
    """``env A=b program …`` as people type it: the settings are for who runs it unattended."""
    if command[0] != "env":
        return command
    return tuple(itertools.dropwhile(lambda word: "=" in word, command[1:]))


def _says(outcome: Outcome, words: Sequence[str]) -> bool:
    return not outcome.ok and any(word in outcome.tail for word in words)
