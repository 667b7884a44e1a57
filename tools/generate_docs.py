"""Write the pages of ``docs/`` that are rendered from the code (``make docs``)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

DOCS = Path(__file__).resolve().parent.parent / "docs"

PAGES: Mapping[str, tuple[str, str]] = {
    "capabilities.md": ("tools.capabilities_reference", "render_reference"),
    "cli.md": ("roost.cli.reference", "render_reference"),
    "doctor.md": ("roost.pool.doctor.reference", "render_reference"),
    "monitoring/metrics.md": ("tools.metrics_reference", "render_reference"),
    "pool-file.md": ("roost.spec.reference", "render_reference"),
}
"""Page below ``docs/`` → the module and the function that render it."""


def render(page: str) -> str:
    """The text that the page should have."""
    module, function = PAGES[page]
    renderer: Callable[[], str] = getattr(import_module(module), function)
    return renderer()


def main() -> int:
    """Write every page that differs and name it."""
    for page in PAGES:
        path, text = DOCS / page, render(page)
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            sys.stdout.write(f"wrote {path.relative_to(DOCS.parent)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
