"""Values that the shell completes: names of pools and of nodes, asked from the engine."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from click.shell_completion import CompletionItem

from roost.cli.app import App

if TYPE_CHECKING:
    import click


def complete_pool(
    context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Names of the pools on the engine."""
    from roost.pool.nodes import find_pools

    try:
        with _app(context).open_engine() as engine:
            return _matching(find_pools(engine), incomplete)
    except Exception:  # noqa: BLE001 -- a completion that fails completes nothing
        return []


def complete_node(
    context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Names of the nodes of the pool."""
    from roost import contract
    from roost.pool.nodes import get_pool

    app = _app(context)
    try:
        with app.open_engine() as engine:
            nodes = get_pool(engine, app.pool_here())
            return _matching((n.labels.get(contract.LABEL_NODE, "") for n in nodes), incomplete)
    except Exception:  # noqa: BLE001 -- a completion that fails completes nothing
        return []


def _app(context: click.Context) -> App:
    return context.find_object(App) or App()


def _matching(names: Iterable[str], incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in sorted(names) if name.startswith(incomplete)]
