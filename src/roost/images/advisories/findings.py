"""Which vulnerabilities packages have: what debsecan(1) would say of the same packages. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from roost.images.advisories.data import Urgency, Vulnerability
from roost.images.advisories.debversion import version_key
from roost.images.advisories.packages import InstalledPackage

_WORST_FIRST = tuple(Urgency)
"""What nobody has judged yet may be worse than what was judged to be low."""


@dataclass(frozen=True)
class Finding:
    """A vulnerability in a package that is installed."""

    package: InstalledPackage
    vulnerability: Vulnerability

    @property
    def compared_version(self) -> str:
        """The version that counts: of the source package, but for the few data on binary packages."""
        if self.vulnerability.of_binary and self.vulnerability.package == self.package.name:
            return self.package.version
        return self.package.source_version

    @property
    def fixed_version(self) -> str | None:
        """The nearest version that mends it, where the release has one.

        The data do not say which release a version is in. The nearest one above what is installed is
        the release's own, since newer releases have newer versions.
        """
        if not self.vulnerability.fix_available:
            return None
        installed = version_key(self.compared_version)
        fixed = [*self.vulnerability.other_versions, self.vulnerability.unstable_version or ""]
        newer = [one for one in fixed if one and version_key(one) > installed]
        return min(newer, key=version_key, default=None)


def match_packages(
    packages: Iterable[InstalledPackage],
    vulnerabilities: Mapping[str, Sequence[Vulnerability]],
) -> list[Finding]:
    """All findings, the worst first: by urgency, then what can be exploited remotely, then what a fix
    is there for."""
    # A package that is installed for two architectures is told once.
    found = {one for package in packages for one in _of_package(package, vulnerabilities)}
    return sorted(found, key=_badness)


def _of_package(
    package: InstalledPackage, vulnerabilities: Mapping[str, Sequence[Vulnerability]]
) -> Iterator[Finding]:
    # As debsecan does: the binary package's own name is looked up where the source has nothing.
    known = vulnerabilities.get(package.source) or vulnerabilities.get(package.name, ())
    findings = (Finding(package, one) for one in known)
    return (finding for finding in findings if _is_vulnerable(finding))


def _is_vulnerable(finding: Finding) -> bool:
    """debsecan's ``Vulnerability.is_vulnerable``."""
    package, vulnerability = finding.package, finding.vulnerability
    of_binary = vulnerability.of_binary and vulnerability.package == package.name
    if not of_binary and vulnerability.package != package.source:
        return False
    installed = version_key(finding.compared_version)
    if vulnerability.unstable_version and installed >= version_key(vulnerability.unstable_version):
        return False
    others = () if of_binary else vulnerability.other_versions
    return all(installed != version_key(other) for other in others)


def _badness(finding: Finding) -> tuple[object, ...]:
    one = finding.vulnerability
    return (
        _WORST_FIRST.index(one.urgency),
        one.remote is not True,
        not one.fix_available,
        one.id,
        finding.package.name,
        finding.package.version,
    )
