"""A time line in characters: which executor ran which job when."""

from __future__ import annotations

from collections.abc import Sequence

from roost.demo import Part

_WIDTH = 60
_FILLS = {True: "█▓▒░", False: "#=*+"}


def render_timeline(parts: Sequence[Part], *, unicode: bool, width: int = _WIDTH) -> str:
    """One line for each slot of each executor; neighbours differ in their filling."""
    began = min(part.started for part in parts)
    took_s = max(part.ended for part in parts) - began
    scale = width / took_s if took_s > 0 else 0.0
    lanes = _lanes(parts)
    name_width = max(len(name) for name, _ in lanes)
    lines = []
    for name, lane in lanes:
        drawn = [" "] * width
        for number, part in enumerate(lane):
            first = min(width - 1, int((part.started - began) * scale))
            last = min(width, max(first + 1, int((part.ended - began) * scale)))
            fill = _FILLS[unicode][number % 4]
            drawn[first:last] = fill * (last - first)
        lines.append(f"{name:{name_width}}  {''.join(drawn)}".rstrip())
    ruler = "0 s".ljust(width - 6) + f"{took_s:.1f} s".rjust(6)
    return "\n".join([*lines, f"{'':{name_width}}  {ruler}"])


def _lanes(parts: Sequence[Part]) -> list[tuple[str, list[Part]]]:
    """The parts of each executor, in as many rows as it ran parts at once."""
    lanes: list[tuple[str, list[Part]]] = []
    for part in sorted(parts, key=lambda one: (len(one.executor), one.executor, one.started)):
        for name, lane in lanes:
            if name == part.executor and lane[-1].ended <= part.started:
                lane.append(part)
                break
        else:
            lanes.append((part.executor, [part]))
    return lanes
