"""Requirements taken apart."""

from __future__ import annotations

import pytest

from roost.node.diagnose.clauses import references, split_clauses


@pytest.mark.parametrize(
    ("expression", "clauses"),
    [
        ("true", ["true"]),
        ("", []),
        ("A && B", ["A", "B"]),
        ("((A) && (B && (C)))", ["A", "B", "C"]),
        ("(A || B) && C", ["A || B", "C"]),
        ("A || B && C", ["A || B && C"]),
        ("(A) && (B) || (C)", ["(A) && (B) || (C)"]),
        ("A ? B && C : D", ["A ? B && C : D"]),
        ('X == "a && (b" && Y', ['X == "a && (b"', "Y"]),
        ('member("x", {A && B}) && f(C && D)', ['member("x", {A && B})', "f(C && D)"]),
        ("(A", ["(A"]),
    ],
)
def test_split(expression: str, clauses: list[str]) -> None:
    assert split_clauses(expression) == clauses


def test_what_condor_submit_writes() -> None:
    written = (
        '(TARGET.Arch == "X86_64") && (TARGET.Memory >= RequestMemory) && '
        "((TARGET.FileSystemDomain == MY.FileSystemDomain) || (TARGET.HasFileTransfer))"
    )
    assert split_clauses(written) == [
        'TARGET.Arch == "X86_64"',
        "TARGET.Memory >= RequestMemory",
        "(TARGET.FileSystemDomain == MY.FileSystemDomain) || (TARGET.HasFileTransfer)",
    ]


def test_references() -> None:
    text = 'TARGET.Memory >= RequestMemory && my.Rank is undefined && regexp("Os.x", Target.OpSys)'
    assert list(references(text)) == [
        ("TARGET", "Memory"),
        ("", "RequestMemory"),
        ("MY", "Rank"),
        ("TARGET", "OpSys"),
    ]
