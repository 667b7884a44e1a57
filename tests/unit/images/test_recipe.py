from dataclasses import replace
from pathlib import Path

import pytest

from roost import contract
from roost.contract import Role
from roost.engines.protocol import File
from roost.images import recipe as recipe_module
from roost.images.model import BaseKind
from roost.images.nodefiles import node_files
from roost.images.recipe import Recipe, digest_of, plan_recipe
from roost.spec.model import Suite


def plan(suite: Suite = Suite.TRIXIE, kind: BaseKind = BaseKind.BOOTSTRAP) -> Recipe:
    return plan_recipe(suite, kind)


def test_equal_recipes_have_equal_digests() -> None:
    assert plan() == plan()


def test_suite_and_base_change_every_stage() -> None:
    recipes = [plan(), plan(Suite.FORKY), plan(kind=BaseKind.REGISTRY)]
    for tag in ("base_tag", "htcondor", "node", "roles"):
        values = [getattr(recipe, tag) for recipe in recipes]
        assert all(values.count(value) == 1 for value in values), tag


def test_another_node_program_changes_what_stands_above_htcondor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = plan()
    changed = (*node_files(), File("roost/node/extra.py", b"x = 1\n"))
    monkeypatch.setattr(recipe_module, "node_files", lambda: changed)
    after = plan()
    assert after.base_tag == before.base_tag
    assert after.htcondor == before.htcondor
    assert after.node.digest != before.node.digest
    assert all(after.roles[role].digest != before.roles[role].digest for role in Role)


def test_roles_differ() -> None:
    stages = plan().roles
    assert len({stage.digest for stage in stages.values()}) == len(Role)
    assert [stages[role].arguments for role in Role] == [{"ROLE": str(role)} for role in Role]


def test_build_spec_carries_base_arguments_and_its_own_digest() -> None:
    stage = plan().htcondor
    spec = stage.build_spec("some:base", {"APT_OPTIONS": "-q"}, {"a": "b"})
    assert spec.tag == stage.tag
    assert spec.build_args["BASE"] == "some:base"
    assert spec.build_args["APT_OPTIONS"] == "-q"
    assert spec.build_args["CONDOR_UID"] == str(contract.CONDOR_UID)
    assert spec.labels == {"a": "b", contract.LABEL_RECIPE: stage.digest}
    assert "Dockerfile" in {file.path for file in spec.context}


@pytest.mark.parametrize("suite", list(Suite))
def test_every_suite_installs_htcondor_and_supervisor(suite: Suite) -> None:
    packages = plan(suite).htcondor.arguments["PACKAGES"].split()
    assert {"condor", "supervisor", "python3"} <= set(packages)


def test_dockerfiles_declare_every_argument_they_are_given() -> None:
    recipe = plan()
    for stage in (recipe.htcondor, recipe.node, *recipe.roles.values()):
        dockerfile = next(file.data for file in stage.context if file.path == "Dockerfile")
        assert isinstance(dockerfile, bytes)
        for argument in (*stage.arguments, "BASE"):
            assert f"ARG {argument}" in dockerfile.decode(), (stage.name, argument)


def test_dockerfile_opens_the_ports_and_starts_and_checks_the_node_program() -> None:
    context = {file.path: file for file in plan().node.context}
    dockerfile = context["Dockerfile"].data
    assert isinstance(dockerfile, bytes)
    assert f"EXPOSE {contract.COLLECTOR_PORT} {contract.METRICS_PORT}\n" in dockerfile.decode()
    assert "\nHEALTHCHECK " in dockerfile.decode()
    assert "/usr/lib/roost/roost/node/health/check.py" in dockerfile.decode()
    assert f'ENTRYPOINT ["{contract.NODE_PROGRAM}"]' in dockerfile.decode()
    assert context["root/usr/local/bin/roost-node"].mode == 0o755


def test_node_program_is_whole_and_nothing_of_the_host_side_goes_with_it() -> None:
    paths = {file.path for file in node_files()}
    assert {"roost/__init__.py", "roost/contract.py", "roost/version.py"} <= paths
    assert "roost/node/__main__.py" in paths
    assert all(path.count("/") == 1 or path.startswith("roost/node/") for path in paths)
    assert not [path for path in paths if "cli" in path or "engines" in path]


def test_digest_sees_content_path_mode_and_words() -> None:
    file = File("a", b"data", 0o644)
    other = [
        digest_of([], [replace(file, data=b"date")]),
        digest_of([], [replace(file, path="b")]),
        digest_of([], [replace(file, mode=0o755)]),
        digest_of(["x"], [file]),
        digest_of(["x", ""], [file]),
        digest_of([], []),
    ]
    assert len({digest_of([], [file]), *other}) == len(other) + 1


def test_digest_ignores_the_order_of_files() -> None:
    one, two = File("a", b"1"), File("b", b"2")
    assert digest_of([], [one, two]) == digest_of([], [two, one])


def test_digest_reads_files_by_path(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"data")
    assert digest_of([], [File("a", tmp_path / "data")]) == digest_of([], [File("a", b"data")])
