"""What can go wrong, as types: each error says what failed, what was seen and how to mend it.

Only the edge (the CLI) prints an error and chooses to exit; everything below raises.
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of the ``roost`` command; ``roost run`` passes the job's own code through."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    JOB_HELD = 122
    """``roost run``: HTCondor put the job on hold, so it has no code of its own."""
    JOB_REMOVED = 123
    """``roost run``: the job was removed before it ended."""
    INTERRUPTED = 130


class RoostError(Exception):
    """Something failed for a reason that the user can act on.

    ``message`` says what failed and what was seen, ``hint`` what to do about it.
    """

    exit_code: ExitCode = ExitCode.FAILED

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class UsageError(RoostError):
    """The user asked for something that cannot be: a bad flag, key, name or number."""

    exit_code = ExitCode.USAGE


class NotFoundError(RoostError):
    """A pool, node, job or image that was named is not there."""


class EngineError(RoostError):
    """The container engine refused or failed."""


class EngineUnavailableError(EngineError):
    """No engine, an engine that does not run, or one whose socket may not be used."""


class ConflictError(EngineError):
    """What has the wanted name is somebody else's, or a file that may hold something of the user's."""


class PortTakenError(EngineError):
    """A port of the host that a container was to have is somebody else's."""


class ImageBuildError(RoostError):
    """An image could not be built; ``log_tail`` holds the last lines of the build."""

    def __init__(self, message: str, *, hint: str | None = None, log_tail: str = "") -> None:
        super().__init__(message, hint=hint)
        self.log_tail = log_tail


class WaitTimeoutError(RoostError):
    """A deadline passed; ``last_seen`` holds the last facts observed."""

    def __init__(self, message: str, *, hint: str | None = None, last_seen: str = "") -> None:
        super().__init__(message, hint=hint)
        self.last_seen = last_seen


class JobError(RoostError):
    """A job could not be submitted, or did not end as a job should."""


class JobHeldError(JobError):
    """HTCondor put a job on hold; the message carries its reason."""

    exit_code = ExitCode.JOB_HELD


class JobRemovedError(JobError):
    """A job was removed from the queue before it ended."""

    exit_code = ExitCode.JOB_REMOVED
