"""What actions about histories of issues share: their kinds of input, and what these mean on a site."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from marshmallow import ValidationError

from vantage_jira_plugin.analysis.calendar import ALWAYS, Shift, WorkCalendar, parse_working_hours
from vantage_jira_plugin.analysis.intervals import INTERVAL_KINDS
from vantage_jira_plugin.analysis.reading import read_time_zone
from vantage_jira_plugin.operations import (
    BULK_FETCH_ISSUES,
    COUNT_ISSUES,
    FETCH_CHANGELOGS,
    LIST_STATUSES,
    MYSELF,
    SEARCH_ISSUES,
)
from vantage_jira_plugin.schemas import Checked, IsoDate, Text, TextList, WholeNumber

from . import _inputs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vantage_jira_plugin.client import JiraClient

__all__ = [
    "OPERATIONS",
    "calendar",
    "choice",
    "end_statuses",
    "holidays",
    "interval",
    "jql",
    "max_issues",
    "start_statuses",
    "time_zone",
    "working_hours",
]

#: What reading histories takes; the count is for estimates.
OPERATIONS = (SEARCH_ISSUES, FETCH_CHANGELOGS, BULK_FETCH_ISSUES, LIST_STATUSES, MYSELF, COUNT_ISSUES)
_MAX_HOURS_LENGTH = 500
#: The longest IANA name has 32 characters.
_MAX_ZONE_LENGTH = 64
_MAX_HOLIDAYS = 500
#: Longest name of a status. Source: OpenAPI file, schema StatusCreate.name.
_MAX_STATUS_LENGTH = 255
_MAX_STATUSES = 100
_DEFAULT_ISSUES, _MAX_ISSUES = 10_000, 100_000


def jql(
    description: str = "Query in JQL for the issues to look at.",
    *,
    example: str = "project = DEV AND created >= -365d",
    required: bool = True,
    data_key: str | None = None,
) -> Text:
    """Query of the issues that an analysis is of."""
    return _inputs.jql(description, example=example, required=required, data_key=data_key)


def max_issues() -> WholeNumber:
    """How many issues an analysis reads at most."""
    return WholeNumber(
        minimum=1,
        maximum=_MAX_ISSUES,
        load_default=_DEFAULT_ISSUES,
        data_key="maxIssues",
        metadata={"description": "Most issues to read; the table says where there are more."},
    )


class _WorkingHours(Text):
    """Hours of a week, as `parse_working_hours` reads them; loads as shifts."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> tuple[Shift, ...]:  # type: ignore[override]
        text = super()._deserialize(value, attr, data)
        try:
            return parse_working_hours(text)
        except ValueError as error:
            raise ValidationError(str(error)) from None


def working_hours() -> Checked[Any]:
    """Hours of a week in which people work."""
    return _WorkingHours(
        max_length=_MAX_HOURS_LENGTH,
        data_key="workingHours",
        metadata={
            "description": "Days and hours in which people work; working time is counted in these. All hours, where it "
            "is not given.",
            "examples": ["Mon-Fri 09:00-17:00", "Mon-Thu 08:00-12:00; Mon-Thu 13:00-17:00; Fri 08:00-14:00"],
        },
    )


class _TimeZone(Text):
    """Name of a time zone that is known here."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> str:
        name = super()._deserialize(value, attr, data)
        try:
            return ZoneInfo(name).key
        except (ValueError, OSError, LookupError):  # not in the database, or a folder of it
            raise ValidationError("must be an IANA time zone such as Europe/Berlin or UTC") from None


def time_zone() -> Text:
    """Time zone of days and hours."""
    return _TimeZone(
        max_length=_MAX_ZONE_LENGTH,
        pattern=r"[A-Za-z0-9_+-]+(?:/[A-Za-z0-9_+-]+)*",
        right="an IANA time zone such as Europe/Berlin or UTC",
        data_key="timeZone",
        metadata={
            "description": "IANA name of the time zone whose days and hours count; where it is not given, that of the "
            "connected account.",
            "examples": ["Europe/Berlin"],
        },
    )


def holidays() -> TextList:
    """Days on which nobody works."""
    return TextList(
        IsoDate(),
        max_items=_MAX_HOLIDAYS,
        commas=True,
        load_default=(),
        metadata={
            "description": "Days without working time; a list, or one text with commas.",
            "examples": [["2026-12-25", "2026-12-26"]],
        },
    )


def start_statuses() -> TextList:
    """Statuses in which work is under way."""
    return _status_names(
        "Statuses, by name or id, in which work is under way; those of the category In Progress, where not given.",
        data_key="startStatuses",
    )


def end_statuses() -> TextList:
    """Statuses in which work is finished."""
    return _status_names(
        "Statuses, by name or id, in which work is finished; those of the category Done, where not given.",
        data_key="endStatuses",
    )


def _status_names(description: str, *, data_key: str) -> TextList:
    """Statuses by name or id."""
    return TextList(
        Text(max_length=_MAX_STATUS_LENGTH),
        max_items=_MAX_STATUSES,
        commas=True,
        load_default=(),
        data_key=data_key,
        metadata={"description": description},
    )


def choice(description: str, among: Sequence[str], *, default: str | None = None, data_key: str | None = None) -> Text:
    """One of several words."""
    return Text(
        max_length=max(map(len, among)),
        pattern="|".join(among),
        right=f"{', '.join(among[:-1])} or {among[-1]}",
        load_default=default,
        data_key=data_key,
        metadata={"description": description, "examples": [among[0]]},
    )


def interval() -> Text:
    """Length of the intervals that a table counts in."""
    return choice("Length of an interval: day, week (from Monday) or month.", INTERVAL_KINDS, default="week")


def calendar(
    jira: JiraClient, shifts: Sequence[Shift] | None, time_zone_name: str | None, days_off: Iterable[str]
) -> WorkCalendar:
    """Return the calendar that these inputs mean; without shifts all hours count."""
    zone = read_time_zone(jira, time_zone_name)
    return WorkCalendar(zone, tuple(shifts or ALWAYS), frozenset(map(date.fromisoformat, days_off)))
