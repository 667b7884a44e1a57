"""Image builds over the classic build API, which needs no plug-in and no client program."""

# ruff: noqa: D102 -- roost.engines.protocol.Engine says what each method does

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from roost.engines.api import tarring
from roost.engines.api.connection import LONG_ANSWER_TIMEOUT_S
from roost.engines.api.failures import build_hint
from roost.engines.api.images import ImageCalls, messages
from roost.engines.protocol import BuildSpec, Image
from roost.errors import EngineError, EngineUnavailableError, ImageBuildError, NotFoundError

if TYPE_CHECKING:
    from requests import Response

_TAIL_LINES = 30
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
"""Docker's classic builder prints what comes from stderr in red."""


class BuildCalls(ImageCalls):
    """The part of an engine that builds images."""

    def build_image(self, spec: BuildSpec, on_output: Callable[[str], None]) -> Image:
        tail: deque[str] = deque(maxlen=_TAIL_LINES)
        try:
            response = self._start_build(spec)
            try:
                with self._connection.doing(f"building {spec.tag}"):
                    for line in output_lines(messages(response)):
                        tail.append(line)
                        on_output(line)
            finally:
                # An engine ends a build whose listener is gone; left to the garbage collector, an
                # interrupted one would go on for as long as its traceback lives.
                response.close()
        except EngineUnavailableError:
            raise
        except (EngineError, NotFoundError) as error:
            text = "\n".join(tail)
            raise ImageBuildError(
                error.message,
                hint=build_hint(f"{text}\n{error.message}") or error.hint,
                log_tail=text,
            ) from error
        return self._get_image(spec.tag)

    def _start_build(self, spec: BuildSpec) -> Response:
        return self._connection.request(
            "POST",
            "/build",
            f"building {spec.tag}",
            params={
                "t": self._local_name(spec.tag),
                "rm": 1,
                "forcerm": 1,
                "buildargs": json.dumps(dict(spec.build_args)),
                "labels": json.dumps(dict(spec.labels)),
            },
            data=tarring.tar_stream(spec.context),
            headers={"Content-Type": "application/x-tar"},
            stream=True,
            timeout_s=LONG_ANSWER_TIMEOUT_S,
        )


def output_lines(messages: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Whole lines of the build's output. Raises :class:`EngineError` for the message that ends
    it."""
    begun = ""
    for message in messages:
        if "error" in message:
            if begun:
                yield begun
            raise EngineError(f"the build failed: {str(message['error']).strip()}")
        begun += _COLOURS.sub("", str(message.get("stream") or ""))
        *whole, begun = re.split(r"\r?\n", begun)
        yield from (line for line in whole if line.strip())
    if begun.strip():
        yield begun
