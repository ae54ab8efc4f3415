"""Points in time as Jira writes and reads them. No Jira state lives here."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

__all__ = ["date_or_none", "epoch_or_none", "jira_date", "jira_datetime"]

#: A date and time as the API takes them: `2026-01-15T09:00:00.000+0000`, fraction and colon optional.
_DATETIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,6})?(?:(Z)|([+-]\d\d):?(\d\d))", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def jira_datetime(at: float, zone: ZoneInfo) -> str:
    """Return an instant as `2026-04-28T15:41:27.114+0200`: milliseconds, offset without a colon."""
    moment = datetime.fromtimestamp(at, zone)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}{moment:%z}"


def jira_date(at: float, zone: ZoneInfo) -> str:
    """Return the day of an instant as `2026-04-28`."""
    return f"{datetime.fromtimestamp(at, zone):%Y-%m-%d}"


def epoch_or_none(text: str) -> float | None:
    """Return the epoch seconds of a date and time with an offset, or None where it is none."""
    found = _DATETIME.fullmatch(text)
    if found is None:
        return None
    day, fraction, utc, hours, minutes = found.groups()
    offset = "+00:00" if utc else f"{hours}:{minutes}"
    try:
        return datetime.fromisoformat(f"{day}{(fraction or '.0').ljust(7, '0')}{offset}").timestamp()
    except (ValueError, OverflowError):
        return None


def date_or_none(text: str) -> str | None:
    """Return the text where it is a day of the calendar (`2026-04-28`), else None."""
    if _DATE.fullmatch(text) is None:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None
