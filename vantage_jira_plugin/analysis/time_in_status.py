"""How long issues were in each of their statuses. Pure; no HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.reading.rows import browse_url

from . import chart
from .history import DONE
from .moments import hours, iso

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vantage_jira_plugin.contract import Column

    from .calendar import WorkCalendar
    from .history import IssueHistory, Stay

__all__ = ["STATUS_COLUMNS", "StatusTime", "status_chart", "status_rows", "status_times"]

STATUS_COLUMNS: tuple[Column, ...] = (
    {"name": "id", "type": "string", "title": "Id"},
    {"name": "key", "type": "string", "title": "Key"},
    {"name": "url", "type": "string", "title": "URL"},
    {"name": "summary", "type": "string", "title": "Summary"},
    {"name": "issuetype", "type": "string", "title": "Issue type"},
    {"name": "projectKey", "type": "string", "title": "Project"},
    {"name": "status", "type": "string", "title": "Status"},
    {"name": "statusId", "type": "string", "title": "Status id"},
    {"name": "statusCategoryKey", "type": "string", "title": "Status category"},
    {"name": "visits", "type": "integer", "title": "Times entered"},
    {"name": "seconds", "type": "number", "title": "Time (seconds)"},
    {"name": "hours", "type": "number", "title": "Time (hours)"},
    {"name": "workingSeconds", "type": "number", "title": "Working time (seconds)"},
    {"name": "enteredFirst", "type": "datetime", "title": "First entered"},
    {"name": "leftLast", "type": "datetime", "title": "Last left"},
    {"name": "current", "type": "boolean", "title": "Is there now"},
)
#: To how many places seconds are given: Jira's moments have milliseconds.
_PLACES = 3


@dataclass(frozen=True, slots=True)
class StatusTime:
    """An issue's time in one status, all visits together.

    Attributes:
        stays: the visits, oldest first.
        seconds: how long they lasted together, until now where the issue is still there.
        working_seconds: how much of that was working time.
    """

    stays: tuple[Stay, ...]
    seconds: float
    working_seconds: float


def status_times(issue: IssueHistory, calendar: WorkCalendar, now: float) -> Iterator[StatusTime]:
    """Yield an issue's time in each status it ever was in, in the order of the first visits.

    The seconds of all statuses add up to the issue's age, `now - created_at`: being done counts on. Statuses are told
    apart by id, since two projects may have statuses of one name; those without one, by name.
    """
    by_status: dict[tuple[str | None, str], list[Stay]] = {}
    for stay in issue.stays:
        key = (stay.status_id, "" if stay.status_id is not None else stay.status)
        by_status.setdefault(key, []).append(stay)
    for stays in by_status.values():
        spans = [(stay.entered_at, _end(stay, now)) for stay in stays]
        yield StatusTime(
            tuple(stays),
            sum(end - start for start, end in spans),
            sum(calendar.seconds_between(start, end) for start, end in spans),
        )


def _end(stay: Stay, now: float) -> float:
    """Return when a stay ends, or would if it did now; clocks differ, and it never ends before it begins."""
    return max(now, stay.entered_at) if stay.left_at is None else stay.left_at


def status_rows(
    issues: Iterable[IssueHistory], calendar: WorkCalendar, now: float, site_url: str | None
) -> Iterator[dict[str, Any]]:
    """Yield a row for each issue and status it ever was in."""
    for issue in issues:
        about = {
            "id": issue.id,
            "key": issue.key,
            "url": browse_url(site_url, issue.key),
            "summary": issue.summary,
            "issuetype": issue.issue_type,
            "projectKey": issue.project_key,
        }
        for time in status_times(issue, calendar, now):
            first, last = time.stays[0], time.stays[-1]
            yield {
                **about,
                "status": last.status,
                "statusId": last.status_id,
                "statusCategoryKey": last.category,
                "visits": len(time.stays),
                "seconds": round(time.seconds, _PLACES),
                "hours": hours(time.seconds),
                "workingSeconds": round(time.working_seconds, _PLACES),
                "enteredFirst": iso(first.entered_at),
                "leftLast": iso(last.left_at),
                "current": last.left_at is None,
            }


def status_chart() -> chart.Chart:
    """Return the mean time in each status, of the issues that were in it; being done is no time of work."""
    # In the alphabet's order the keys of categories go back from the end of work to its beginning.
    status = chart.Axis("status", "Status", "nominal", order_by="statusCategoryKey", descending=True)
    category = chart.Axis("statusCategoryKey", "Status category", "nominal", colors=chart.CATEGORY_COLORS)
    mean = chart.Axis("hours", "Mean time of an issue (hours)", "quantitative")
    drawing = chart.bars("Time in status", status, mean, category)
    # Columns that are not aggregated would cut each bar to pieces, and means of two categories add up to nothing.
    mean_hours = mean.channel(aggregate="mean")
    told = [status.told(), {**mean_hours, "format": ".1f"}]
    drawing["encoding"] |= {"y": {**mean_hours, "stack": None}, "tooltip": told}
    return {**drawing, "transform": [{"filter": f"datum.statusCategoryKey !== '{DONE}'"}]}
