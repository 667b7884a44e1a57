"""Which versions of HTCondor join each other."""

from __future__ import annotations

import pytest

from roost.node.join import read_versions
from roost.node.say import NodeError
from roost.node.versions import Version, Versions, refuse_mixture

PING = """\
Destination:                 collector <192.0.2.1:9618>
Remote Version:              $CondorVersion: 25.14.1 2026-07-12 PackageID: 25.14.1+dfsg-1 $
Local  Version:              $CondorVersion: 23.9.6 2026-07-12 PackageID: 23.9.6+dfsg-2.1+b10 $
Instruction:                 ADVERTISE_STARTD
"""


def test_the_versions_that_a_ping_tells() -> None:
    assert read_versions(PING) == Versions(Version(23, 9, 6), Version(25, 14, 1))
    assert read_versions("READ failed!\n") == Versions(None, None)


@pytest.mark.parametrize(
    ("mine", "masters"),
    [
        (Version(23, 9, 6), Version(25, 14, 1)),
        (Version(25, 14, 1), Version(23, 9, 6)),
        (Version(27, 0, 1), Version(27, 0, 1)),
        (Version(8, 6, 0), None),
        (None, Version(8, 6, 0)),
    ],
)
def test_what_works_together_joins(mine: Version | None, masters: Version | None) -> None:
    refuse_mixture(Versions(mine, masters))


@pytest.mark.parametrize(
    ("mine", "masters"),
    [
        (Version(23, 8, 1), Version(23, 9, 6)),
        (Version(23, 9, 6), Version(23, 8, 1)),
        (Version(25, 14, 1), Version(26, 0, 0)),
    ],
)
def test_other_mixtures_are_refused_in_words(mine: Version, masters: Version) -> None:
    with pytest.raises(NodeError) as refused:
        refuse_mixture(Versions(mine, masters))
    assert str(refused.value).startswith(
        f"this node has HTCondor {mine} and its master {masters}: different versions work together from 23.9"
    )
