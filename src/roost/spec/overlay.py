"""Flags over the pool file: what was given on the command line or in Python wins."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from roost.errors import UsageError
from roost.spec.limits import (
    BadValueError,
    check_cpus,
    check_executors,
    check_memory_mb,
    check_pool_name,
)
from roost.spec.model import PoolSpec, Suite
from roost.spec.problems import PoolFileError, Problem


def overlay(
    spec: PoolSpec,
    *,
    name: str | None = None,
    suite: str | None = None,
    executors: int | None = None,
    cpus: int | None = None,
    memory_mb: int | None = None,
) -> PoolSpec:
    """``spec`` with every setting that is not None put over it.

    Raises :class:`roost.errors.UsageError` that names every setting that cannot be.
    """
    given: list[tuple[str, Any, Callable[[Any], Any]]] = [
        ("name", name, check_pool_name),
        ("suite", suite, check_suite),
        ("executors", executors, check_executors),
        ("cpus", cpus, check_cpus),
        ("memory_mb", memory_mb, check_memory_mb),
    ]
    changes: dict[str, Any] = {}
    bad: list[tuple[str, BadValueError]] = []
    for key, value, check in given:
        if value is None:
            continue
        try:
            changes[key] = check(value)
        except BadValueError as error:
            bad.append((key, error))
    if len(bad) == 1:
        key, problem = bad[0]
        raise UsageError(f"{key}: {problem.message}", hint=problem.hint) from problem
    if bad:
        raise PoolFileError(
            "the settings", [Problem(key, error.message, error.hint) for key, error in bad]
        )
    return dataclasses.replace(spec, **changes)


def check_suite(suite: str) -> Suite:
    """The suite of that name."""
    if suite not in tuple(Suite):
        raise BadValueError(
            f"{suite!r} is not a suite that Roost builds", hint=f"use {' or '.join(Suite)}"
        )
    return Suite(suite)
