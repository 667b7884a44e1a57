"""Figures of Python sources: ``python3 analysis.py SOURCES.tar FIGURES.json``.

It runs as a job on the executors and, for comparison, on the host, under whatever Python is there:
so it stands alone, uses the standard library only, and defines its figures such that every Python
which accepts a file finds the same ones in it.
"""

from __future__ import annotations

import ast
import gc
import json
import platform
import sys
import tarfile
import time
import warnings
from pathlib import Path
from typing import Any

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_BRANCHES = frozenset(
    [ast.If, ast.IfExp, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.match_case]
)
_REFUSALS = (SyntaxError, ValueError, RecursionError, MemoryError)
"""How parsers say that they do not take a file: Pythons differ in it for null bytes and nesting."""


class Function:
    """A function: its name after those of what it is in, its line, and the ways through it."""

    def __init__(self, name: str, line: int) -> None:
        self.name = name
        self.line = line
        self.complexity = 1

    def rank(self) -> tuple[int, int, str]:
        """What makes one the most complex; of equals, the first in the file."""
        return self.complexity, -self.line, self.name


def analyze(source: bytes) -> dict[str, Any]:
    """The figures of one file, or ``{"error": …}`` where this Python cannot parse it.

    ``lines`` counts line ends in the bytes, since Pythons differ in what else ends a line.
    ``most_complex`` is None or the function with the highest complexity as McCabe counts it: one,
    and one more for each branch in it; functions inside count by themselves.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except _REFUSALS as error:
        return {"error": f"{type(error).__name__}: {error}"}
    functions, classes = survey(tree)
    most = max(functions, key=Function.rank, default=None)
    return {
        "lines": source.count(b"\n"),
        "functions": len(functions),
        "classes": classes,
        "most_complex": None if most is None else vars(most),
    }


def survey(tree: ast.AST) -> tuple[list[Function], int]:
    """All functions and the number of classes. Without recursion: sources nest deeper than that."""
    functions: list[Function] = []
    classes = 0
    waiting: list[tuple[ast.AST, str, Function]] = [(tree, "", Function("", 0))]
    while waiting:
        node, around, function = waiting.pop()
        function.complexity += count_branches(node)
        if isinstance(node, ast.ClassDef):
            around = f"{around}.{node.name}" if around else node.name
            classes += 1
        elif isinstance(node, _FUNCTIONS):
            around = f"{around}.{node.name}" if around else node.name
            function = Function(around, node.lineno)
            functions.append(function)
        waiting += [(child, around, function) for child in ast.iter_child_nodes(node)]
    return functions, classes


def count_branches(node: ast.AST) -> int:
    """How many more ways a node makes by itself."""
    if type(node) in _BRANCHES:
        return 1
    if isinstance(node, ast.BoolOp):
        return len(node.values) - 1
    if isinstance(node, ast.comprehension):
        return 1 + len(node.ifs)
    return 0


def analyze_tar(sources: Path) -> dict[str, Any]:
    """The figures of every file in a tar, by its name there, and when and by which Python."""
    started = time.time()
    gc.disable()  # trees have no cycles, and looking for some takes a third of the time
    files = {}
    with tarfile.open(sources) as tar:
        for member in tar:
            content = tar.extractfile(member)
            if content is not None:
                files[member.name] = analyze(content.read())
    return {
        "python": platform.python_version(),
        "started": started,
        "ended": time.time(),
        "files": files,
    }


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(json.dumps(analyze_tar(Path(sys.argv[1]))), encoding="utf-8")
