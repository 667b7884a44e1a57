"""What each image is made of, and the digest of that. Pure: nothing here asks an engine.

The images stand on one another::

    base -> htcondor -> node -> master, submit, execute

A stage is tagged with the digest of its recipe and of every recipe below it, so that a change
rebuilds what stands above it and nothing else. The digest says what was asked for, not what came of
it: package versions stay those of the first build until somebody asks for a refresh.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from roost import contract
from roost.contract import Role
from roost.engines.protocol import BuildSpec, File
from roost.images.model import BaseKind
from roost.images.nodefiles import build_file, node_files, recipe_file
from roost.images.tree import as_tree
from roost.spec.model import Suite

DOCKERFILE = "Dockerfile"

BOOTSTRAP_OPTIONS = (
    *("--variant=minbase", "--components=main"),
    # What later steps would remove: the mark in its place would have the time of the build.
    '--customize-hook=cd "$1"; rm -f etc/*- var/lib/dpkg/*-old var/cache/debconf/*-old',
    # mmdebstrap takes them over from this host; an engine mounts its own there.
    '--customize-hook=cd "$1/etc"; for f in hosts hostname resolv.conf; do rm -f $f; : >$f; done',
)
"""What mmdebstrap puts into a base, beside the suite."""

BASE_TIME_S = 315532800
"""The date of everything in a base that is made here, 1980-01-01, the earliest that zip archives know:
a base of the same packages is the same to the last bit (mmdebstrap(1), SOURCE_DATE_EPOCH)."""

_EVERYWHERE = (
    *("condor", "supervisor", "python3", "python3-prometheus-client", "python3-setproctitle"),
    # Accounts in files of the submit node's volume, since the root file system is read-only.
    "libnss-extrausers",
    # condor_ssh_to_job: ssh on the submit node, ssh-keygen and sshd on executors. The third is enough for
    # openssh-server, which would bring all of systemd otherwise.
    *("openssh-client", "openssh-server", "systemd-standalone-sysusers"),
)
PACKAGES = {
    Suite.TRIXIE: _EVERYWHERE,
    # Its cryptsetup-bin would bring all of systemd (20 MB), where this package is enough.
    Suite.FORKY: (*_EVERYWHERE, "systemd-standalone-tmpfiles"),
}


@dataclass(frozen=True)
class Stage:
    """One image to build: ``context`` holds its Dockerfile, ``arguments`` what the recipe fixes."""

    name: str
    tag: str
    digest: str
    context: tuple[File, ...]
    arguments: Mapping[str, str]

    def build_spec(
        self, base: str, arguments: Mapping[str, str], labels: Mapping[str, str]
    ) -> BuildSpec:
        """The build on top of ``base``; ``arguments`` and ``labels`` add to the recipe's own."""
        return BuildSpec(
            tag=self.tag,
            context=self.context,
            build_args={**self.arguments, **arguments, "BASE": base},
            labels={**labels, contract.LABEL_RECIPE: self.digest},
        )


@dataclass(frozen=True)
class Recipe:
    """Everything that makes the images of one suite on one kind of base."""

    suite: Suite
    base_kind: BaseKind
    base_tag: str
    base_digest: str
    htcondor: Stage
    node: Stage
    roles: Mapping[Role, Stage]


def plan_recipe(suite: Suite, base_kind: BaseKind) -> Recipe:
    """The recipe as this version of Roost has it."""
    dpkg_config = recipe_file("dpkg.cfg")
    words = [str(suite), str(base_kind), *BOOTSTRAP_OPTIONS, str(BASE_TIME_S)]
    base = digest_of(words, [dpkg_config])
    htcondor = _stage(
        "htcondor",
        suite,
        base,
        (
            recipe_file("htcondor.Dockerfile", DOCKERFILE),
            *as_tree(
                [recipe_file("dpkg.cfg", "etc/dpkg/dpkg.cfg.d/roost"), build_file("finish.py")]
            ),
        ),
        {
            "CONDOR_UID": str(contract.CONDOR_UID),
            "CONDOR_GID": str(contract.CONDOR_GID),
            "PACKAGES": " ".join(PACKAGES[suite]),
        },
    )
    node_context = (
        recipe_file("node.Dockerfile", DOCKERFILE),
        *as_tree(
            [
                *(replace(one, path=f"usr/lib/roost/{one.path}") for one in node_files()),
                recipe_file("roost-node", "usr/local/bin/roost-node", 0o755),
                recipe_file("roost-starter", "usr/local/bin/roost-starter", 0o755),
                build_file("prepare.py"),
                build_file("finish.py"),
            ]
        ),
    )
    node = _stage("node", suite, htcondor.digest, node_context, {})
    role_context = (recipe_file("role.Dockerfile", DOCKERFILE),)
    return Recipe(
        suite,
        base_kind,
        f"roost-base:{suite}-{short(base)}",
        base,
        htcondor,
        node,
        {
            role: _stage(str(role), suite, node.digest, role_context, {"ROLE": str(role)})
            for role in Role
        },
    )


def digest_of(words: Iterable[str], files: Iterable[File]) -> str:
    """SHA-256 over words and over files with path and mode, as hexadecimal digits."""
    digest = hashlib.sha256()
    for word in words:
        digest.update(f"{len(word)} {word}\n".encode())
    for file in sorted(files, key=lambda file: file.path):
        data = file.data.read_bytes() if isinstance(file.data, Path) else file.data or b""
        digest.update(f"{file.path} {file.mode:o} {len(data)}\n".encode())
        digest.update(data)
    return digest.hexdigest()


def short(digest: str) -> str:
    """Enough of a digest for a tag."""
    return digest[:12]


def _stage(
    name: str, suite: Suite, below: str, context: tuple[File, ...], arguments: dict[str, str]
) -> Stage:
    words = [name, below, *(f"{key}={value}" for key, value in sorted(arguments.items()))]
    digest = digest_of(words, context)
    return Stage(name, f"roost-{name}:{suite}-{short(digest)}", digest, context, arguments)
