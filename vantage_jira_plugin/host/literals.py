"""What a literal value breaks of an input's JSON Schema, as far as that is simple. Nothing is read or run here.

Only what a schema of an input commonly says is looked at; the plugin has the last word.

Source: https://json-schema.org/draft/2020-12/json-schema-validation
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .arguments import TYPE_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["UNKNOWN", "literal_problems"]

#: Stands for a value that only the run will know; nothing is said of it.
UNKNOWN: Any = object()
#: A text that plugins take for a whole number, since forms and sheets know only texts.
WHOLE_NUMBER = re.compile(r"[0-9]{1,18}")


def literal_problems(value: object, schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with a JSON value, such as `must be integer, not string`.

    Parts that are `UNKNOWN` are taken for good. The words that are looked at: `type`, `enum`, `anyOf`, `oneOf`,
    `minLength`, `maxLength`, `pattern`, `minimum`, `maximum`, `maxItems`, `items`.
    """
    if value is UNKNOWN:
        return
    types = [schema["type"]] if isinstance(schema.get("type"), str) else schema.get("type", [])
    if isinstance(value, str) and "string" not in types:
        if not value.strip() and "null" in types:
            return  # an empty text stands for nothing
        value = int(value) if "integer" in types and WHOLE_NUMBER.fullmatch(value) else value
    kind = _kind(value)
    if types and kind not in types and not (kind == "integer" and "number" in types):
        yield f"must be {' or '.join(types)}, not {kind}"
        return
    if "enum" in schema and not _holds_unknown(value) and not any(_equal(value, one) for one in schema["enum"]):
        yield f"must be one of {', '.join(repr(one) for one in schema['enum'])}, not {value!r}"
        return
    choices = [*schema.get("anyOf", []), *schema.get("oneOf", [])]
    refusals = [list(literal_problems(value, choice)) for choice in choices]
    if refusals and all(refusals):
        yield " or ".join(dict.fromkeys(problems[0] for problems in refusals))
    if isinstance(value, str):
        yield from _text_problems(value, schema)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _number_problems(value, schema)
    elif isinstance(value, list):
        yield from _list_problems(value, schema)


def _text_problems(value: str, schema: Mapping[str, Any]) -> Iterator[str]:
    value = value.strip()  # spaces around a text count for nobody
    least, most = schema.get("minLength"), schema.get("maxLength")
    if least is not None and len(value) < least:
        yield f"must have at least {least} characters, not {len(value)}"
    if most is not None and len(value) > most:
        yield f"must have at most {most} characters, not {len(value)}"
    elif "pattern" in schema and not _matches(schema["pattern"], value):
        yield f"must match {schema['pattern']}, unlike {value!r}"


def _number_problems(value: float, schema: Mapping[str, Any]) -> Iterator[str]:
    if "minimum" in schema and value < schema["minimum"]:
        yield f"must be at least {schema['minimum']}, not {value}"
    if "maximum" in schema and value > schema["maximum"]:
        yield f"must be at most {schema['maximum']}, not {value}"


def _list_problems(value: list[Any], schema: Mapping[str, Any]) -> Iterator[str]:
    if "maxItems" in schema and len(value) > schema["maxItems"]:
        yield f"must have at most {schema['maxItems']} items, not {len(value)}"
    items = schema.get("items")
    if isinstance(items, dict):
        for number, item in enumerate(value, 1):
            yield from (f"item {number} {problem}" for problem in literal_problems(item, items))


def _kind(value: object) -> str:
    """Return JSON Schema's name of a value's type; a number without fraction is an integer."""
    if isinstance(value, float) and value.is_integer():
        return "integer"
    return "null" if value is None else TYPE_NAMES.get(type(value), type(value).__name__)


def _equal(one: object, other: object) -> bool:
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _holds_unknown(value: object) -> bool:
    if isinstance(value, dict):
        return any(_holds_unknown(inner) for inner in value.values())
    return any(_holds_unknown(inner) for inner in value) if isinstance(value, list) else value is UNKNOWN


def _matches(pattern: str, value: str) -> bool:
    try:
        return re.search(pattern, value) is not None
    except re.error:
        return True  # written in a dialect that Python does not read
