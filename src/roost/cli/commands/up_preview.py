"""``roost up --dry-run``: the plan and what would change."""

from __future__ import annotations

import click

from roost.cli.app import App
from roost.cli.output.stdout import print_json
from roost.cli.output.table import render_table
from roost.plan.model import NodePlan
from roost.pool import Pool
from roost.pool.preview import Preview, preview


def show_preview(app: App, pool: Pool) -> None:
    """Print what ``up`` would do; change nothing."""
    seen = preview(pool.engine, pool.spec)
    if app.json:
        print_json(
            {
                "images": {
                    "built": not seen.missing_images,
                    "references": {r.value: name for r, name in seen.references.items()},
                },
                "changes": seen.changes.to_json(),
                "plan": seen.plan.to_json(),
            }
        )
        return
    click.echo(_render(seen))


def _render(seen: Preview) -> str:
    lines = [f"Pool {seen.plan.pool}, network {seen.plan.network}"]
    if seen.missing_images:
        lines.append("Images would be built: " + ", ".join(seen.references.values()))
    rows = [
        _row(node, action, seen)
        for action in ("create", "recreate", "start", "keep")
        for node in getattr(seen.changes, action)
    ]
    removed = seen.changes.to_json()["remove"]
    assert isinstance(removed, list)
    rows += [(name, "remove", "", "", "") for name in removed]
    lines += ["", render_table(["NODE", "ACTION", "IMAGE", "CPUS", "MEMORY"], rows)]
    if seen.changes.nothing_to_do and not seen.missing_images:
        lines += ["", "Nothing would change."]
    return "\n".join(lines)


def _row(node: NodePlan, action: str, seen: Preview) -> tuple[str, str, str, str, str]:
    limits = node.container.limits
    cpus = f"{limits.cpus:g}" if limits.cpus else ""
    memory = f"{limits.memory_mb} MB" if limits.memory_mb else ""
    return node.name, action, seen.references[node.role], cpus, memory
