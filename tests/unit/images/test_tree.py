from roost.engines.protocol import File
from roost.images.model import BaseKind
from roost.images.recipe import plan_recipe
from roost.images.tree import as_tree
from roost.spec.model import Suite


def test_every_directory_on_the_way_to_a_file_is_there_and_comes_first() -> None:
    tree = as_tree([File("usr/lib/a", b"1"), File("usr/bin/b", b"2", 0o755)])
    assert tree == (
        File("root", None, 0o755),
        File("root/usr", None, 0o755),
        File("root/usr/bin", None, 0o755),
        File("root/usr/lib", None, 0o755),
        File("root/usr/lib/a", b"1"),
        File("root/usr/bin/b", b"2", 0o755),
    )


def test_what_is_copied_into_an_image_has_directories_of_the_context() -> None:
    recipe = plan_recipe(Suite.TRIXIE, BaseKind.BOOTSTRAP)
    for stage in (recipe.htcondor, recipe.node):
        paths = {file.path for file in stage.context}
        copied = [path for path in paths if path.startswith("root/")]
        assert copied
        assert {path.rpartition("/")[0] for path in copied} <= paths
