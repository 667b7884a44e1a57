"""Known vulnerabilities of the packages in an image, by the data of Debian's security tracker."""

from __future__ import annotations

from dataclasses import dataclass

from roost import contract
from roost.engines.protocol import Engine
from roost.errors import NotFoundError
from roost.events import Reporter, silent, step
from roost.images.advisories.data import Urgency, Vulnerability, parse_data
from roost.images.advisories.findings import Finding, match_packages
from roost.images.advisories.packages import InstalledPackage, read_debian_packages
from roost.images.advisories.source import TRACKER, locate, read_data
from roost.images.sbom import get_sbom
from roost.spec.model import Suite

__all__ = [
    "TRACKER",
    "Advisories",
    "Finding",
    "InstalledPackage",
    "Urgency",
    "Vulnerability",
    "find_advisories",
]


@dataclass(frozen=True)
class Advisories:
    """What is known of an image."""

    suite: Suite
    source: str
    """The address or path of the data."""
    packages: int
    """How many Debian packages the image has."""
    findings: tuple[Finding, ...]
    """The worst first."""

    @property
    def fixable(self) -> tuple[Finding, ...]:
        """Those that the release has a fix for."""
        return tuple(one for one in self.findings if one.vulnerability.fix_available)


def find_advisories(
    engine: Engine, reference: str, *, source: str = TRACKER, report: Reporter = silent
) -> Advisories:
    """The known vulnerabilities of the Debian packages in an image. Nothing is started.

    ``source`` is an address or a directory with a file for each release, or one file. Raises
    :class:`RoostError` where image or data cannot be had, or are not what they should be.
    """
    with step(report, "packages", "as the image lists them"):
        packages = read_debian_packages(get_sbom(engine, reference), image=reference)
    suite = _suite_of(engine, reference)
    place = locate(source, suite)
    data = read_data(place, report)
    with step(report, "comparison", "of the packages with what is known"):
        findings = match_packages(packages, parse_data(data, origin=place))
    return Advisories(suite, place, len({one.name for one in packages}), tuple(findings))


def _suite_of(engine: Engine, reference: str) -> Suite:
    image = engine.find_image(reference)
    name = image.labels.get(contract.LABEL_SUITE, "") if image else ""
    if name not in set(Suite):
        raise NotFoundError(
            f"the image {reference} has no label {contract.LABEL_SUITE} with a Debian release",
            hint="only images that stand on Roost's have it",
        )
    return Suite(name)
