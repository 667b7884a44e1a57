"""What a node's program said went wrong."""

from __future__ import annotations

import pytest

from roost.pool.nodes import last_words


@pytest.mark.parametrize(
    ("output", "said"),
    [
        (b"2026-11-28T09:00:35.157Z submit roost ERROR - - - condor_q failed\n", "condor_q failed"),
        (b"a line\nTraceback: of no log\n", "Traceback: of no log"),
        (b"\n", ""),
        (b"", ""),
    ],
)
def test_the_message_of_the_last_line(output: bytes, said: str) -> None:
    assert last_words(output) == said
