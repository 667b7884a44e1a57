import pytest

from roost.contract import Role
from roost.images.model import role_reference, upstream_version
from roost.spec.model import Suite


@pytest.mark.parametrize(
    ("package", "upstream"),
    [
        ("23.9.6+dfsg-2.1+b10", "23.9.6"),
        ("25.14.1+dfsg-1", "25.14.1"),
        ("1:25.0.3-1~deb13u1", "25.0.3"),
        ("24.1.0~rc1", "24.1.0"),
    ],
)
def test_upstream_version_drops_debians_part(package: str, upstream: str) -> None:
    assert upstream_version(package) == upstream


def test_reference_names_role_version_and_suite() -> None:
    assert role_reference(Role.SUBMIT, "23.9.6", Suite.TRIXIE) == "roost-submit:23.9.6-trixie"
