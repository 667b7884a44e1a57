"""``$(Process)`` and ``$(Cluster)``: the two of HTCondor's macros that differ from job to job.

They are replaced in the command, the inputs and the outputs of a run, and nothing else is: any
other ``$`` is the command's own. :mod:`roost.condor.wrapper` does the same on the executor.
"""

from __future__ import annotations

from roost.condor.wrapper import MACRO, expand


def find_macros(text: str) -> set[str]:
    """Which of ``process`` and ``cluster`` will be replaced in a text."""
    return {match[1].lower() for match in MACRO.finditer(text)}


def replace_macros(text: str, *, process: int, cluster: int = 0) -> str:
    """What becomes of the text for one process."""
    return expand(text, str(process), str(cluster))
