"""Building one image of a recipe, told as one step."""

from __future__ import annotations

from dataclasses import dataclass

from roost.engines.protocol import BuildSpec, Engine, Image
from roost.errors import ImageBuildError
from roost.events import Reporter, step
from roost.images import diagnosis
from roost.images.buildlog import VersionReader, telling


@dataclass(frozen=True)
class Built:
    """A built image, and the version reader that listened to its build."""

    image: Image
    versions: VersionReader


def build_stage(
    engine: Engine, name: str, spec: BuildSpec, report: Reporter, *, detail: str
) -> Built:
    """Build the image and tell what goes on. The :class:`ImageBuildError` names the cause."""
    versions = VersionReader()
    with step(report, name, detail) as update:
        tell = telling(update)

        def take(line: str) -> None:
            tell(line)
            versions.read(line)

        try:
            image = engine.build_image(spec, take)
        except ImageBuildError as error:
            log = f"{error.log_tail}\n{error.message}"
            raise diagnosis.explain(f"the image {name}", log, otherwise=error.hint) from error
        update(detail)
        return Built(image, versions)
