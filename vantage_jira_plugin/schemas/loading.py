"""Loads data into a schema, every error told at once, and says what a schema accepts as JSON Schema."""

from __future__ import annotations

import difflib
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, ValidationError

from .fields import Checked, texts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["UNCHANGED", "declared", "json_schema", "load", "nearest"]


class _Unchanged(Enum):
    UNCHANGED = "unchanged"

    def __bool__(self) -> bool:
        return False


#: Default of inputs where leaving out and null mean different things.
UNCHANGED = _Unchanged.UNCHANGED


def nearest(name: object, known: Iterable[str]) -> str:
    """Return a hint at the known name that a wrong one was meant to be."""
    names = sorted(known)
    folded = {candidate.casefold(): candidate for candidate in names}
    close = difflib.get_close_matches(str(name).casefold(), list(folded), n=1, cutoff=0.6)
    return f"did you mean {folded[close[0]]}?" if close else f"known are: {', '.join(names)}"


@cache
def _instance(schema: type[Schema]) -> Schema:
    """Return the one instance of a schema; making one copies every field."""
    return schema()


@cache
def declared(schema: type[Schema]) -> Mapping[str, Checked[Any]]:
    """Return the fields of a schema by their name outside."""
    found: dict[str, Checked[Any]] = {}
    for name, field in _instance(schema).fields.items():
        if not isinstance(field, Checked):
            raise TypeError(f"{schema.__name__}.{name} is no field of ours")
        found[field.data_key or name] = field
    return found


def load(schema: type[Schema], values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """Check values against a schema: return `(loaded values, errors by field)`, one of them empty.

    Every wrong field is told at once, unknown names with the nearest known one. An optional field
    counts as not given where it is an empty text (what the host's forms send for it), or null where
    null means nothing.
    """
    known = declared(schema)
    errors: dict[str, list[str]] = {
        str(name): [f"is unknown; {nearest(name, known)}"] for name in values if name not in known
    }
    given = {
        name: value
        for name, value in values.items()
        if name in known and (known[name].required or not _is_nothing(value, known[name]))
    }
    try:
        loaded = _instance(schema).load(given)
    except ValidationError as error:
        # The error itself goes no further: its `data` holds the raw values, secrets among them.
        messages = error.messages if isinstance(error.messages, dict) else {"_schema": error.messages}
        errors |= {str(name): texts_of(texts) for name, texts in messages.items()}
        loaded = {}
    return ({}, errors) if errors else (dict(loaded), {})


def _is_nothing(value: Any, field: Checked[Any]) -> bool:
    if value is None:
        return not field.allow_none and field.takes_null
    return isinstance(value, str) and not value.strip()


def json_schema(schema: type[Schema]) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of an object that a schema accepts."""
    properties: dict[str, Any] = {}
    for name, field in declared(schema).items():
        described: dict[str, Any] = field.json_schema()
        if field.takes_null:
            kinds = described.get("type", [])
            described["type"] = [*([kinds] if isinstance(kinds, str) else kinds), "null"]
        for key in ("title", "description", "examples"):
            if key in field.metadata:
                described[key] = field.metadata[key]
        default = field.load_default
        if not field.required and default is not UNCHANGED and default not in (None, ()):
            described["default"] = list(default) if isinstance(default, tuple) else default
        properties[name] = described
    required: Sequence[str] = [name for name, field in declared(schema).items() if field.required]
    result: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    if required:
        result["required"] = list(required)
    return result
