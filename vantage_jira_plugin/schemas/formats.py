"""Kinds of field whose text has a format: moments, files as base64. Nothing here knows what a field is for."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Unpack

from marshmallow import ValidationError

from .fields import Checked, kind_of

if TYPE_CHECKING:
    from .fields import Common

__all__ = ["Base64", "Moment"]

#: ISO 8601 with a time to the minute at least, and a zone, whose colon may be left out.
_MOMENT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})"
_MOMENT_LENGTH = 40
#: Base64 writes three bytes with four characters.
_BASE64_BYTES, _BASE64_CHARACTERS = 3, 4
#: How much longer base64 may be for its line breaks: a line has 64 characters at least.
#: Source: https://www.rfc-editor.org/rfc/rfc7468#section-2
_LINE_BREAKS = 2 / 64


class Moment(Checked[datetime]):
    """A moment, as ISO 8601 writes it with its zone; loads in UTC."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> datetime:
        del attr, data
        if not isinstance(value, str):
            raise ValidationError(f"must be text, not {kind_of(value)}")
        if not value.strip():
            raise ValidationError("must not be empty")
        try:
            if not re.fullmatch(_MOMENT, value.strip()):
                raise ValueError  # noqa: TRY301 - told as a day that is not in the calendar
            return datetime.fromisoformat(value.strip()).astimezone(UTC)
        except (ValueError, OverflowError):
            raise ValidationError("must be a moment with its time zone, such as 2026-01-31T09:30:00+01:00") from None

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON Schema of one value; an empty one stands for an optional value that is not given."""
        return {"type": "string", "maxLength": _MOMENT_LENGTH, "pattern": f"^(?:{_MOMENT})?$"}


class Base64(Checked[bytes]):
    """A file as base64, with or without line breaks; loads as bytes.

    Args:
        max_bytes: largest file.
    """

    def __init__(self, *, max_bytes: int, **common: Unpack[Common]) -> None:
        super().__init__(**common)
        self.max_bytes = max_bytes

    @property
    def max_length(self) -> int:
        """Longest text, in characters."""
        return int(-(-self.max_bytes // _BASE64_BYTES) * _BASE64_CHARACTERS * (1 + _LINE_BREAKS))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> bytes:
        del attr, data
        if not isinstance(value, str):
            raise ValidationError(f"must be text, not {kind_of(value)}")
        too_large = ValidationError(f"must not be a file of more than {self.max_bytes:,} bytes")
        if len(value) > self.max_length:
            raise too_large
        try:
            content = base64.b64decode("".join(value.split()), validate=True)
        except (binascii.Error, ValueError):
            raise ValidationError("must be base64") from None
        if not content:
            raise ValidationError("must not be empty")
        if len(content) > self.max_bytes:
            raise too_large
        return content

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON Schema of one value; an empty one stands for an optional value that is not given."""
        return {"type": "string", "contentEncoding": "base64", "maxLength": self.max_length}
