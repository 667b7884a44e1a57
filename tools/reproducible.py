"""Build the images twice, with the packages of today, and compare their layers (``make reproducible``).

Takes two builds from nothing: minutes. Without ``--engine`` it takes the one that is found.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
from pathlib import Path

from roost.contract import Role
from roost.engines.detect import open_engine
from roost.engines.protocol import Engine
from roost.engines.sdk import SdkEngine
from roost.events import Event, Phase
from roost.images import ensure_derived, ensure_images
from roost.spec import Suite
from tools.compare_layers import differences, layer_digests

KNOWN = re.compile(r"layer \d+: run: mtime \S+ \S+")
"""The difference that docs/decisions/images.md names, which is the engine's own."""


def build(engine: Engine, options: argparse.Namespace, directory: Path) -> dict[str, Path]:
    """Build everything anew; the saved images by what they are."""
    images = ensure_images(
        engine,
        options.suite,
        bootstrap=options.bootstrap,
        refresh=True,
        allow_expired_release=options.allow_expired_release,
        report=_tell,
    )
    references = {role.value: images[role].reference for role in Role}
    if options.apt or options.pip:
        derived = ensure_derived(
            engine,
            images,
            apt=options.apt,
            pip=options.pip,
            allow_expired_release=options.allow_expired_release,
            report=_tell,
        )
        references["execute with software"] = derived[Role.EXECUTE].reference
    saved = {}
    for number, (name, reference) in enumerate(references.items()):
        saved[name] = directory / f"{number}.tar"
        save(engine, reference, saved[name])
    return saved


def save(engine: Engine, reference: str, file: Path) -> None:
    """Write an image to a file, as the engine's ``save`` does."""
    assert isinstance(engine, SdkEngine)
    response = engine._connection.request(
        "GET", f"/images/{reference}/get", f"saving {reference}", stream=True, timeout_s=600
    )
    with response, file.open("wb") as target:
        for block in response.iter_content(1024 * 1024):
            target.write(block)


def main() -> int:
    """1 where a layer differs otherwise than is known, with one line for each difference."""
    options = _options()
    engine = open_engine(options.engine, os.environ)
    different = False
    with tempfile.TemporaryDirectory(prefix="roost-reproducible-", dir=options.directory) as top:
        builds = []
        for name in ("first", "second"):
            directory = Path(top, name)
            directory.mkdir()
            builds.append(build(engine, options, directory))
        for name in builds[0]:
            one, other = builds[0][name], builds[1][name]
            lines = differences(one, other)
            different = different or not all(KNOWN.fullmatch(line) for line in lines)
            layers = " ".join(digest[:12] for digest in layer_digests(one))
            sys.stdout.write(f"{name}: {len(lines)} differences; layers {layers}\n")
            sys.stdout.writelines(f"  {line}\n" for line in lines)
    engine.close()
    return 1 if different else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=["docker", "podman"])
    parser.add_argument("--suite", type=Suite, default=Suite.TRIXIE)
    parser.add_argument("--bootstrap", action=argparse.BooleanOptionalAction)
    parser.add_argument("--allow-expired-release", action="store_true")
    parser.add_argument("--apt", action="append", default=[])
    parser.add_argument("--pip", action="append", default=[])
    parser.add_argument("--directory", help="where the saved images are kept (default: TMPDIR)")
    return parser.parse_args()


def _tell(event: Event) -> None:
    if event.phase is not Phase.PROGRESS:
        sys.stderr.write(f"{event.phase.value} {event.step}: {event.detail}\n")


if __name__ == "__main__":
    sys.exit(main())
