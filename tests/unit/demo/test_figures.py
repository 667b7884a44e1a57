"""The comparison of pool and host."""

from __future__ import annotations

from typing import Any

from roost.demo.figures import Findings, MostComplex, compare, total


def figures(functions: int = 1, complexity: int = 1) -> dict[str, Any]:
    most = {"name": "f", "line": 3, "complexity": complexity}
    return {"lines": 10, "functions": functions, "classes": 2, "most_complex": most}


REFUSED = {"error": "SyntaxError: no"}


def test_totals() -> None:
    files = {"a": figures(1, 5), "b": figures(2, 9), "c": figures(4, 9), "d": REFUSED}
    assert total(files, ["a", "b", "c"]).most_complex == MostComplex("b", "f", 3, 9)
    assert (total(files, files.keys() - {"d"}).functions, total(files, []).files) == (7, 0)
    assert total({"a": {**figures(), "most_complex": None}}, ["a"]).most_complex is None


def test_the_same_is_agreement() -> None:
    same = {"a": figures(), "b": REFUSED}
    comparison = compare(Findings(("3.13.5",), same), Findings(("3.11.2",), same))
    assert comparison.agree
    assert comparison.pool == comparison.host
    assert comparison.host.files == 1
    assert comparison.neither == ("b",)


def test_another_figure_is_none() -> None:
    comparison = compare(
        Findings(("3.13.5",), {"a": figures(2)}), Findings(("3.11.2",), {"a": figures(3)})
    )
    assert not comparison.agree
    assert comparison.different == ("a",)
    assert (comparison.pool.functions, comparison.host.functions) == (2, 3)


def test_a_file_that_the_pool_lost_is_none() -> None:
    comparison = compare(Findings(("3.13.5",), {}), Findings(("3.11.2",), {"a": REFUSED}))
    assert not comparison.agree
    assert comparison.missing == ("a",)
    assert comparison.to_json()["agree"] is False


def test_other_syntax_is_told_and_is_no_difference_between_two_pythons() -> None:
    pool = {"new": figures(), "old": REFUSED}
    host = {"new": REFUSED, "old": figures()}
    comparison = compare(Findings(("3.13.5",), pool), Findings(("3.11.2",), host))
    assert comparison.agree
    assert (comparison.pool_alone, comparison.host_alone) == (("new",), ("old",))
    assert comparison.pool.files == 0
    assert not compare(Findings(("3.13.5",), pool), Findings(("3.13.5",), host)).agree
