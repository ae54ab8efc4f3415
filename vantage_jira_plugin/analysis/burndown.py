"""What was left to do in a sprint at the end of each day, beside the ideal line. Pure; no HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import chart
from .intervals import day_of, intervals
from .moments import DAY_SECONDS, iso
from .sprints import POINT_PLACES, by_sprint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from zoneinfo import ZoneInfo

    from vantage_jira_plugin.contract import Column

    from .calendar import WorkCalendar
    from .sprints import Sprint, Work

__all__ = ["BURNDOWN_COLUMNS", "burndown", "burndown_chart", "has_too_many_days"]

BURNDOWN_COLUMNS: tuple[Column, ...] = (
    {"name": "sprintId", "type": "string", "title": "Sprint id"},
    {"name": "sprint", "type": "string", "title": "Sprint"},
    {"name": "state", "type": "string", "title": "State"},
    {"name": "at", "type": "datetime", "title": "Moment that was counted at"},
    {"name": "date", "type": "date", "title": "Day that ends then"},
    {"name": "scopeIssues", "type": "integer", "title": "Issues in the sprint"},
    {"name": "scopePoints", "type": "number", "title": "Points of issues in the sprint"},
    {"name": "remainingIssues", "type": "integer", "title": "Issues not done"},
    {"name": "remainingPoints", "type": "number", "title": "Points of issues not done"},
    {"name": "idealIssues", "type": "number", "title": "Issues not done, ideally"},
    {"name": "idealPoints", "type": "number", "title": "Points of issues not done, ideally"},
)
#: To how many places ideal numbers are given.
_PLACES = 2
#: Longest sprint whose days have rows, ten years: people forget to close one, or mistype its year.
_LONGEST_SECONDS = 3653 * DAY_SECONDS


def burndown(
    works: Iterable[Work],
    wanted: Iterable[Sprint],
    calendar: WorkCalendar,
    *,
    now: float,
    with_points: bool,
) -> Iterator[dict[str, Any]]:
    """Yield rows of each sprint that has begun: at its start, at the end of each day, and at its end.

    An active sprint has rows until its planned end; those behind now have the ideal line alone, and one row is for now.
    Estimates are those of the moment. The ideal line falls from what was left at the start to nothing at the planned
    end, evenly over working time, so that it is level where nobody works; an active sprint without such an end has
    none. Days have no rows in a sprint that `has_too_many_days`, and one that does not say when it began or was over
    (see `Sprint.lacks`) has none at all.
    """
    there = by_sprint(works)
    for sprint in sorted(wanted, key=lambda one: (one.start_at or 0, one.number)):
        if sprint.start_at is None or sprint.state == "future" or sprint.lacks:
            continue
        own = there.get(sprint.id, [])
        has_goal = sprint.end_at is not None or sprint.state == "closed"
        goal_at = max(sprint.end_at or sprint.ended_at(now), sprint.start_at)
        total = calendar.seconds_between(sprint.start_at, goal_at)
        first: tuple[int, float] | None = None
        for at, date in _moments(sprint, calendar.time_zone, now):
            scope = [work for work in own if work.is_in(sprint.id, at)]
            left = [work for work in scope if not work.done_at(at)]
            first = first or (len(left), _points(left, at))
            worked = calendar.seconds_between(sprint.start_at, min(at, goal_at))
            share = 1 - worked / total if total else float(at < goal_at)
            known = at <= now
            yield {
                "sprintId": sprint.id,
                "sprint": sprint.name,
                "state": sprint.state,
                "at": iso(at),
                "date": date,
                "scopeIssues": len(scope) if known else None,
                "scopePoints": _points(scope, at) if known and with_points else None,
                "remainingIssues": len(left) if known else None,
                "remainingPoints": _points(left, at) if known and with_points else None,
                "idealIssues": round(first[0] * share, _PLACES) if has_goal else None,
                "idealPoints": round(first[1] * share, _PLACES) if has_goal and with_points else None,
            }


def has_too_many_days(sprint: Sprint, now: float) -> bool:
    """Tell whether a sprint lasts longer than ten years, as with a year that was mistyped."""
    return sprint.start_at is not None and _stop(sprint, now) - sprint.start_at > _LONGEST_SECONDS


def _stop(sprint: Sprint, now: float) -> float:
    """Return the moment of a sprint's last row."""
    return sprint.ended_at(now) if sprint.state == "closed" else max(now, sprint.end_at or now)


def _moments(sprint: Sprint, zone: ZoneInfo, now: float) -> Iterator[tuple[float, str]]:
    """Yield the moments of a sprint's rows, with the day that each ends or is in."""
    start, stop = sprint.start_at or 0, _stop(sprint, now)
    days = () if has_too_many_days(sprint, now) else intervals("day", day_of(start, zone), day_of(stop, zone), zone)
    midnights = {span.end_at: span.first_day for span in days}
    marks = {start, stop, *midnights} | ({now} if sprint.state != "closed" else set())
    for at in sorted(mark for mark in marks if start <= mark <= max(start, stop)):
        yield at, (midnights.get(at) or day_of(at, zone)).isoformat()


def _points(works: Iterable[Work], at: float) -> float:
    return round(sum(work.points_at(at) for work in works), POINT_PLACES)


def burndown_chart(*, with_points: bool) -> chart.Chart:
    """Return what was left beside the ideal line."""
    unit = "Points" if with_points else "Issues"
    at = chart.Axis("at", "Time (UTC)", "temporal")
    fields = {f"remaining{unit}": f"{unit} not done", f"ideal{unit}": f"{unit} not done, ideally"}
    return chart.lines("Burn-down", at, fields, f"{unit} left", apart="sprintId")
