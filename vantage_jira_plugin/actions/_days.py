"""Which days a table over time covers: the inputs that say so, and the intervals of these. Nothing is counted here."""

from __future__ import annotations

from datetime import date
from itertools import islice
from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError

from vantage_jira_plugin.analysis.intervals import day_of, intervals
from vantage_jira_plugin.schemas import IsoDate

from . import _inputs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from zoneinfo import ZoneInfo

    from vantage_jira_plugin.analysis.intervals import Interval, IntervalKind
    from vantage_jira_plugin.client import JiraClient
    from vantage_jira_plugin.schemas import WholeNumber

__all__ = ["cut", "days_in_order", "first_day", "last_day", "max_rows", "spans_of", "warn_of_future"]

#: No issue of Jira's is older than Jira (2002).
_FIRST_DAY = "2000-01-01"


def first_day(default: str = "that on which the first issue was created") -> IsoDate:
    """Day that a table begins with."""
    return _day("firstDay", f"First day; {default}, where it is not given.")


def last_day() -> IsoDate:
    """Day that a table ends with."""
    return _day("lastDay", "Last day; today, where it is not given or later.")


def _day(data_key: str, description: str) -> IsoDate:
    return IsoDate(data_key=data_key, metadata={"description": description, "examples": ["2026-01-31"]})


def max_rows() -> WholeNumber:
    """How many rows are made at most; days times groups can be very many."""
    return _inputs.max_rows(default=100_000, maximum=1_000_000)


def days_in_order(loaded: Mapping[str, Any]) -> None:
    """Refuse a range of days that is none."""
    first, last = loaded.get("first_day"), loaded.get("last_day")
    if first is not None and first < _FIRST_DAY:
        raise ValidationError({"firstDay": [f"must not be before {_FIRST_DAY}"]})
    if last is not None and last < _FIRST_DAY:
        raise ValidationError({"lastDay": [f"must not be before {_FIRST_DAY}"]})
    _inputs.in_order(loaded, first_day="firstDay", last_day="lastDay")


def warn_of_future(jira: JiraClient, first: str | None, zone: ZoneInfo) -> None:
    """Warn of a first day that is still to come: a table of no days looks like one of no issues."""
    today = day_of(jira.now, zone).isoformat()
    if first is not None and first > today:
        jira.warnings.append(f"firstDay is after today, which is {today} in {zone.key}, so the table is empty")


def spans_of(
    kind: IntervalKind,
    moments: Iterable[float],
    zone: ZoneInfo,
    *,
    first: str | None,
    last: str | None,
    now: float,
) -> list[Interval]:
    """Return the intervals of a table: from the first day, or that of the earliest moment, to the last, or today."""
    today = day_of(now, zone)
    earliest = min(moments, default=now)
    first_day = day_of(earliest, zone) if first is None else date.fromisoformat(first)
    last_day = today if last is None else min(today, date.fromisoformat(last))
    return list(intervals(kind, first_day, last_day, zone))


def cut(rows: Iterable[dict[str, Any]], most: int, reason: str | None) -> tuple[list[dict[str, Any]], str | None]:
    """Return the first rows, and why they are not all; `reason` is why the issues are not."""
    kept = list(islice(rows, most + 1))
    reasons = [reason] if reason else []
    if len(kept) > most:
        reasons.append("maxRows")
    return kept[:most], ", ".join(reasons) or None
