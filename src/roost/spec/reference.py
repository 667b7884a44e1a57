"""The reference of the pool file, rendered from the schema that reads it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from roost.spec.explain import table_type
from roost.spec.schema import PoolFile

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

_INTRODUCTION = """\
# The pool file

`roost up -f roost.toml` makes the pool what the file says; run it again after each change. Flags of
the command line win over the file. Unknown keys are refused, and every problem is reported at once
with its line.

The file is [TOML](https://toml.io). The smallest one is `version = 1`; a whole one is
[examples/roost.toml](examples/roost.toml).

<!-- Written by `make docs` from src/roost/spec/schema.py: change it there. -->
"""

_TYPE_NAMES: dict[Any, str] = {str: "text", int: "whole number", bool: "true or false"}


def render_reference() -> str:
    """The whole page, in Markdown."""
    return "\n".join([_INTRODUCTION, "## Top level\n", *_table(PoolFile, "", _document(PoolFile))])


def _table(model: type[BaseModel], path: str, about: str) -> Iterator[str]:
    yield f"{about}\n"
    plain = {name: f for name, f in model.model_fields.items() if not table_type(f.annotation)}
    yield "| key | type | default | meaning |\n|---|---|---|---|"
    for name, field in plain.items():
        yield f"| `{name}` | {_type_name(field)} | {_default(field)} | {field.description} |"
    yield ""
    for name, field in model.model_fields.items():
        if inner := table_type(field.annotation):
            inner_path = f"{path}.{name}" if path else name
            is_list = get_origin(field.annotation) is list
            yield f"## `[[{inner_path}]]`\n" if is_list else f"## `[{inner_path}]`\n"
            yield from _table(inner, inner_path, field.description or _document(inner))


def _document(model: type[BaseModel]) -> str:
    return " ".join((model.__doc__ or "").split())


def _type_name(field: FieldInfo) -> str:
    extra = field.json_schema_extra
    if isinstance(extra, dict) and "type_name" in extra:
        return str(extra["type_name"])
    return _annotation_name(field.annotation)


def _annotation_name(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return " or ".join(_toml(value) for value in arguments)
    if origin is list:
        return f"list of {_annotation_name(arguments[0])}s".replace("`s", "`")
    if annotation in _TYPE_NAMES:
        return _TYPE_NAMES[annotation]
    return _annotation_name(arguments[0])  # Annotated[type, checks...]


def _default(field: FieldInfo) -> str:
    extra = field.json_schema_extra
    if isinstance(extra, dict) and "default_text" in extra:
        return f"`{extra['default_text']}`"
    return "required" if field.is_required() else _toml(field.default)


def _toml(value: object) -> str:
    """A value as it is written in TOML, as code."""
    if isinstance(value, list):
        items = (_toml(item).strip("`") for item in value)
        return f"`[{', '.join(items)}]`"
    text = f'"{value}"' if isinstance(value, str) else str(value).lower()
    return f"`{text}`"
