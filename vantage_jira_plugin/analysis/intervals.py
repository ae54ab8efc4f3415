"""Days, weeks and months of a time zone, one after another. Pure; nothing is counted here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

__all__ = ["INTERVAL_KINDS", "Interval", "IntervalKind", "day_of", "intervals", "midnight"]

IntervalKind = Literal["day", "week", "month"]
INTERVAL_KINDS: tuple[IntervalKind, ...] = get_args(IntervalKind)
_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Interval:
    """A day, a week from Monday to Sunday, or a month of the calendar, in one time zone.

    Attributes:
        first_day: the day it begins with.
        last_day: the day it ends with.
        start_at: its first moment, epoch seconds.
        end_at: the first moment behind it, epoch seconds.
    """

    first_day: date
    last_day: date
    start_at: float
    end_at: float


def intervals(kind: IntervalKind, first_day: date, last_day: date, zone: ZoneInfo) -> Iterator[Interval]:
    """Yield the whole intervals that these days fall into, and all between them.

    A day lasts from midnight to midnight of the zone, so that one has 23 or 25 hours where clocks change.
    """
    start = _start_of(kind, first_day)
    while start <= last_day:
        following = _following(kind, start)
        yield Interval(start, following - timedelta(days=1), midnight(start, zone), midnight(following, zone))
        start = following


def midnight(day: date, zone: ZoneInfo) -> float:
    """Return the first moment of a day in a zone, epoch seconds; where clocks skip midnight, that at which they do."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()


def day_of(moment_at: float, zone: ZoneInfo) -> date:
    """Return the day of a moment, epoch seconds, in a zone."""
    return datetime.fromtimestamp(moment_at, zone).date()


def _start_of(kind: IntervalKind, day: date) -> date:
    if kind == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if kind == "month" else day


def _following(kind: IntervalKind, start: date) -> date:
    if kind == "month":
        return date(start.year + start.month // _MONTHS, start.month % _MONTHS + 1, 1)
    return start + timedelta(days=7 if kind == "week" else 1)
