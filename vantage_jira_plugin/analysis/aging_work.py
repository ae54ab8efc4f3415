"""How old unfinished work is, against how long finished work took. Pure; no HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from vantage_jira_plugin.reading.rows import browse_url

from . import chart
from .moments import days, hours, iso
from .percentiles import percentile
from .work import work

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vantage_jira_plugin.contract import Column

    from .calendar import WorkCalendar
    from .cycle_time import Finished
    from .history import IssueHistory
    from .work import Boundaries

__all__ = ["AGING_COLUMNS", "Risk", "aging_chart", "aging_rows", "risk"]

Risk = Literal["ok", "watch", "late"]

AGING_COLUMNS: tuple[Column, ...] = (
    {"name": "id", "type": "string", "title": "Id"},
    {"name": "key", "type": "string", "title": "Key"},
    {"name": "url", "type": "string", "title": "URL"},
    {"name": "summary", "type": "string", "title": "Summary"},
    {"name": "issuetype", "type": "string", "title": "Issue type"},
    {"name": "projectKey", "type": "string", "title": "Project"},
    {"name": "assignee", "type": "string", "title": "Assignee"},
    {"name": "assigneeAccountId", "type": "string", "title": "Assignee account id"},
    {"name": "status", "type": "string", "title": "Status"},
    {"name": "statusCategoryKey", "type": "string", "title": "Status category"},
    {"name": "startedAt", "type": "datetime", "title": "Started"},
    {"name": "ageDays", "type": "number", "title": "Age since started (days)"},
    {"name": "ageWorkingHours", "type": "number", "title": "Age since started (working hours)"},
    {"name": "daysInStatus", "type": "number", "title": "In this status (days)"},
    {"name": "p50CycleTimeDays", "type": "number", "title": "50 % of finished issues took no longer (days)"},
    {"name": "p85CycleTimeDays", "type": "number", "title": "85 % of finished issues took no longer (days)"},
    {"name": "risk", "type": "string", "title": "Risk"},
)
#: What a drawing says of an issue where nothing is known of others.
_NOT_KNOWN = "not known"
#: What the colours of risks are, for people with any kind of colour vision.
_COLORS = {"ok": "#009E73", "watch": "#E69F00", "late": "#D55E00", _NOT_KNOWN: "#8C8C8C"}
_USUAL_PERCENT, _LATE_PERCENT = 50, 85


def risk(age_seconds: float, usual_seconds: float | None, late_seconds: float | None) -> Risk | None:
    """Return how likely an issue takes longer than most; None where nothing is known of others.

    It is `late` once it is older than 85 % of the finished issues became, to be watched (`watch`) once it is older than
    half of them, and `ok` until then.
    """
    if usual_seconds is None or late_seconds is None:
        return None
    if age_seconds > late_seconds:
        return "late"
    return "watch" if age_seconds > usual_seconds else "ok"


def aging_rows(
    issues: Iterable[IssueHistory],
    past: Iterable[Finished],
    boundaries: Boundaries,
    calendar: WorkCalendar,
    *,
    now: float,
    site_url: str | None,
) -> Iterator[dict[str, Any]]:
    """Yield a row for each issue that was started and is not finished, see `work`.

    One that was put back to do ages on; its `statusCategoryKey` tells. The percentiles are those of the cycle times of
    `past`, the same in every row; None, as is the risk, where none of these has one.
    """
    cycles = sorted(one.work.cycle_seconds for one in past if one.work.cycle_seconds is not None)
    usual, late = percentile(cycles, _USUAL_PERCENT), percentile(cycles, _LATE_PERCENT)
    for issue in issues:
        course, current = work(issue, boundaries), issue.current
        if course.finished_at is not None or course.started_at is None or current is None:
            continue
        # Clocks differ: nothing is younger than new.
        age_seconds = max(0.0, now - course.started_at)
        yield {
            "id": issue.id,
            "key": issue.key,
            "url": browse_url(site_url, issue.key),
            "summary": issue.summary,
            "issuetype": issue.issue_type,
            "projectKey": issue.project_key,
            "assignee": issue.assignee,
            "assigneeAccountId": issue.assignee_account_id,
            "status": current.status,
            "statusCategoryKey": current.category,
            "startedAt": iso(course.started_at),
            "ageDays": days(age_seconds),
            "ageWorkingHours": hours(calendar.seconds_between(course.started_at, now)),
            "daysInStatus": days(max(0.0, now - current.entered_at)),
            "p50CycleTimeDays": None if usual is None else days(usual),
            "p85CycleTimeDays": None if late is None else days(late),
            "risk": risk(age_seconds, usual, late),
        }


def aging_chart() -> chart.Chart:
    """Return a point for each issue over its status, with lines at the percentiles of finished work."""
    title = "Age since started (days)"
    # In the alphabet's order the keys of categories go back from the end of work to its beginning.
    status = chart.Axis("status", "Status", "nominal", order_by="statusCategoryKey", descending=True)
    age = chart.Axis("ageDays", title, "quantitative")
    colored = chart.Axis("risk", "Risk", "nominal", colors=_COLORS)
    issues = chart.points("Aging work", status, age, colored, tooltip=("key", "summary", "assignee", "daysInStatus"))
    # A colour of nothing is none: a point without a risk would not be seen.
    issues["transform"] = [{"calculate": f"datum.risk || '{_NOT_KNOWN}'", "as": "risk"}]
    lines = [
        part
        for percent in (_USUAL_PERCENT, _LATE_PERCENT)
        for part in chart.level(
            {"aggregate": "max", "field": f"p{percent}CycleTimeDays", "type": "quantitative", "title": title},
            {"value": f"{percent} %"},
        )
    ]
    return chart.layers("Age of work in progress", issues, *lines)
