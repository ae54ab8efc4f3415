"""`name=value` from a command line as typed values, by the schema of each input. No commands live here."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .errors import HostError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["assignments", "misfit", "schema_of", "typed_value"]

#: How an input is written, for whoever wrote one otherwise.
INPUT_EXAMPLE = "--input summary='Login fails'"
#: JSON Schema's names for what `json.loads` returns.
TYPE_NAMES = {dict: "object", list: "array", bool: "boolean", int: "integer", float: "number", str: "string"}


def assignments(
    texts: Iterable[str], schema: Mapping[str, Any], *, noun: str = "input", example: str = INPUT_EXAMPLE
) -> dict[str, Any]:
    """Return `{name: value}` of `name=value` texts; `schema` is that of the object they are properties of.

    `noun` is what one of them is called in messages.

    Raises:
        HostError: a text has no `=`, or a name comes twice.
    """
    values: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            article = "an" if noun[0] in "aeiou" else "a"
            raise HostError(f"{article} {noun} is written name=value", hint=example)
        if name in values:
            raise HostError(f"{noun} {name!r} is given twice", hint="a list is written a,b or as JSON")
        values[name] = typed_value(value, schema_of(name, schema))
    return values


def schema_of(name: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema of one input; `{}` where it is unknown."""
    found = schema.get("properties", {}).get(name, {})
    return found if isinstance(found, dict) else {}


def typed_value(text: str, schema: Mapping[str, Any]) -> Any:
    """Return the value that a text stands for, as far as the schema allows it; else the text itself.

    A list may be written `a,b`. What does not fit stays text, so that the plugin names the input.
    """
    allowed = _types(schema)
    list_only = "array" in allowed and "string" not in allowed
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return _split(text, schema) if list_only else text
    kind = _kind(value)
    if kind == "string" and "string" in allowed:
        return text
    if not allowed or kind in allowed or (kind == "integer" and "number" in allowed):
        return value
    return _split(text, schema) if list_only else text


def misfit(value: object, schema: Mapping[str, Any]) -> str | None:
    """Return what a value must be instead, where its type or the schema's list of values forbids it."""
    allowed, kind = _types(schema), _kind(value)
    if allowed == {"boolean"} and kind != "boolean":
        return "must be true or false"
    if allowed and kind not in allowed and not (kind == "integer" and "number" in allowed):
        return f"must be {' or '.join(sorted(allowed))}"
    if "enum" in schema and value not in schema["enum"]:
        return f"must be one of {', '.join(str(one) for one in schema['enum'])}"
    return None


def _kind(value: object) -> str:
    return "null" if value is None else TYPE_NAMES[type(value)]


def _split(text: str, schema: Mapping[str, Any]) -> list[Any]:
    items = schema.get("items", {})
    return [typed_value(item.strip(), items) for item in text.split(",") if item.strip()]


def _types(schema: Mapping[str, Any]) -> set[str]:
    """Return the JSON types that a schema allows; empty where it allows all."""
    named = schema.get("type", [])
    types = {named} if isinstance(named, str) else set(named)
    for word in ("anyOf", "oneOf"):
        for choice in schema.get(word, []):
            types |= _types(choice)
    if not types and "enum" in schema:
        types = {TYPE_NAMES[type(value)] for value in schema["enum"] if value is not None}
    return types


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")
