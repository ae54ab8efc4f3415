"""Points in time, and lengths of time, as Jira writes and reads them. No Jira state lives here."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

__all__ = ["date_or_none", "duration_or_none", "duration_text", "epoch_or_none", "jira_date", "jira_datetime"]

#: A date and time as the API takes them: `2026-01-15T09:00:00.000+0000`, fraction and colon optional.
_DATETIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,6})?(?:(Z)|([+-]\d\d):?(\d\d))", re.ASCII)
#: Seconds of the units in which work is counted, largest first: a day has 8 hours and a week 5 days, unless changed.
#: Source: https://confluence.atlassian.com/x/qoXKM ("Configuring time tracking")
_WORK_UNITS = {"w": 144_000, "d": 28_800, "h": 3_600, "m": 60}
#: A length of time such as `1d 3.5h`; one without a unit counts minutes.
_DURATION = re.compile(r"(\d{1,6}(?:\.\d{1,2})?)([wdhm]?)", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def jira_datetime(at: float, zone: ZoneInfo) -> str:
    """Return an instant as `2026-04-28T15:41:27.114+0200`: milliseconds, offset without a colon."""
    text = datetime.fromtimestamp(at, zone).isoformat(timespec="milliseconds")
    return f"{text[:26]}{text[27:]}"


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


def duration_text(seconds: int) -> str:
    """Return a length of work as `1d 2h 30m`; less than a minute is `0m`."""
    parts = []
    for unit, length in _WORK_UNITS.items():
        count, seconds = divmod(seconds, length)
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts) or "0m"


def duration_or_none(text: str) -> int | None:
    """Return the seconds of a length of work, or None where it is none."""
    total = 0.0
    for part in text.split():
        found = _DURATION.fullmatch(part)
        if found is None:
            return None
        total += float(found[1]) * _WORK_UNITS[found[2] or "m"]
    return int(total) if total else None
