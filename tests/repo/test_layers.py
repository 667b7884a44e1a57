"""Imports go downwards only, and each dependency has one home (docs/architecture.md, "Layers")."""

from __future__ import annotations

import ast
import graphlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src"

LAYERS: tuple[frozenset[str], ...] = (
    frozenset(
        {"errors", "waiting", "events", "commandline", "contract", "invitation"}
        | {"jobreach", "locks", "logline", "nodefacts", "pathfacts", "pathverdict"}
        | {"promise", "redaction", "version"}
    ),
    frozenset({"spec", "condor", "engines"}),
    frozenset({"plan"}),
    frozenset({"pool", "export", "images", "observe", "setup", "demo"}),
    frozenset({"cli", "dashboard"}),
)
"""Foundation, knowledge, plan, use cases, edge: from the bottom up, by package below ``roost``."""

APART = "node"
"""The program inside the containers: it stands on the contract alone."""

SIBLINGS_ALLOWED = (0, 3)
"""Layers whose packages may use each other: the foundation, and use cases made of use cases."""

HOMES: dict[str, frozenset[str]] = {
    "click": frozenset({"cli"}),
    "docker": frozenset({"engines"}),
    "htcondor2": frozenset({"node"}),
    "classad2": frozenset({"node"}),
    "prometheus_client": frozenset({"node"}),
    "pydantic": frozenset({"spec"}),
    "pydantic_core": frozenset({"spec"}),
    "requests": frozenset({"engines"}),  # whose exceptions the docker SDK lets through
    "rich": frozenset({"cli", "dashboard"}),
    "ruamel": frozenset({"export"}),
    "setproctitle": frozenset({"node"}),
    "supervisor": frozenset({"node"}),
    "urllib3": frozenset({"engines"}),
}
"""The packages that may import a project outside the standard library."""


def modules() -> Iterator[Path]:
    return iter(sorted((SOURCE / "roost").rglob("*.py")))


def package_of(path: Path) -> str:
    """``pool`` for everything in ``roost/pool/``, ``errors`` for ``roost/errors.py``."""
    return path.relative_to(SOURCE / "roost").with_suffix("").parts[0]


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of every import anywhere in a module, in functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            assert node.level == 0, f"{path}:{node.lineno}: write imports in full"
            for alias in node.names:
                yield node.lineno, f"{module}.{alias.name}" if module == "roost" else module


def internal_imports() -> Iterator[tuple[str, str, str]]:
    """Every import of one package of Roost by another: place, importer, imported."""
    for path in modules():
        importer = package_of(path)
        for line, name in imports_of(path):
            top, _, rest = name.partition(".")
            imported = rest.partition(".")[0]
            if top == "roost" and imported and importer not in ("__init__", imported):
                yield f"{path.relative_to(SOURCE)}:{line}", importer, imported


def layer_of(package: str) -> int:
    (layer,) = [number for number, packages in enumerate(LAYERS) if package in packages]
    return layer


def test_every_package_has_a_layer() -> None:
    known = frozenset().union(*LAYERS, {APART, "__init__"})
    assert {package_of(path) for path in modules()} <= known


def test_imports_go_downwards_only() -> None:
    wrong = []
    for place, importer, imported in internal_imports():
        if importer == APART:
            continue
        if imported == APART:
            wrong.append(f"{place}: the host does not import the program of the containers")
            continue
        upper, lower = layer_of(importer), layer_of(imported)
        if upper < lower or (upper == lower and upper not in SIBLINGS_ALLOWED):
            wrong.append(f"{place}: {importer} imports {imported}")
    assert wrong == []


def test_no_two_packages_need_each_other() -> None:
    sorter: graphlib.TopologicalSorter[str] = graphlib.TopologicalSorter()
    for _place, importer, imported in internal_imports():
        sorter.add(importer, imported)
    assert list(sorter.static_order())  # raises CycleError, which names the cycle


def test_the_program_of_the_containers_stands_alone() -> None:
    shared = (
        *("contract", "invitation", "jobreach", "locks", "logline", "nodefacts"),
        *("pathfacts", "pathverdict", "promise", "redaction", "version"),
    )
    allowed = {f"roost.{name}" for name in shared}
    wrong = [
        f"{place}: {imported}"
        for place, importer, imported in internal_imports()
        if importer == APART and f"roost.{imported}" not in allowed
    ]
    assert wrong == []


def test_each_foreign_project_is_imported_in_its_home_alone() -> None:
    wrong = []
    for path in modules():
        for line, name in imports_of(path):
            top = name.partition(".")[0]
            if top == "roost" or top in sys.stdlib_module_names:
                continue
            if package_of(path) not in HOMES.get(top, frozenset()):
                wrong.append(f"{path.relative_to(SOURCE)}:{line}: {top}")
    assert wrong == []


@pytest.mark.parametrize("module", ["roost", "roost.cli.main"])
def test_what_costs_time_is_imported_when_it_is_needed(module: str) -> None:
    program = f"import sys, {module}; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()
    assert {"docker", "pydantic", "rich", "requests", "asyncio"} & set(loaded) == set()
