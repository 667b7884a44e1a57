from roost import contract
from roost.contract import Role
from roost.engines.protocol import Image
from roost.images.find import pick_set, plan_recipes
from roost.spec.model import Suite

RECIPE = plan_recipes(Suite.TRIXIE, True)[0]


def image(role: Role, version: str, minute: int, *, tag: str | None = None) -> Image:
    labels = {
        contract.LABEL_ROLE: str(role),
        contract.LABEL_HTCONDOR: version,
        contract.LABEL_RECIPE: RECIPE.roles[role].digest,
    }
    name = f"roost-{role}:{version}-trixie" if tag is None else tag
    identifier = f"sha256:{role}{version}{minute}"
    return Image(identifier, (name,) if name else (), labels, 1, f"2025-06-01T12:{minute:02}:00Z")


def whole(version: str, minute: int) -> list[Image]:
    return [image(role, version, minute) for role in Role]


def test_the_newest_complete_set_counts_not_the_highest_version() -> None:
    found = pick_set([*whole("23.9.6", 5), *whole("23.10.1", 1)], RECIPE)
    assert found
    assert found.htcondor == "23.9.6"
    assert found[Role.SUBMIT].id == "sha256:submit23.9.65"


def test_roles_of_different_versions_are_no_set() -> None:
    mixed = [image(Role.MASTER, "23.9.6", 1), *whole("23.10.1", 2)[1:]]
    assert pick_set(mixed, RECIPE) is None


def test_an_image_without_its_name_does_not_count() -> None:
    rest = whole("23.9.6", 1)[1:]
    assert pick_set([image(Role.MASTER, "23.9.6", 1, tag=""), *rest], RECIPE) is None
    assert pick_set([image(Role.MASTER, "23.9.6", 1, tag="other:1"), *rest], RECIPE) is None


def test_an_image_of_another_recipe_does_not_count() -> None:
    other = plan_recipes(Suite.TRIXIE, False)[0]
    assert pick_set(whole("23.9.6", 1), other) is None
