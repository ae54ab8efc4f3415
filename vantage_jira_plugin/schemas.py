"""Declares and checks data from outside: field types, one way to load a schema, its JSON Schema.

Settings and action inputs are both marshmallow schemas made of these fields. Nothing here knows
what a field is for.
"""

from __future__ import annotations

import difflib
import re
from datetime import date
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, ValidationError, fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = [
    "UNCHANGED",
    "Flag",
    "IsoDate",
    "Number",
    "Text",
    "TextList",
    "WholeNumber",
    "declared",
    "json_schema",
    "load",
    "nearest",
]


class _Unchanged(Enum):
    UNCHANGED = "unchanged"

    def __bool__(self) -> bool:
        return False


#: Default of inputs where leaving out and null mean different things.
UNCHANGED = _Unchanged.UNCHANGED

_CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def nearest(name: object, known: Iterable[str]) -> str:
    """Return a hint at the known name that a wrong one was meant to be."""
    names = sorted(known)
    folded = {candidate.casefold(): candidate for candidate in names}
    close = difflib.get_close_matches(str(name).casefold(), list(folded), n=1, cutoff=0.6)
    return f"did you mean {folded[close[0]]}?" if close else f"known are: {', '.join(names)}"


class Text(fields.Field[str]):
    """Text of a bounded length, on request of one pattern.

    Args:
        max_length: longest text, in characters.
        pattern: what the whole text must match.
        right: what would be right, in words, for where the pattern is not met.
        lines: whether line breaks are allowed.
        upper: whether small letters are taken for capitals.
        refuses_null: whether null is wrong, rather than the same as not given.
    """

    json_type = "string"

    def __init__(
        self,
        *,
        max_length: int,
        min_length: int = 1,
        pattern: str | None = None,
        right: str | None = None,
        lines: bool = False,
        upper: bool = False,
        refuses_null: bool = False,
        required: bool = False,
        allow_none: bool | None = None,
        load_default: Any = None,
        data_key: str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(
            required=required,
            allow_none=allow_none,
            data_key=data_key,
            metadata=dict(metadata or {}),
            error_messages=_MESSAGES,
            **_default(load_default, required=required),
        )
        self.max_length = max_length
        self.min_length = min_length
        self.pattern = pattern
        self.right = right
        self.lines = lines
        self.upper = upper
        self.refuses_null = refuses_null

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> str:
        del attr, data
        if not isinstance(value, str):
            raise ValidationError(f"must be text, not {_kind(value)}")
        text = value if self.lines else value.strip()
        if not text.strip():
            raise ValidationError("must not be empty")
        if len(text) < self.min_length:
            raise ValidationError(f"must have at least {self.min_length} characters; it has {len(text)}")
        if len(text) > self.max_length:
            raise ValidationError(f"must not be longer than {self.max_length} characters; it has {len(text)}")
        if _CONTROL_CHARACTERS.search(text):
            raise ValidationError("must not contain control characters")
        if not self.lines and ("\n" in text or "\r" in text):
            raise ValidationError("must be one line")
        if self.upper and text.isascii():
            text = text.upper()
        if self.pattern is not None and not re.fullmatch(self.pattern, text):
            raise ValidationError(f"must be {self.right}")
        return text

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON Schema of one value; an empty one stands for an optional value that is not given."""
        return self.text_schema(may_be_empty=not self.required)

    def text_schema(self, *, may_be_empty: bool) -> dict[str, Any]:
        """Return the JSON Schema of one text."""
        schema: dict[str, Any] = {"type": "string", "maxLength": self.max_length}
        if not may_be_empty:
            schema["minLength"] = self.min_length
        if self.pattern is not None:
            letters = self.pattern.replace("A-Z", "A-Za-z") if self.upper else self.pattern
            schema["pattern"] = f"^(?:{letters})?$" if may_be_empty else f"^(?:{letters})$"
        elif not may_be_empty:
            schema["pattern"] = r"\S"
        return schema


class IsoDate(Text):
    """A day, as ISO 8601 writes it."""

    def __init__(
        self,
        *,
        refuses_null: bool = False,
        allow_none: bool | None = None,
        load_default: Any = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(
            max_length=10,
            pattern=r"\d{4}-\d{2}-\d{2}",
            right="a date such as 2026-01-31",
            refuses_null=refuses_null,
            allow_none=allow_none,
            load_default=load_default,
            metadata=metadata,
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> str:
        text = super()._deserialize(value, attr, data)
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            raise ValidationError("must be a day of the calendar") from None


class WholeNumber(fields.Field[int]):
    """A whole number between two bounds; text of digits counts, since forms send text."""

    def __init__(
        self,
        *,
        minimum: int,
        maximum: int,
        load_default: int | None = None,
        data_key: str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(
            load_default=load_default,
            data_key=data_key,
            metadata=dict(metadata or {}),
            error_messages=_MESSAGES,
        )
        self.minimum = minimum
        self.maximum = maximum

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> int:
        del attr, data
        if isinstance(value, str) and re.fullmatch(r"\d{1,18}", value.strip()):
            value = int(value)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise ValidationError(f"must be a whole number, not {_kind(value)}")
        if not self.minimum <= value <= self.maximum:
            raise ValidationError(f"must be between {self.minimum} and {self.maximum}")
        return value

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON Schema of one value."""
        return {"type": "integer", "minimum": self.minimum, "maximum": self.maximum}


class Number(fields.Field[float]):
    """A finite number between two bounds."""

    def __init__(
        self,
        *,
        minimum: float,
        maximum: float,
        allow_none: bool = True,
        data_key: str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(
            load_default=None,
            allow_none=allow_none,
            data_key=data_key,
            metadata=dict(metadata or {}),
            error_messages=_MESSAGES,
        )
        self.minimum = minimum
        self.maximum = maximum

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> float:
        del attr, data
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            raise ValidationError(f"must be a number, not {_kind(value)}")
        if not self.minimum <= value <= self.maximum:  # NaN is in no bounds
            raise ValidationError(f"must be between {self.minimum:g} and {self.maximum:g}")
        return float(value)

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON Schema of one value."""
        return {"type": "number", "minimum": self.minimum, "maximum": self.maximum}


class Flag(fields.Field[bool]):
    """True or false."""

    def __init__(
        self,
        *,
        load_default: bool = False,
        data_key: str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(
            load_default=load_default,
            data_key=data_key,
            metadata=dict(metadata or {}),
            error_messages=_MESSAGES,
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> bool:
        del attr, data
        if not isinstance(value, bool):
            raise ValidationError(f"must be true or false, not {_kind(value)}")
        return value

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON Schema of one value."""
        return {"type": "boolean"}


class TextList(fields.Field[list[str]]):
    """A list of texts, each checked by one field; duplicates are dropped, order is kept.

    Args:
        item: the field of one text.
        max_items: longest list.
        commas: whether one text with commas is taken as a list.
    """

    def __init__(
        self,
        item: Text,
        *,
        max_items: int,
        commas: bool = False,
        refuses_null: bool = False,
        allow_none: bool | None = None,
        load_default: Any = None,
        data_key: str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(
            load_default=load_default,
            allow_none=allow_none,
            data_key=data_key,
            metadata=dict(metadata or {}),
            error_messages=_MESSAGES,
        )
        self.item = item
        self.max_items = max_items
        self.commas = commas
        self.refuses_null = refuses_null

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> list[str]:
        if self.commas and isinstance(value, str):
            value = [part for part in value.split(",") if part.strip()]
        if not isinstance(value, (list, tuple)):
            text = "a list of texts" + (" or a text with commas" if self.commas else "")
            raise ValidationError(f"must be {text}, not {_kind(value)}")
        if len(value) > self.max_items:
            raise ValidationError(f"must not have more than {self.max_items} entries; it has {len(value)}")
        texts: list[str] = []
        problems: list[str] = []
        for number, entry in enumerate(value, start=1):
            try:
                texts.append(self.item._deserialize(entry, attr, data))  # noqa: SLF001 - skips None handling
            except ValidationError as error:
                problems += [f"entry {number}: {text}" for text in _texts(error.messages)]
        if problems:
            raise ValidationError(problems)
        return list(dict.fromkeys(texts))

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON Schema of one value."""
        schema: dict[str, Any] = {
            "type": "array",
            "items": self.item.text_schema(may_be_empty=False),
            "maxItems": self.max_items,
        }
        if self.commas:
            schema["type"] = ["array", "string"]
        return schema


_MESSAGES: dict[str, str | list[Any] | dict[Any, Any]] = {
    "required": "is missing",
    "null": "must not be null",
    "validator_failed": "is not valid",
}


def _default(load_default: Any, *, required: bool) -> dict[str, Any]:
    return {} if required else {"load_default": load_default}


def _kind(value: object) -> str:
    """Name the type of a value as people do, without quoting the value."""
    names = {bool: "true or false", str: "text", type(None): "null", dict: "an object", list: "a list"}
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return "a number"
    return names.get(type(value), f"a {type(value).__name__}")


def _texts(messages: Any) -> list[str]:
    """Flatten marshmallow's messages of one field into texts."""
    if isinstance(messages, dict):
        return [f"{name}: {text}" for name, part in messages.items() for text in _texts(part)]
    if isinstance(messages, (list, tuple)):
        return [text for part in messages for text in _texts(part)]
    return [str(messages)]


@cache
def _instance(schema: type[Schema]) -> Schema:
    """Return the one instance of a schema; making one copies every field."""
    return schema()


@cache
def declared(schema: type[Schema]) -> Mapping[str, fields.Field[Any]]:
    """Return the fields of a schema by their name outside."""
    return {field.data_key or name: field for name, field in _instance(schema).fields.items()}


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
        errors |= {str(name): _texts(texts) for name, texts in messages.items()}
        loaded = {}
    return ({}, errors) if errors else (dict(loaded), {})


def _is_nothing(value: Any, field: fields.Field[Any]) -> bool:
    if value is None:
        return not field.allow_none and _takes_null(field)
    return isinstance(value, str) and not value.strip()


def _takes_null(field: fields.Field[Any]) -> bool:
    """Tell whether null loads: as a value of its own, or because it counts as not given."""
    return field.allow_none or not (field.required or getattr(field, "refuses_null", False))


def json_schema(schema: type[Schema]) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of an object that a schema accepts."""
    properties: dict[str, Any] = {}
    for name, field in declared(schema).items():
        described: dict[str, Any] = field.json_schema()  # type: ignore[attr-defined] # every field here has it
        if _takes_null(field):
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
