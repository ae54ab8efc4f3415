"""The kinds of field that settings and inputs are made of. Nothing here knows what a field is for."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any, Generic, TypedDict, TypeVar, Unpack

from marshmallow import ValidationError, missing
from marshmallow import fields as marshmallow_fields

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Checked", "Common", "Flag", "IsoDate", "Number", "Text", "TextList", "WholeNumber", "kind_of", "texts_of"]

T = TypeVar("T")

_CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_MESSAGES: dict[str, str | list[Any] | dict[Any, Any]] = {
    "required": "is missing",
    "null": "must not be null",
    "validator_failed": "is not valid",
}


class Common(TypedDict, total=False):
    """What every field may be told.

    `refuses_null` says that null is wrong, rather than the same as not given. `metadata` may hold
    `title`, `description` and `examples` for the JSON Schema.
    """

    required: bool
    allow_none: bool
    refuses_null: bool
    load_default: Any
    data_key: str | None
    metadata: Mapping[str, Any]
    error_messages: Mapping[str, str]


class Checked(marshmallow_fields.Field[T], Generic[T]):
    """A field that tells its errors in our words and its JSON Schema."""

    def __init__(self, **common: Unpack[Common]) -> None:
        required = common.get("required", False)
        super().__init__(
            required=required,
            allow_none=common.get("allow_none"),
            data_key=common.get("data_key"),
            metadata=dict(common.get("metadata", {})),
            error_messages={**_MESSAGES, **common.get("error_messages", {})},
            load_default=missing if required else common.get("load_default"),
        )
        self.refuses_null = common.get("refuses_null", False)

    @property
    def takes_null(self) -> bool:
        """Whether null loads: as a value of its own, or because it counts as not given."""
        return self.allow_none or not (self.required or self.refuses_null)

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON Schema of one value."""
        raise NotImplementedError


class Text(Checked[str]):
    """Text of a bounded length, on request of one pattern.

    Args:
        max_length: longest text, in characters.
        pattern: what the whole text must match.
        right: what would be right, in words, for where the pattern is not met.
        lines: whether line breaks are allowed.
        upper: whether small letters are taken for capitals.
    """

    def __init__(
        self,
        *,
        max_length: int,
        min_length: int = 1,
        pattern: str | None = None,
        right: str | None = None,
        lines: bool = False,
        upper: bool = False,
        **common: Unpack[Common],
    ) -> None:
        super().__init__(**common)
        self.max_length = max_length
        self.min_length = min_length
        self.pattern = pattern
        self.right = right
        self.lines = lines
        self.upper = upper

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> str:
        del attr, data
        if not isinstance(value, str):
            raise ValidationError(f"must be text, not {kind_of(value)}")
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

    def __init__(self, **common: Unpack[Common]) -> None:
        super().__init__(max_length=10, pattern=r"\d{4}-\d{2}-\d{2}", right="a date such as 2026-01-31", **common)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> str:
        text = super()._deserialize(value, attr, data)
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            raise ValidationError("must be a day of the calendar") from None


class WholeNumber(Checked[int]):
    """A whole number between two bounds; text of digits counts, since forms send text."""

    def __init__(
        self,
        *,
        minimum: int,
        maximum: int,
        **common: Unpack[Common],
    ) -> None:
        super().__init__(**common)
        self.minimum = minimum
        self.maximum = maximum

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> int:
        del attr, data
        if isinstance(value, str) and re.fullmatch(r"\d{1,18}", value.strip()):
            value = int(value)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise ValidationError(f"must be a whole number, not {kind_of(value)}")
        if not self.minimum <= value <= self.maximum:
            raise ValidationError(f"must be between {self.minimum} and {self.maximum}")
        return value

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON Schema of one value."""
        return {"type": "integer", "minimum": self.minimum, "maximum": self.maximum}


class Number(Checked[float]):
    """A finite number between two bounds."""

    def __init__(
        self,
        *,
        minimum: float,
        maximum: float,
        **common: Unpack[Common],
    ) -> None:
        super().__init__(**common)
        self.minimum = minimum
        self.maximum = maximum

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> float:
        del attr, data
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            raise ValidationError(f"must be a number, not {kind_of(value)}")
        if not self.minimum <= value <= self.maximum:  # NaN is in no bounds
            raise ValidationError(f"must be between {self.minimum:g} and {self.maximum:g}")
        return float(value)

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON Schema of one value."""
        return {"type": "number", "minimum": self.minimum, "maximum": self.maximum}


class Flag(Checked[bool]):
    """True or false; false where it is not given."""

    def __init__(self, **common: Unpack[Common]) -> None:
        common.setdefault("load_default", False)
        super().__init__(**common)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> bool:
        del attr, data
        if not isinstance(value, bool):
            raise ValidationError(f"must be true or false, not {kind_of(value)}")
        return value

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON Schema of one value."""
        return {"type": "boolean"}


class TextList(Checked[list[str]]):
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
        **common: Unpack[Common],
    ) -> None:
        super().__init__(**common)
        self.item = item
        self.max_items = max_items
        self.commas = commas

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> list[str]:
        if self.commas and isinstance(value, str):
            value = [part for part in value.split(",") if part.strip()]
        if not isinstance(value, (list, tuple)):
            text = "a list of texts" + (" or a text with commas" if self.commas else "")
            raise ValidationError(f"must be {text}, not {kind_of(value)}")
        if len(value) > self.max_items:
            raise ValidationError(f"must not have more than {self.max_items} entries; it has {len(value)}")
        texts: list[str] = []
        problems: list[str] = []
        for number, entry in enumerate(value, start=1):
            try:
                texts.append(self.item._deserialize(entry, attr, data))  # noqa: SLF001 - skips None handling
            except ValidationError as error:
                problems += [f"entry {number}: {text}" for text in texts_of(error.messages)]
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


def kind_of(value: object) -> str:
    """Name the type of a value as people do, without quoting the value."""
    names = {bool: "true or false", str: "text", type(None): "null", dict: "an object", list: "a list"}
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return "a number"
    return names.get(type(value), f"a {type(value).__name__}")


def texts_of(messages: Any) -> list[str]:
    """Flatten marshmallow's messages of one field into texts."""
    if isinstance(messages, dict):
        return [f"{name}: {text}" for name, part in messages.items() for text in texts_of(part)]
    if isinstance(messages, (list, tuple)):
        return [text for part in messages for text in texts_of(part)]
    return [str(messages)]
