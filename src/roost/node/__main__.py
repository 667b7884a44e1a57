"""``roost-node``: the command inside a container. Without arguments it boots the node."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from typing import TextIO

_COMMANDS = {
    "approve": "roost.node.door.people:approve",
    "approve-renewals": "roost.node.tokens.approve:approve_renewals",
    "await-settled": "roost.node.settle:await_settled",
    "boot": "roost.node.boot:boot",
    "diagnose": "roost.node.diagnose.node:diagnose",
    "diagnose-jobs": "roost.node.diagnose.jobs:diagnose_jobs",
    "diagnose-pool": "roost.node.diagnose.pool:diagnose_pool",
    "door": "roost.node.door.answer:answer",
    "drain": "roost.node.drain:drain",
    "forward-logs": "roost.node.logs.forward:forward_logs",
    "health": "roost.node.health.main:health",
    "invite": "roost.node.door.invites:invite",
    "invites": "roost.node.door.invites:invites",
    "issue": "roost.node.issue:issue",
    "job-clean": "roost.node.jobs.remove:clean",
    "job-fetch": "roost.node.jobs.fetch:fetch",
    "job-fetched": "roost.node.jobs.fetch:fetched",
    "job-inspect": "roost.node.jobs.inspect:inspect",
    "job-keep": "roost.node.jobs.keep:keep",
    "job-list": "roost.node.jobs.listing:listing",
    "job-match": "roost.node.jobs.match:match",
    "job-remove": "roost.node.jobs.remove:remove_jobs",
    "job-run": "roost.node.jobs.run:run",
    "job-slots": "roost.node.jobs.slots:slots",
    "job-submit": "roost.node.jobs.submit:submit",
    "job-wait": "roost.node.jobs.wait:wait",
    "network": "roost.node.network.main:network",
    "observe": "roost.node.glance:observe",
    "open-network": "roost.node.door.networks:open_network",
    "release": "roost.node.tokens.release:release",
    "renew": "roost.node.tokens.renew:renew",
    "requests": "roost.node.door.people:requests",
    "revoke-invite": "roost.node.door.invites:revoke_invite",
    "settle": "roost.node.settle:settle",
    "take-token": "roost.node.tokens.take:take",
    "token": "roost.node.tokens.take:token",
    "tokens": "roost.node.tokens.master:tokens",
    "users": "roost.node.users.main:users",
    "watch": "roost.node.readiness:watch",
    "write-sbom": "roost.node.sbom.write:write_sbom",
}
"""Each takes the arguments and returns the exit code; imported only when it is called, since a node's
start waits for every import."""


def main(argv: list[str] | None = None) -> int:
    """Run one command; the exit code is 0 when it did its work."""
    name, *arguments = (sys.argv[1:] if argv is None else argv) or ["boot"]
    if name not in _COMMANDS:
        _say_error(f"unknown command {name!r}: one of {', '.join(_COMMANDS)}", sys.stdout)
        return 2
    module, _, function = _COMMANDS[name].partition(":")
    command: Callable[[list[str]], int] = getattr(import_module(module), function)
    try:
        return command(arguments)
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        from roost.node.say import NodeError

        if not isinstance(error, NodeError):
            raise
        # Where the output is data, as that of jobs is, a line of log is no part of it.
        _say_error(str(error), sys.stderr if name.startswith("job-") else sys.stdout)
        return 1


def _say_error(message: str, output: TextIO) -> None:
    from roost.logline import Level
    from roost.node.say import say

    say(message, level=Level.ERROR, output=output)


if __name__ == "__main__":
    sys.exit(main())
