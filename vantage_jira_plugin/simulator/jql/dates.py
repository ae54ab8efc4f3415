"""Dates of queries: absolute, relative and computed, in the caller's time zone. No site is known here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from .errors import JqlError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

__all__ = ["DATE_FUNCTIONS", "Calendar", "is_milliseconds", "is_relative"]

_ABSOLUTE = re.compile(r"(\d{4})([-/])(\d{1,2})\2(\d{1,2})(?:[ T](\d{1,2}):(\d{2}))?", re.ASCII)
_PERIOD = re.compile(r"([+-]?)((?:\s*\d+[wdhm])+)", re.ASCII)
_INCREMENT = re.compile(r"([+-]?)(\d+)([yMwdhm]?)", re.ASCII)
#: A point in time as milliseconds since the epoch.
#: Source: https://support.atlassian.com/jira-software-cloud/docs/jql-fields/ ("milliseconds since 1970-01-01")
_MILLISECONDS = re.compile(r"-?\d{1,15}", re.ASCII)
_UNITS = {
    "w": timedelta(weeks=1),
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
}
_MONTHS = {"y": 12, "M": 1}
#: Functions that answer a date; their own unit is that of a bare increment.
#: Source: https://support.atlassian.com/jira-software-cloud/docs/jql-functions/
DATE_FUNCTIONS = {
    "now": "",
    "currentlogin": "",
    "lastlogin": "",
    "startofday": "d",
    "startofweek": "w",
    "startofmonth": "M",
    "startofyear": "y",
    "endofday": "d",
    "endofweek": "w",
    "endofmonth": "M",
    "endofyear": "y",
}
_FORMATS = (
    "Valid formats include: 'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', "
    "or a period format e.g. '-5d', '4w 2d'."
)
#: Locales whose week begins on a Monday; in the others, such as en_US, it begins on a Sunday.
_MONDAY_LOCALES = ("de", "fr", "es", "it", "nl", "sv", "en_GB")


def is_milliseconds(text: str) -> bool:
    """Return whether a date of a query is a whole number, which has no unit of a minute."""
    return _MILLISECONDS.fullmatch(text.strip()) is not None


def is_relative(text: str) -> bool:
    """Return whether a date of a query is a period that counts from now."""
    return _PERIOD.fullmatch(text.strip()) is not None


@dataclass(frozen=True, slots=True)
class Calendar:
    """Reads dates as somebody in a time zone does, now."""

    now: float
    zone: ZoneInfo
    locale: str = "en_US"

    def instant(self, text: str, field: str) -> float:
        """Return the epoch seconds that a date of a query means, to the minute.

        Raises:
            JqlError: with Jira's text.
        """
        stripped = text.strip()
        try:
            found = self._absolute(stripped) or self._relative(stripped)
        except (ValueError, OverflowError):
            found = None
        if found is None and is_milliseconds(stripped):
            return int(stripped) / 1000
        if found is None:
            raise JqlError(f"Date value '{text}' for field '{field}' is invalid. {_FORMATS}", about_values=True)
        return found

    def day(self, at: float) -> str:
        """Return the day of an instant as `2026-04-28`."""
        return f"{datetime.fromtimestamp(at, self.zone):%Y-%m-%d}"

    def computed(self, function: str, arguments: tuple[str, ...]) -> float:
        """Return what a date function answers, such as `startOfDay("-1")`."""
        name = function.lower()
        unit = DATE_FUNCTIONS[name]
        if not unit:
            _count(function, arguments, 0)
            return self.now
        _count(function, arguments, 1 if arguments else 0)
        moment = datetime.fromtimestamp(self.now, self.zone)
        increment = self._increment(function, arguments[0], unit) if arguments else None
        if increment is not None and increment[1] in _MONTHS:
            moment = _shifted(moment, increment[0] * _MONTHS[increment[1]])
        start = self._start(moment, unit)
        edge = start if name.startswith("start") else self._next(start, unit) - timedelta(milliseconds=1)
        if increment is not None and increment[1] in _UNITS:
            edge += increment[0] * _UNITS[increment[1]]
        return edge.timestamp()

    def _absolute(self, text: str) -> float | None:
        found = _ABSOLUTE.fullmatch(text)
        if found is None:
            return None
        year, _, month, day, hour, minute = found.groups()
        return datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), tzinfo=self.zone).timestamp()

    def _relative(self, text: str) -> float | None:
        found = _PERIOD.fullmatch(text)
        if found is None:
            return None
        parts = re.findall(r"(\d+)([wdhm])", found[2])
        period = sum((int(number) * _UNITS[unit] for number, unit in parts), timedelta())
        return self.now + (-period if found[1] == "-" else period).total_seconds()

    def _increment(self, function: str, text: str, unit: str) -> tuple[int, str]:
        found = _INCREMENT.fullmatch(text.strip())
        if found is None:
            raise JqlError(
                f"The argument '{text}' of function '{function}' is invalid. It must be in the format (+/-)n(yMwdhm).",
                about_values=True,
            )
        sign, number, own = found.groups()
        return (-int(number) if sign == "-" else int(number)), own or unit

    def _start(self, moment: datetime, unit: str) -> datetime:
        day = moment.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        if unit == "w":
            monday = self.locale.startswith(_MONDAY_LOCALES)
            return day - timedelta(days=day.weekday() if monday else (day.weekday() + 1) % 7)
        if unit == "M":
            return day.replace(day=1)
        return day.replace(month=1, day=1) if unit == "y" else day

    def _next(self, start: datetime, unit: str) -> datetime:
        if unit in _UNITS:
            return start + _UNITS[unit]
        return _shifted(start, _MONTHS[unit])


def _shifted(moment: datetime, months: int) -> datetime:
    count = moment.year * 12 + moment.month - 1 + months
    year, month = divmod(count, 12)
    for day in range(moment.day, 0, -1):
        try:
            return moment.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    raise JqlError("The date is out of range.", about_values=True)


def _count(function: str, arguments: tuple[str, ...], expected: int) -> None:
    if len(arguments) != expected:
        raise JqlError(
            f"Function '{function}' expected '{expected}' arguments but received '{len(arguments)}'.",
            about_values=True,
        )
