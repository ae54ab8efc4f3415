"""One cell as a column of a file can hold it, and whether something of it is lost. No file formats."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vantage_jira_plugin.contract import ColumnType

__all__ = ["as_text", "fitted", "printable"]

#: The whole numbers that a 64-bit column holds.
_LEAST_INTEGER, _GREATEST_INTEGER = -(2**63), 2**63 - 1
#: Stands for a character that no text can hold.
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def printable(text: str) -> str:
    """Return a text with half characters (lone surrogates, which JSON can hold and UTF-8 cannot) replaced."""
    return "".join(_REPLACEMENT if "\ud800" <= letter <= "\udfff" else letter for letter in text)


def as_text(value: object) -> str:
    """Return any cell as text: texts as they are, everything else as JSON."""
    if isinstance(value, str):
        return printable(value)
    return printable(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def fitted(value: object, kind: ColumnType) -> tuple[object, bool]:
    """Return a cell for a typed column, and whether it fits; where it does not, the cell is None.

    Columns of text take anything, as text, and lists take the text of each member, a lone value as a list of one. A
    whole number fits a column of numbers; a fraction fits no column of whole numbers, and a number no boolean.
    Datetimes become aware moments, dates days.
    """
    if value is None:
        return ([] if kind == "list" else None), True
    found: object
    match kind:
        case "string":
            return as_text(value), True
        case "list":
            members = value if isinstance(value, list) else [value]
            return [None if member is None else as_text(member) for member in members], True
        case "integer" | "number":
            found = _number(value, whole=kind == "integer")
        case "boolean":
            found = value if isinstance(value, bool) else None
        case "datetime" | "date":
            found = _moment(value) if kind == "datetime" else _day(value)
    return found, found is not None


def _number(value: object, *, whole: bool) -> int | float | None:
    """Return a number that the column holds exactly, or as exactly as a double can."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not whole:
        try:
            double = float(value)
        except OverflowError:
            return None
        return double if math.isfinite(double) else None
    if isinstance(value, float):
        if not value.is_integer():
            return None
        value = int(value)
    return value if _LEAST_INTEGER <= value <= _GREATEST_INTEGER else None


def _moment(value: object) -> datetime | None:
    """Return an ISO 8601 time in UTC; one without an offset is taken as UTC."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        if moment is None:
            return None
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _day(value: object) -> date | None:
    """Return an ISO 8601 day."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
