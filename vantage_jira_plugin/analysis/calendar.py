"""Working time: the hours of a week in a time zone, without holidays. Pure; knows no issue."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from zoneinfo import ZoneInfo

__all__ = ["ALWAYS", "Shift", "WorkCalendar", "parse_working_hours"]

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEK_DAYS = len(_DAYS)
_DAY_MINUTES = 24 * 60
_DAY_SECONDS = 86_400
_DAY = f"(?:{'|'.join(_DAYS)})"
_SPAN = rf"{_DAY}(?:\s*-\s*{_DAY})?"
#: `Mon-Fri 09:00-17:00`, a day alone, or days with commas.
_PART = re.compile(
    rf"(?P<days>{_SPAN}(?:\s*,\s*{_SPAN})*)\s+"
    r"(?P<start>[0-9]{1,2}:[0-9]{2})\s*-\s*(?P<end>[0-9]{1,2}:[0-9]{2})"
)
_BETWEEN_PARTS = re.compile(r"\s*[;,]\s*")


@dataclass(frozen=True, slots=True, order=True)
class Shift:
    """Working hours of one day of the week.

    Attributes:
        weekday: 0 is Monday.
        start: minutes behind midnight, on the clock.
        end: the same; 1440 is the midnight at the end.
    """

    weekday: int
    start: int
    end: int


#: The whole week.
ALWAYS = tuple(Shift(weekday, 0, _DAY_MINUTES) for weekday in range(_WEEK_DAYS))


def parse_working_hours(text: str) -> tuple[Shift, ...]:
    """Read `Mon-Fri 09:00-17:00`, or several such with `;` or `,` between: `Mon-Thu 9:00-12:00; Fri,Sat 9:00-13:00`.

    Raises:
        ValueError: says what is wrong, in words that follow the name of an input.
    """
    shifts: list[Shift] = []
    rest = text.strip().lower()
    while rest:
        part = _PART.match(rest)
        if part is None:
            raise ValueError("must be days and hours such as Mon-Fri 09:00-17:00, several of them with ; between")
        start, end = _minutes(part["start"]), _minutes(part["end"])
        if start >= end:
            raise ValueError(
                f"must end after they begin, and {part['start']}-{part['end']} do not; write a night as two, "
                "such as Mon 22:00-24:00; Tue 00:00-06:00"
            )
        shifts += [Shift(weekday, start, end) for weekday in _weekdays(part["days"])]
        rest = rest[part.end() :]
        between = _BETWEEN_PARTS.match(rest)
        if rest and (between is None or between.end() == len(rest)):
            raise ValueError("must be days and hours such as Mon-Fri 09:00-17:00, several of them with ; between")
        rest = rest[between.end() :] if between is not None else rest
    shifts.sort()
    for shift, following in pairwise(shifts):
        if shift.weekday == following.weekday and following.start < shift.end:
            raise ValueError(f"must not overlap, and those of {_DAYS[shift.weekday].capitalize()} do")
    return tuple(shifts)


def _weekdays(text: str) -> Iterator[int]:
    """Yield the days of `mon-wed, fri`; a span may go over the end of the week."""
    for span in text.split(","):
        first, _, last = (name.strip() for name in span.partition("-"))
        start, end = _DAYS.index(first), _DAYS.index(last or first)
        yield from ((start + step) % _WEEK_DAYS for step in range((end - start) % _WEEK_DAYS + 1))


def _minutes(clock: str) -> int:
    hour, minute = map(int, clock.split(":"))
    if minute >= 60 or hour * 60 + minute > _DAY_MINUTES:  # noqa: PLR2004 - minutes of an hour
        raise ValueError(f"must be times of day from 00:00 to 24:00, and {clock} is none")
    return hour * 60 + minute


@dataclass(frozen=True, slots=True)
class _Year:
    """The working times of one year: when each begins and ends, and the seconds worked before it."""

    starts: list[float]
    ends: list[float]
    before: list[float]

    def worked_until(self, at: float) -> float:
        """Return the seconds worked from the year's beginning to a moment."""
        place = bisect_right(self.starts, at) - 1
        return 0.0 if place < 0 else self.before[place] + min(at, self.ends[place]) - self.starts[place]


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """When people work.

    Times are those of the clock on the wall: where it changes, a shift through the night is an hour longer or shorter,
    one by day is as long as ever. A time that the clock skips is the moment of the skip, one that it shows twice is the
    first, so that every hour of every day adds up to all the time.

    Attributes:
        time_zone: whose clock and days count.
        shifts: the hours of a week, in order and without overlap; by default all.
        holidays: days without work.
    """

    time_zone: ZoneInfo
    shifts: tuple[Shift, ...] = ALWAYS
    holidays: frozenset[date] = frozenset()
    _years: dict[int, _Year] = field(default_factory=dict, init=False, repr=False, compare=False)

    def seconds_between(self, start_at: float, end_at: float) -> float:
        """Return the working time between two moments, epoch seconds; 0 where the second is not the later."""
        if end_at <= start_at:
            return 0.0
        # A day aside, since a year begins in another moment in each zone.
        first = datetime.fromtimestamp(start_at - _DAY_SECONDS, UTC).year
        last = datetime.fromtimestamp(end_at + _DAY_SECONDS, UTC).year
        years = map(self._year, range(first, last + 1))
        return sum(year.worked_until(end_at) - year.worked_until(start_at) for year in years)

    def _year(self, number: int) -> _Year:
        """Return one year's working times, made once."""
        year = self._years.get(number)
        if year is None:
            spans = [span for day in _days(number) if day not in self.holidays for span in self._spans(day)]
            before = [0.0]
            for start, end in spans:
                before.append(before[-1] + end - start)
            year = self._years[number] = _Year([start for start, _ in spans], [end for _, end in spans], before)
        return year

    def _spans(self, day: date) -> Iterator[tuple[float, float]]:
        """Yield the working times of one day, epoch seconds; one that the clock skips lasts no time."""
        for shift in self.shifts:
            if shift.weekday == day.weekday():
                yield self._at(day, shift.start), self._at(day, shift.end)

    def _at(self, day: date, minutes: int) -> float:
        """Return the moment of a time on the clock, epoch seconds."""
        naive = datetime(day.year, day.month, day.day) + timedelta(minutes=minutes)  # noqa: DTZ001 - zoned below
        wall = naive.replace(tzinfo=self.time_zone)
        moment, other = int(wall.timestamp()), int(wall.replace(fold=1).timestamp())
        # The second reading of a time is the earlier one only where the clock skips the time, somewhere between both.
        while moment - other > 1:
            middle = (moment + other) // 2
            shown = datetime.fromtimestamp(middle, self.time_zone).replace(tzinfo=None)
            moment, other = (moment, middle) if shown < naive else (middle, other)
        return moment


def _days(year: int) -> Iterable[date]:
    first = date(year, 1, 1)
    return (first + timedelta(days=step) for step in range((date(year + 1, 1, 1) - first).days))
