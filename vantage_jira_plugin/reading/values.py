"""One JSON value to one cell, by the type of its column. Nothing here knows a field or raises."""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from vantage_jira_plugin.adf import to_markdown, to_plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = [
    "Cell",
    "Scalar",
    "boolean",
    "integer",
    "iso_date",
    "listed",
    "member",
    "number",
    "plain_text",
    "text",
    "utc_datetime",
]

Scalar = str | int | float | bool | None
#: What stands in a row: a scalar or a list of scalars.
Cell = Scalar | list[Scalar]

#: Where the readable text of an object is, best first: people, options, named things, issues, files.
_TEXT_KEYS = (
    "displayName",
    "value",
    "name",
    "title",
    "label",
    "key",
    "filename",
    "emailAddress",
    "accountId",
)
#: An object of nothing but these is named by its id.
_ID_KEYS = frozenset({"id", "self", "workspaceId", "objectId"})
#: Between an option and its child, in a cascading select list.
_CHILD_SEPARATOR = " > "
#: Stands for JSON that is nested too deeply to be written.
_TOO_DEEP = "..."
#: `2026-01-31`, alone or at the start of a time.
_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:$|[T ])", re.ASCII)
#: The start of a time to the minute: shorter ISO 8601 forms are dates, not times.
_DATETIME_START = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}", re.ASCII)
#: Larger epochs count milliseconds: as seconds this is the year 5138, as milliseconds March 1973.
_EPOCH_SECONDS_MAX = 100_000_000_000
_MILLISECONDS = 1000
#: How long a time is as Jira writes it, `2026-04-28T15:31:13.533+0200`, and where its parts end.
_JIRA_LENGTH = 28
_MONTH_START, _DAY_END, _HOUR_END, _FRACTION_START, _OFFSET_START = 5, 10, 13, 19, 23
#: Hours with their offset, `T15+0200`, moved to UTC: by how many days, and the hour. Most offsets are whole hours.
_UTC_HOURS = {
    f"T{hour:02d}{offset:+03d}00": ((hour - offset) // 24, f"T{(hour - offset) % 24:02d}")
    for hour in range(24)
    for offset in range(-14, 15)
}
#: Neighbours of days kept: eleven years of them.
_KEPT_DAYS = 4096


def text(value: object) -> str | None:
    """Return what people read for any JSON value; None where there is nothing to read.

    Rich text becomes markdown, an object its name, a list its members with commas between them, and
    anything else compact JSON.
    """
    if isinstance(value, str):
        return value or None
    if isinstance(value, dict):
        return _object_text(value)
    if isinstance(value, list):
        members = (_compact(member) if isinstance(member, list) else text(member) for member in value)
        return ", ".join(member for member in members if member) or None
    return _plain(value)


def plain_text(value: object) -> str | None:
    """Return what `text` does, with rich text as plain text."""
    if isinstance(value, dict) and _is_document(value):
        return to_plain(value) or None
    return text(value)


def member(key: str) -> Callable[[object], str | None]:
    """Return a reader of objects whose readable text stands under this key; of anything else, `text`."""

    def read(value: object) -> str | None:
        if type(value) is dict:
            found = value.get(key)
            if type(found) is str and found:
                return found
        return text(value)

    return read


def integer(value: object) -> int | None:
    """Return a whole number, rounded where Jira gives a fraction; None for what is no number."""
    if type(value) is int:
        return value
    result = number(value)
    return round(result) if isinstance(result, float) else result


def number(value: object) -> int | float | None:
    """Return a finite number; digits in a text count, a boolean does not."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if isinstance(value, int) or math.isfinite(value) else None


def boolean(value: object) -> bool | None:
    """Return a boolean, or None for anything else."""
    return value if isinstance(value, bool) else None


def utc_datetime(text: object) -> str | None:
    """Return a time as `2026-01-31T09:30:00.000Z`; None for what is no time.

    Jira writes `2026-04-28T15:31:13.533+0200`, without a colon in the offset, in the time zone of the
    site; some answers count epoch seconds or milliseconds. A time without an offset is taken as UTC.

    Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/intro/#timestamps
    """
    try:
        if type(text) is str and len(text) == _JIRA_LENGTH and text[_FRACTION_START] == ".":
            found = _UTC_HOURS.get(text[_DAY_END:_HOUR_END] + text[_OFFSET_START:])
            if found is not None and text[_MONTH_START] != "W":  # else a week of the year
                datetime.fromisoformat(text)  # makes sure that there is such a moment
                days, hour = found
                day = _day_beside(text[:_DAY_END], days) if days else text[:_DAY_END]
                return f"{day}{hour}{text[_HOUR_END:_OFFSET_START]}Z"
        if isinstance(text, str):
            if not _DATETIME_START.match(text):
                return None
            moment = datetime.fromisoformat(text)
        else:
            epoch = number(text)
            if epoch is None:
                return None
            seconds = epoch / _MILLISECONDS if abs(epoch) > _EPOCH_SECONDS_MAX else epoch
            moment = datetime.fromtimestamp(seconds, UTC)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError, OSError):  # no such day, or outside the years 1 to 9999
        return None
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


@lru_cache(maxsize=_KEPT_DAYS)
def _day_beside(day: str, days: int) -> str:
    """Return the day so many days later.

    Raises:
        OverflowError: it is outside the years 1 to 9999.
    """
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def iso_date(text: object) -> str | None:
    """Return a day as `2026-01-31`; of a time, the day as it is written. None for what is no day."""
    found = _DATE.match(text) if isinstance(text, str) else None
    if found is None:
        return None
    try:
        return date.fromisoformat(found[1]).isoformat()
    except ValueError:
        return None


def listed(member: Callable[[object], Scalar]) -> Callable[[object], list[Scalar]]:
    """Return a reader of lists that reads each member so and drops the empty ones.

    Nothing at all is an empty list, and a lone value a list of one.
    """

    def read(value: object) -> list[Scalar]:
        members = value if isinstance(value, list) else [value]
        if not members:  # most lists of an issue are
            return []
        return [cell for cell in map(member, members) if cell is not None]

    return read


def _object_text(value: Mapping[str, object]) -> str | None:
    """Return what people read for a JSON object."""
    if _is_document(value):
        return to_markdown(value) or None
    for key in _TEXT_KEYS:
        if key in value and (found := _plain(value[key])):
            child = value.get("child")
            child_text = _object_name(child) if isinstance(child, dict) else None
            return f"{found}{_CHILD_SEPARATOR}{child_text}" if child_text else found
    if "id" in value and value.keys() <= _ID_KEYS:
        return _plain(value["id"])
    return _compact(value) if value else None


def _is_document(value: Mapping[str, object]) -> bool:
    """Tell whether an object is rich text in Atlassian's document format."""
    return value.get("type") == "doc" and isinstance(value.get("content"), list)


def _object_name(value: Mapping[str, object]) -> str | None:
    """Return the name of a JSON object, without its children."""
    return next(filter(None, (_plain(value.get(key)) for key in _TEXT_KEYS)), None)


def _plain(value: object) -> str | None:
    """Return a JSON scalar as text; None for an empty one and for anything else."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return f"{value:.0f}"
    return str(value) if isinstance(value, int | float) else None


def _compact(value: object) -> str | None:
    """Return a value as compact JSON; None where it is empty."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")) if value else None
    except RecursionError:
        return _TOO_DEEP
