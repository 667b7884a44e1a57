"""HTCondor's Python bindings, where their releases differ."""

from __future__ import annotations


def failures() -> tuple[type[Exception], ...]:
    """What the bindings raise when a daemon does not answer or refuses.

    23.9.6 raises RuntimeError and has no exception of its own; 25.14.1 has one, which derives from
    Exception alone.
    """
    import htcondor2

    own = getattr(htcondor2, "HTCondorException", None)
    return (RuntimeError, OSError, *([own] if own else []))
