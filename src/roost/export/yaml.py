"""YAML for people: in the order in which it is best read, with comments."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any

_INDENT = 2
_MERGE = re.compile(r"'<<': '\*(\w+)'")
"""As the library writes a key and a value of these characters. Its own way to such references changes from
release to release."""


class Commented(dict[str, Any]):
    """A mapping whose keys have comments above them."""

    def __init__(self, values: Mapping[str, Any], comments: Mapping[str, str]) -> None:
        super().__init__(values)
        self.comments = comments


class Shared(Commented):
    """A mapping with an anchor, which others take their values from."""

    def __init__(self, anchor: str, values: Mapping[str, Any], comments: Mapping[str, str]) -> None:
        super().__init__(values, comments)
        self.anchor = anchor


class Like(dict[str, Any]):
    """A mapping with all values of a shared one that it does not have itself."""

    def __init__(self, shared: Shared, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self.shared = shared


def render_yaml(head: str, values: Mapping[str, Any]) -> str:
    """The document, with ``head`` as a comment before all of it."""
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.indent(mapping=_INDENT, sequence=2 * _INDENT, offset=_INDENT)
    yaml.width = 100
    text = io.StringIO()
    yaml.dump(_grow(values, 0), text)
    body = _MERGE.sub(r"<<: *\1", text.getvalue())
    return "".join(f"# {line}".rstrip() + "\n" for line in head.splitlines()) + "\n" + body


def _grow(value: Any, depth: int) -> Any:
    """A value as the library has it, ``depth`` levels below the top."""
    from ruamel.yaml.comments import CommentedMap

    if isinstance(value, list | tuple):
        return [_grow(one, depth + 2) for one in value]
    if not isinstance(value, Mapping):
        return value
    merge = {"<<": f"*{value.shared.anchor}"} if isinstance(value, Like) else {}
    made = CommentedMap({key: _grow(one, depth + 1) for key, one in {**merge, **value}.items()})
    if isinstance(value, Commented):
        for key, comment in value.comments.items():
            made.yaml_set_comment_before_after_key(key, before=comment, indent=depth * _INDENT)
    if isinstance(value, Shared):
        made.yaml_set_anchor(value.anchor, always_dump=True)
    return made
