"""The recipe of ``export logs``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from roost.engines.protocol import Engine
from roost.errors import RoostError
from roost.events import Reporter, step
from roost.pool.logs.query import node_of, rfc3339
from roost.pool.nodes import get_pool
from roost.pool.support.archive import new_archive
from roost.pool.support.items import plan_items
from roost.pool.support.readme import NAME, render_readme
from roost.pool.support.redacted import redacted
from roost.redaction import redact


@dataclass(frozen=True)
class SupportArchive:
    """A support archive. ``missing`` says why, by the paths of what is absent there or not whole."""

    path: Path
    size: int
    nodes: tuple[str, ...]
    missing: dict[str, str]


def export_logs(
    engine: Engine,
    pool: str,
    path: Path | None,
    report: Reporter,
    *,
    since: float | None = None,
    force: bool = False,
) -> SupportArchive:
    """Write the support archive of a pool to ``path``, or under a name of its own in that directory or
    in the current one. What cannot answer is named in the archive, and the rest is in it.

    Raises NotFoundError for a pool that is not there, UsageError for a file that is, and RoostError for
    one that cannot be written.
    """
    containers = get_pool(engine, pool)
    now = datetime.now(UTC)
    target = _target(path, f"roost-{pool}-{now:%Y%m%dT%H%M%SZ}.tar.gz")
    items = plan_items(engine, pool, containers, since)
    missing: dict[str, str] = {}
    with step(report, "collect") as tell, new_archive(target, force=force) as archive:
        for item in items:
            tell(item.path)
            problem = archive.add(item.path, redacted(item.lines()))
            if problem:
                missing[item.path] = redact(" ".join(problem.split()))
        made = f"{now:%Y-%m-%dT%H:%M:%SZ}"
        first = None if since is None else rfc3339(since)
        archive.add(NAME, render_readme(pool, _words(engine), made, first, items, missing))
        tell(f"{len(items)} files")
    nodes = tuple(node_of(container) for container in containers)
    return SupportArchive(target, target.stat().st_size, nodes, missing)


def _target(path: Path | None, name: str) -> Path:
    if path is None:
        return Path(name)
    return path / name if path.is_dir() else path


def _words(engine: Engine) -> str:
    try:
        info = engine.info()
    except RoostError:
        return engine.name
    return f"{info.name} {info.version}"
