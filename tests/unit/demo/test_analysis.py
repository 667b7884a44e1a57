"""The program that jobs run."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from roost.demo import analysis
from roost.demo.sources import Source, write_tar

SOURCE = """\
class Outer:
    def plain(self):
        return 1

    async def busy(self, items):
        def inner(x):
            return x if x else None
        for item in items:
            if item and self and items:
                yield [i for i in item if i if i > 1]
        try:
            pass
        except ValueError:
            pass
        while False:
            pass
        match items:
            case 1: pass
            case _: pass
"""


def test_figures_of_a_file() -> None:
    assert analysis.analyze(SOURCE.encode()) == {
        "lines": 19,
        "functions": 3,
        "classes": 1,
        # for, if, two more conditions, comprehension with two filters, except, while, two cases
        "most_complex": {"name": "Outer.busy", "line": 5, "complexity": 12},
    }


def test_of_equally_complex_functions_the_first_counts() -> None:
    figures = analysis.analyze(b"def b(): pass\ndef a(): pass\n")
    assert figures["most_complex"]["name"] == "b"


def test_a_file_without_functions() -> None:
    assert analysis.analyze(b"x = 1") == {
        "lines": 0,
        "functions": 0,
        "classes": 0,
        "most_complex": None,
    }


@pytest.mark.parametrize(
    "source",
    [
        b"def",
        b"print 'old'",
        b"x = '\0'",
        b"# coding: nonsense\n",
        b"\xff",
        pytest.param(b"(" * 100_000 + b")" * 100_000, id="deep"),
    ],
)
def test_what_cannot_be_parsed_says_why(source: bytes) -> None:
    figures = analysis.analyze(source)
    assert set(figures) == {"error"}
    assert figures["error"].partition(":")[0] in {error.__name__ for error in analysis._REFUSALS}


def test_deep_trees_need_no_recursion() -> None:
    tree: ast.expr = ast.Name("x")
    for _ in range(50_000):
        tree = ast.IfExp(ast.Name("x"), tree, ast.Name("x"))
    body: list[ast.stmt] = [ast.Expr(tree)]
    arguments = ast.arguments([], [], None, [], [], None, [])
    function = ast.FunctionDef("f", arguments, body, [], lineno=1)
    functions, _classes = analysis.survey(ast.Module([function], []))
    assert [one.complexity for one in functions] == [50_001]


def test_it_runs_alone(tmp_path: Path) -> None:
    """As a file, in another place, with the bare interpreter: as a job runs it."""
    source, sources, figures = (tmp_path / name for name in ("a.py", "s.tar", "f.json"))
    source.write_text(SOURCE)
    write_tar(sources, [Source(source, "pkg/a.py", 1)])
    program = tmp_path / "analysis.py"
    program.write_bytes(Path(analysis.__file__).read_bytes())
    subprocess.run([sys.executable, "-I", "-S", program, sources, figures], check=True)
    told = json.loads(figures.read_text())
    assert told["files"] == {"pkg/a.py": analysis.analyze(SOURCE.encode())}
    assert told["python"] == sys.version.split()[0]
    assert told["started"] <= told["ended"]
