"""How long finished issues took: a row for each, or their percentiles by group. Pure; no HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING, Any, Literal, get_args

from vantage_jira_plugin.reading.rows import browse_url

from . import chart
from .groups import GROUPINGS, Grouping, groups_of
from .intervals import day_of
from .moments import days, hours, iso
from .percentiles import percentile, rank
from .work import Work, work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from zoneinfo import ZoneInfo

    from vantage_jira_plugin.contract import Column

    from .calendar import WorkCalendar
    from .history import IssueHistory
    from .work import Boundaries

__all__ = [
    "CYCLE_COLUMNS",
    "SUMMARY_COLUMNS",
    "SUMMARY_GROUPINGS",
    "Finished",
    "SummaryGrouping",
    "cycle_chart",
    "cycle_rows",
    "finished",
    "summary_chart",
    "summary_rows",
]

SummaryGrouping = Grouping | Literal["month"]
SUMMARY_GROUPINGS: tuple[SummaryGrouping, ...] = (*GROUPINGS, *get_args(Literal["month"]))

CYCLE_COLUMNS: tuple[Column, ...] = (
    {"name": "id", "type": "string", "title": "Id"},
    {"name": "key", "type": "string", "title": "Key"},
    {"name": "url", "type": "string", "title": "URL"},
    {"name": "summary", "type": "string", "title": "Summary"},
    {"name": "issuetype", "type": "string", "title": "Issue type"},
    {"name": "projectKey", "type": "string", "title": "Project"},
    {"name": "status", "type": "string", "title": "Status"},
    {"name": "created", "type": "datetime", "title": "Created"},
    {"name": "startedAt", "type": "datetime", "title": "Started"},
    {"name": "finishedAt", "type": "datetime", "title": "Finished"},
    {"name": "leadTimeDays", "type": "number", "title": "Lead time (days)"},
    {"name": "cycleTimeDays", "type": "number", "title": "Cycle time (days)"},
    {"name": "leadTimeWorkingHours", "type": "number", "title": "Lead time (working hours)"},
    {"name": "cycleTimeWorkingHours", "type": "number", "title": "Cycle time (working hours)"},
    {"name": "percentile", "type": "number", "title": "Finished issues that took no longer (%)"},
)
SUMMARY_COLUMNS: tuple[Column, ...] = (
    {"name": "group", "type": "string", "title": "Group"},
    {"name": "finished", "type": "integer", "title": "Finished issues"},
    {"name": "count", "type": "integer", "title": "Finished issues with a cycle time"},
    {"name": "p50CycleTimeDays", "type": "number", "title": "50 % took no longer (days)"},
    {"name": "p70CycleTimeDays", "type": "number", "title": "70 % took no longer (days)"},
    {"name": "p85CycleTimeDays", "type": "number", "title": "85 % took no longer (days)"},
    {"name": "p95CycleTimeDays", "type": "number", "title": "95 % took no longer (days)"},
    {"name": "meanCycleTimeDays", "type": "number", "title": "Mean cycle time (days)"},
    {"name": "minCycleTimeDays", "type": "number", "title": "Shortest cycle time (days)"},
    {"name": "maxCycleTimeDays", "type": "number", "title": "Longest cycle time (days)"},
    {"name": "p50LeadTimeDays", "type": "number", "title": "50 % of lead times (days)"},
    {"name": "p85LeadTimeDays", "type": "number", "title": "85 % of lead times (days)"},
)
#: The percentiles that a summary tells and a drawing shows.
_PERCENTS = (50, 70, 85, 95)
#: To how many places percents are given.
_PLACES = 1


@dataclass(frozen=True, slots=True)
class Finished:
    """An issue that is finished, and when work on it began and ended; `finished_at` is that of the work."""

    issue: IssueHistory
    work: Work
    finished_at: float

    @property
    def lead_seconds(self) -> float:
        """How long it took from its creation to its end."""
        return self.finished_at - self.issue.created_at


def finished(issues: Iterable[IssueHistory], boundaries: Boundaries) -> list[Finished]:
    """Return the issues that are finished, in their order; see `work`."""
    courses = ((issue, work(issue, boundaries)) for issue in issues)
    return [Finished(issue, course, course.finished_at) for issue, course in courses if course.finished_at is not None]


def cycle_rows(issues: Sequence[Finished], calendar: WorkCalendar, site_url: str | None) -> list[dict[str, Any]]:
    """Return a row for each finished issue.

    Lead time is from creation to end, cycle time from beginning to end; the latter and `percentile` (see
    `percentiles.rank`, among these issues) are None where work was never begun.
    """
    ordered = _cycle_seconds(issues)
    return [_row(one, ordered, calendar, site_url) for one in issues]


def _row(one: Finished, ordered: Sequence[float], calendar: WorkCalendar, site_url: str | None) -> dict[str, Any]:
    issue, started_at, cycle_seconds = one.issue, one.work.started_at, one.work.cycle_seconds
    current = issue.current
    row: dict[str, Any] = {
        "id": issue.id,
        "key": issue.key,
        "url": browse_url(site_url, issue.key),
        "summary": issue.summary,
        "issuetype": issue.issue_type,
        "projectKey": issue.project_key,
        "status": None if current is None else current.status,
        "created": iso(issue.created_at),
        "startedAt": iso(started_at),
        "finishedAt": iso(one.finished_at),
        "leadTimeDays": days(one.lead_seconds),
        "cycleTimeDays": None,
        "leadTimeWorkingHours": hours(calendar.seconds_between(issue.created_at, one.finished_at)),
        "cycleTimeWorkingHours": None,
        "percentile": None,
    }
    if started_at is not None and cycle_seconds is not None:
        row["cycleTimeDays"] = days(cycle_seconds)
        row["cycleTimeWorkingHours"] = hours(calendar.seconds_between(started_at, one.finished_at))
        row["percentile"] = round(rank(ordered, cycle_seconds), _PLACES)
    return row


def summary_rows(
    issues: Iterable[Finished], grouping: SummaryGrouping | None, time_zone: ZoneInfo
) -> list[dict[str, Any]]:
    """Return a row for each group of finished issues, in the alphabet's order; without grouping, one, always.

    `month` is that in which an issue was finished, in the time zone: `2026-01`.
    """
    groups: dict[str | None, list[Finished]] = {} if grouping else {None: []}
    of = _month(time_zone) if grouping == "month" else _of_issue(grouping)
    for one in issues:
        for group in of(one):
            groups.setdefault(group, []).append(one)
    return [_summary(group, members) for group, members in sorted(groups.items(), key=lambda item: item[0] or "")]


def _month(time_zone: ZoneInfo) -> Callable[[Finished], tuple[str | None, ...]]:
    return lambda one: (day_of(one.finished_at, time_zone).isoformat()[: len("2026-01")],)


def _of_issue(grouping: Grouping | None) -> Callable[[Finished], tuple[str | None, ...]]:
    groups = groups_of(grouping)
    return lambda one: groups(one.issue)


def _summary(group: str | None, members: Sequence[Finished]) -> dict[str, Any]:
    cycles = _cycle_seconds(members)
    leads = sorted(one.lead_seconds for one in members)
    return {
        "group": group,
        "finished": len(members),
        "count": len(cycles),
        **{f"p{percent}CycleTimeDays": _days(percentile(cycles, percent)) for percent in _PERCENTS},
        "meanCycleTimeDays": _days(fmean(cycles) if cycles else None),
        "minCycleTimeDays": _days(cycles[0] if cycles else None),
        "maxCycleTimeDays": _days(cycles[-1] if cycles else None),
        "p50LeadTimeDays": _days(percentile(leads, 50)),
        "p85LeadTimeDays": _days(percentile(leads, 85)),
    }


def _cycle_seconds(issues: Iterable[Finished]) -> list[float]:
    """Return the cycle times in ascending order."""
    return sorted(one.work.cycle_seconds for one in issues if one.work.cycle_seconds is not None)


def _days(seconds: float | None) -> float | None:
    return None if seconds is None else days(seconds)


def cycle_chart() -> chart.Chart:
    """Return a point for each issue over the day it was finished, with lines at the percentiles."""
    title = "Cycle time (days)"
    ended = chart.Axis("finishedAt", "Finished", "temporal")
    took = chart.Axis("cycleTimeDays", title, "quantitative")
    kind = chart.Axis("issuetype", "Issue type", "nominal")
    issues = chart.points("Cycle time", ended, took, kind, tooltip=("key", "summary", "percentile"))
    # Vega's quantile is by the method of `percentiles.percentile`.
    quantiles: list[chart.Chart] = [
        {"quantile": "cycleTimeDays", "probs": [percent / 100 for percent in _PERCENTS], "as": ["share", "level"]},
        {"calculate": "format(datum.share, '.0%')", "as": "name"},
    ]
    lines = chart.level(
        {"field": "level", "type": "quantitative", "title": title}, {"field": "name", "type": "nominal"}, quantiles
    )
    return chart.layers("Cycle time of finished issues", issues, *lines)


def summary_chart() -> chart.Chart:
    """Return the percentiles of each group beside each other."""
    group = chart.Axis("group", "Group", "nominal")
    fields = {f"p{percent}CycleTimeDays": f"{percent} % took no longer" for percent in _PERCENTS}
    return chart.columns("Cycle time by group", group, fields, "Cycle time (days)")
