"""Jira's moments to epoch seconds and back, and lengths in days. No calendar, no time zone but UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

__all__ = ["DAY_SECONDS", "HOUR_SECONDS", "days", "epoch", "hours", "iso"]

#: Length of an hour, and of a day of elapsed time, in seconds.
HOUR_SECONDS = 3600
DAY_SECONDS = 86_400
#: Larger epochs count milliseconds: as seconds this is the year 5138, as milliseconds March 1973.
_EPOCH_SECONDS_MAX = 100_000_000_000
_MILLISECONDS = 1000
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - written without its offset, as Z
#: Moments that every time zone has a date for, a year of the calendar around them too: the years 3 to 9997. People
#: type others into fields of Jira's, which takes them.
_FIRST_AT, _BEHIND_LAST_AT = (datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in (3, 9998))
#: To how many places days and hours are given: under ten seconds of a day.
_PLACES = 4


def epoch(value: object) -> float | None:
    """Return a moment as epoch seconds; None for what is none.

    Jira writes `2026-04-28T15:31:13.533+0200`; the example of changelog/bulkfetch counts epoch seconds, others
    milliseconds. A time without an offset is taken as UTC. One before the year 3 or after 9997 is no moment.

    Source: OpenAPI file, POST changelog/bulkfetch; https://developer.atlassian.com/cloud/jira/platform/rest/v3/intro/
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _within(value / _MILLISECONDS if abs(value) > _EPOCH_SECONDS_MAX else float(value))
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return _within((moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp())


def _within(at: float) -> float | None:
    """Return a moment, or None for one that clocks do not show everywhere."""
    return at if _FIRST_AT <= at < _BEHIND_LAST_AT else None


def iso(at: float | None) -> str | None:
    """Return epoch seconds as `2026-01-31T09:30:00.000Z`; None for None."""
    if at is None:
        return None
    # Rounded first: a binary fraction just under its millisecond would be cut to the one before.
    moment = _EPOCH + timedelta(milliseconds=round(at * _MILLISECONDS))
    return moment.isoformat(timespec="milliseconds") + "Z"


def days(seconds: float) -> float:
    """Return a length in days of 24 hours."""
    return round(seconds / DAY_SECONDS, _PLACES)


def hours(seconds: float) -> float:
    """Return a length in hours."""
    return round(seconds / HOUR_SECONDS, _PLACES)
