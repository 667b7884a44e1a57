"""HoldReasonCode in words: what kind of trouble put a job on hold.

From "Job ClassAd Attributes", HoldReasonCode, in HTCondor's manual.
"""

from __future__ import annotations

_WORDS = {
    1: "somebody held it",
    3: "its own policy held it",
    4: "its credentials are not valid",
    5: "its own policy is undefined",
    6: "its program could not be started",
    7: "its output file could not be opened",
    8: "its input file could not be opened",
    9: "its output stream could not be opened",
    10: "its input stream could not be opened",
    11: "transferring its files failed",
    12: "bringing its outputs back failed",
    13: "bringing its inputs to the executor failed",
    14: "its initial directory cannot be used",
    15: "it was submitted on hold",
    16: "its inputs are still on their way",
    19: "a hook failed to prepare it",
    20: "the executor missed its time to start",
    21: "the executor held it",
    22: "its event log could not be opened",
    23: "its account cannot be used",
    26: "the pool's policy held it",
    27: "the pool's policy is undefined",
    32: "its inputs are too big",
    33: "its outputs are too big",
    34: "it used more than it had asked for",
    35: "its container image is not valid",
    36: "its checkpoint failed",
    46: "it took longer than it may",
    47: "it ran longer than it may",
}


def hold_in_words(code: int) -> str:
    """What the code means, with the number, which HTCondor's manual explains."""
    return f"{_WORDS[code]}, code {code}" if code in _WORDS else f"code {code}"
