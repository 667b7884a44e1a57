"""``Pool``: what one can ask of a pool that is this engine's, as one object.

Each method loads its use case when it is called: all of them take a tenth of a second, for which a command
that needs one would wait.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from roost.contract import LABEL_POOL, USER_TOKEN_DEFAULT_S, Role
from roost.engines.protocol import Engine, ExecResult
from roost.events import Reporter, silent
from roost.spec import PoolSpec, load_pool_file, overlay

if TYPE_CHECKING:
    from roost.condor.jobs import JobInfo
    from roost.logline import Level, LogRecord
    from roost.plan import PoolPlan
    from roost.pool.doctor import Diagnosis
    from roost.pool.doctor.network import NetworkReport
    from roost.pool.door import InviteInfo, JoinRequest, NewInvite
    from roost.pool.down import DownResult
    from roost.pool.jobs.fetch import FetchResult
    from roost.pool.jobs.query import CountsHandler
    from roost.pool.jobs.remove import RemoveResult
    from roost.pool.jobs.results import OutputHandler, RunResult
    from roost.pool.jobs.submit import Submission
    from roost.pool.status import PoolStatus
    from roost.pool.support import SupportArchive
    from roost.pool.tokens import (
        NewUserToken,
        RevokeResult,
        RotateResult,
        TokenInfo,
        UserRevoked,
        UserToken,
    )
    from roost.pool.up import UpResult

DEFAULT_NAME = "roost"
READY_TIMEOUT_S = 300.0


class Pool:
    """An HTCondor pool in containers.

    As a context manager it is up inside the ``with`` block and, unless it was there before, gone
    after it; data that an earlier ``down`` kept are kept again::

        with Pool(executors=3) as pool:
            print(pool.run(["python3", "-c", "print(6*7)"]).stdout)

    ``name`` names the pool on the engine; ``file`` is a pool file, whose settings the other arguments
    override. ``engine`` is an engine's name, an engine, or None for the one that is found.
    ``report`` is told every step. Nothing is done, and no engine asked, before the first call.

    Every method raises :class:`roost.RoostError` with the mend in its message.
    """

    def __init__(
        self,
        name: str | None = None,
        *,
        executors: int | None = None,
        cpus: int | None = None,
        memory_mb: int | None = None,
        suite: str | None = None,
        file: Path | str | None = None,
        engine: Engine | str | None = None,
        report: Reporter = silent,
    ) -> None:
        self._base = load_pool_file(Path(file)) if file is not None else None
        self._flags = {"executors": executors, "cpus": cpus, "memory_mb": memory_mb, "suite": suite}
        self._asked = self._over(self._base or PoolSpec(name=DEFAULT_NAME), name=name)
        self._wanted_engine = engine
        self._report = report
        self._was_there = self._had_data = True

    @property
    def name(self) -> str:
        """The pool's name on the engine."""
        return self._asked.name

    @property
    def spec(self) -> PoolSpec:
        """What the pool should be: the arguments, over the pool file, over what it was made as."""
        if self._base is not None:
            return self._asked
        from roost.pool.scale import find_record

        record = find_record(self.engine, self.name)
        return self._over(record.spec) if record else self._asked

    def _over(self, base: PoolSpec, **name: str | None) -> PoolSpec:
        return overlay(base, **name, **self._flags)  # type: ignore[arg-type]

    @cached_property
    def engine(self) -> Engine:
        """The container engine that holds the pool, opened on first use."""
        from roost.engines.detect import open_engine

        if isinstance(self._wanted_engine, str) or self._wanted_engine is None:
            return open_engine(self._wanted_engine, os.environ)
        return self._wanted_engine

    # life cycle

    def plan(self) -> PoolPlan:
        """What ``up`` would make, with the images built if they are not there."""
        from roost.images import ensure_derived, ensure_images
        from roost.plan import plan_pool

        spec = self.spec
        images = ensure_images(self.engine, spec.suite, report=self._report)
        images = ensure_derived(
            self.engine, images, apt=spec.apt, pip=spec.pip, report=self._report
        )
        return plan_pool(spec, {role: images[role].id for role in Role})

    def up(self, *, timeout_s: float = READY_TIMEOUT_S) -> UpResult:
        """Make the pool what its settings say, and return when HTCondor says it is.

        Executors that go or are made anew finish their jobs first, however long that takes.
        """
        from roost.pool.up import bring_up

        return bring_up(self.engine, self.plan(), self._report, timeout_s=timeout_s)

    def scale(self, executors: int, *, timeout_s: float = READY_TIMEOUT_S) -> UpResult:
        """More or fewer executors, everything else as it is; shrinking waits for their jobs."""
        from roost.pool.scale import plan_scaled
        from roost.pool.up import bring_up

        plan = plan_scaled(self.engine, self.name, executors)
        return bring_up(self.engine, plan, self._report, timeout_s=timeout_s)

    def down(self, *, keep_data: bool = False) -> DownResult:
        """Remove the pool. With ``keep_data``, queue, keys and accounting stay for the next ``up``."""
        from roost.pool.down import take_down

        return take_down(self.engine, self.name, self._report, keep_data=keep_data)

    def exists(self) -> bool:
        """Whether the engine holds any container of the pool."""
        from roost.pool.nodes import find_pools

        return self.name in find_pools(self.engine)

    def close(self) -> None:
        """Give the engine's connections back; the pool itself goes on."""
        engine = self.__dict__.pop("engine", None)
        if engine is not None and engine is not self._wanted_engine:
            engine.close()

    def __enter__(self) -> Self:
        self._had_data = bool(self.engine.list_volumes({LABEL_POOL: self.name}))
        self._was_there = self.exists()
        try:
            self.up()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if not self._was_there:
            self.down(keep_data=self._had_data)
        self.close()

    # nodes from elsewhere

    def join_requests(self) -> list[JoinRequest]:
        """The nodes that ask to join and wait for a person."""
        from roost.pool.door import list_requests

        return list_requests(self.engine, self.name)

    def approve(self, code: str) -> JoinRequest:
        """Let in the node that asks with that code, which its own log has too."""
        from roost.pool.door import approve

        return approve(self.engine, self.name, code)

    def open_network(self, network: str, seconds: float) -> None:
        """Let in whoever asks from a network, for so long; 0 closes it."""
        from roost.pool.door import open_network

        open_network(self.engine, self.name, network, seconds)

    def invite(
        self,
        role: Role | str,
        *,
        ttl_s: int = 3600,
        uses: int = 1,
        node: str | None = None,
        address: str | None = None,
    ) -> NewInvite:
        """An invite for nodes of another machine; its ``text`` is a secret.

        See :func:`roost.pool.door.make_invite`.
        """
        from roost.pool.door import make_invite

        return make_invite(
            self.engine, self.name, Role(role), ttl_s=ttl_s, uses=uses, node=node, address=address
        )

    def invites(self) -> list[InviteInfo]:
        """The invites of the last week, good or not, oldest first."""
        from roost.pool.door import list_invites

        return list_invites(self.engine, self.name)

    def revoke_invite(self, invite: str) -> None:
        """End an invite by its id; nodes that joined with it stay."""
        from roost.pool.door import revoke_invite

        revoke_invite(self.engine, self.name, invite)

    # looking

    def status(self) -> PoolStatus:
        """Nodes, slots and jobs, as engine and collector have them now."""
        from roost.pool.status import look

        return look(self.engine, self.name)

    def doctor(self) -> Diagnosis:
        """Why nothing runs, if so: every cause that is found, worst first, with its mend.

        A pool or an engine that is broken or absent is a finding, never an error.
        """
        from roost.pool.doctor import diagnose

        return diagnose(lambda: self.engine, self.name, self._report)

    def network(self) -> NetworkReport:
        """The ways from the nodes of this host to every node that they must talk to, measured."""
        from roost.pool.doctor.network import look_at_network

        return look_at_network(self.engine, self.name, self._report)

    def exec(self, node: str, argv: Sequence[str], *, user: str = "root") -> ExecResult:
        """Run a command inside a node."""
        from roost.pool.nodes import get_node

        return self.engine.exec(get_node(self.engine, self.name, node).name, argv, user=user)

    def logs(
        self,
        *nodes: str,
        roles: Iterable[Role | str] = (),
        daemons: Iterable[str] = (),
        level: Level | str | None = None,
        job: str | int | None = None,
        since: float | None = None,
        until: float | None = None,
        tail: int | None = None,
        follow: bool = False,
    ) -> Iterator[LogRecord]:
        """What the nodes said, merged in time order: all of them, or those that are named.

        What else is given narrows it: roles of nodes, daemons (:data:`roost.logline.DAEMONS`), the
        least severe level, a submission (``12``) or a job (``12.3``), times in seconds of the epoch.
        ``tail`` is the number of last records of the past; with ``follow``, those to come follow them.

        Raises UsageError and NotFoundError, the latter also at the end for a job that no line is about.
        """
        from roost.pool.logs import make_query, read_logs

        query = make_query(
            nodes=nodes,
            roles=roles,
            daemons=daemons,
            level=level,
            job=job,
            since=since,
            until=until,
        )
        return read_logs(self.engine, self.name, query, follow=follow, tail=tail)

    def export_logs(
        self, path: Path | str | None = None, *, since: float | None = None, force: bool = False
    ) -> SupportArchive:
        """Write a support archive: logs, configuration, ads and versions, without secrets.

        See :func:`roost.pool.support.export_logs`.
        """
        from roost.pool.support import export_logs

        where = Path(path) if path is not None else None
        return export_logs(self.engine, self.name, where, self._report, since=since, force=force)

    # credentials

    def tokens(self) -> list[TokenInfo]:
        """Who has a token, of which key, and for how long; never the token itself."""
        from roost.pool.tokens import list_tokens

        return list_tokens(self.engine, self.name)

    def revoke(self, node: str) -> RevokeResult:
        """Shut a node out at once, live sessions included; its jobs go back to the queue."""
        from roost.pool.tokens import revoke_node

        return revoke_node(self.engine, self.name, node, self._report)

    def readmit(self, node: str) -> bool:
        """Take a revocation back, with a new token; False where there was none."""
        from roost.pool.tokens import readmit_node

        return readmit_node(self.engine, self.name, node, self._report)

    def rotate_key(self) -> RotateResult:
        """Change the signing key, and every node's token with it; no job notices."""
        from roost.pool.tokens import rotate_key

        return rotate_key(self.engine, self.name, self._report)

    def create_user_token(
        self, user: str, *, ttl_s: int = USER_TOKEN_DEFAULT_S, address: str | None = None
    ) -> NewUserToken:
        """A token with which a user of another machine submits jobs; its ``text`` is a secret.

        See :func:`roost.pool.tokens.users.create_user_token`.
        """
        from roost.pool.tokens import create_user_token

        return create_user_token(self.engine, self.name, user, ttl_s=ttl_s, address=address)

    def user_tokens(self) -> list[UserToken]:
        """Tokens of users from outside; never the token itself."""
        from roost.pool.tokens import list_user_tokens

        return list_user_tokens(self.engine, self.name)

    def revoke_user(self, user: str) -> UserRevoked:
        """Shut a user from outside out at once; jobs in the queue stay."""
        from roost.pool.tokens import revoke_user

        return revoke_user(self.engine, self.name, user, self._report)

    # jobs

    def run(
        self,
        argv: Sequence[str],
        *,
        count: int = 1,
        inputs: Sequence[str | PathLike[str]] = (),
        outputs: Sequence[str | PathLike[str]] = (),
        cpus: int | None = None,
        memory: int | str | None = None,
        disk: int | str | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | str | None = None,
        on_output: OutputHandler | None = None,
    ) -> RunResult:
        """Run a command as ``count`` jobs and return once their outputs are here.

        See :func:`roost.pool.jobs.run.run_command` for what the arguments mean and what is raised.
        """
        from roost.pool.jobs.run import run_command

        return run_command(
            self.engine,
            self.name,
            argv,
            count=count,
            inputs=inputs,
            outputs=outputs,
            cpus=cpus,
            memory=memory,
            disk=disk,
            environment=env,
            cwd=Path(cwd) if cwd is not None else None,
            on_output=on_output,
            report=self._report,
        )

    def submit(self, path: Path | str, *, cwd: Path | str | None = None) -> Submission:
        """Submit an ordinary HTCondor submit file, with its input files from ``cwd``.

        See :func:`roost.pool.jobs.submit.submit_file`.
        """
        from roost.pool.jobs.submit import submit_file

        here = Path(cwd) if cwd is not None else None
        return submit_file(self.engine, self.name, Path(path), cwd=here, report=self._report)

    def jobs(self, *, history: int | None = 100) -> list[JobInfo]:
        """The jobs in the queue, and the latest ``history`` that have left it, in the order of ids.

        None: all that HTCondor's job history holds, thousands of them.
        """
        from roost.pool.jobs.query import list_jobs

        return list_jobs(self.engine, self.name, history=history)

    def wait(
        self,
        *ids: str | int,
        timeout_s: float | None = None,
        on_progress: CountsHandler = lambda _counts: None,
    ) -> list[JobInfo]:
        """Wait until all the jobs (``12`` or ``12.3``) have left the queue; how each ended.

        Raises JobHeldError when nothing but jobs on hold is left, and WaitTimeoutError.
        """
        from roost.pool.jobs.query import wait_jobs

        return wait_jobs(
            self.engine,
            self.name,
            [str(one) for one in ids],
            timeout_s=timeout_s,
            on_progress=on_progress,
        )

    def fetch(self, job: str | int, *, to: Path | str | None = None) -> FetchResult:
        """Bring back what a submission made, to where it was submitted from or to ``to``."""
        from roost.pool.jobs.fetch import fetch

        where = Path(to) if to is not None else None
        return fetch(self.engine, self.name, str(job), to=where, report=self._report)

    def rm(self, *ids: str | int, purge: bool = False) -> RemoveResult:
        """Remove jobs; with ``purge`` also results that were never fetched."""
        from roost.pool.jobs.remove import remove_jobs

        named = [str(one) for one in ids]
        return remove_jobs(self.engine, self.name, named, purge=purge, report=self._report)
