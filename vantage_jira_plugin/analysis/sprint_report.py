"""What was planned, added, removed and completed in each sprint. Pure; no HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING, Any

from . import chart
from .moments import iso
from .sprints import POINT_PLACES, by_sprint

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from vantage_jira_plugin.contract import Column

    from .sprints import Sprint, Work

__all__ = ["SPRINT_COLUMNS", "sprint_chart", "sprint_report", "undated"]

#: What issues of a sprint are counted as, and what people read.
_MEASURES: Mapping[str, str] = {
    "committed": "in the sprint at its start",
    "added": "added after the start",
    "removed": "removed before the end",
    "completed": "completed",
    "notCompleted": "not completed",
    "carriedOver": "not completed, and in another sprint since",
    "doneOutside": "done before they came into the sprint",
}
#: What can be told of a sprint that began nobody knows when. Whether an issue was completed in a sprint, or before it
#: came, depends on when that began.
_WITHOUT_START = frozenset({"notCompleted", "carriedOver"})


def _columns() -> Iterator[Column]:
    yield {"name": "sprintId", "type": "string", "title": "Sprint id"}
    yield {"name": "sprint", "type": "string", "title": "Sprint"}
    yield {"name": "boardId", "type": "string", "title": "Board id"}
    yield {"name": "state", "type": "string", "title": "State"}
    yield {"name": "goal", "type": "string", "title": "Goal"}
    yield {"name": "startedAt", "type": "datetime", "title": "Started"}
    yield {"name": "plannedEndAt", "type": "datetime", "title": "Planned end"}
    yield {"name": "completedAt", "type": "datetime", "title": "Completed"}
    for name, meaning in _MEASURES.items():
        yield {"name": f"{name}Issues", "type": "integer", "title": f"Issues {meaning}"}
        yield {"name": f"{name}Points", "type": "number", "title": f"Points of issues {meaning}"}


SPRINT_COLUMNS: tuple[Column, ...] = tuple(_columns())


@dataclass(slots=True)
class _Tally:
    """Issues and points of each measure."""

    issues: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_MEASURES, 0))
    points: dict[str, float] = field(default_factory=lambda: dict.fromkeys(_MEASURES, 0))

    def count(self, measure: str, points: float) -> None:
        self.issues[measure] += 1
        self.points[measure] += points


def sprint_report(
    works: Iterable[Work], sprints: Mapping[str, Sprint], wanted: Iterable[Sprint], *, now: float, with_points: bool
) -> Iterator[dict[str, Any]]:
    """Yield a row for each sprint, oldest start first.

    - committed: in it when it started, with the estimate of that moment.
    - added: came into it later, or was created in it, with the estimate of the moment when it first came.
    - removed: was in it, and was not when it ended, with the estimate of the moment when it last left.
    - completed, not completed: in it when it ended, by the category of its status then, with the estimate of then.
    - carried over: not completed, and since its end in a sprint that had not been completed by then.
    - done outside: was done when it came, and stayed so. It counts nowhere else.

    So that committed + added - removed = completed + not completed, in issues. A sprint that is not over ends now. One
    that has not begun counts what is in it now as committed, and nothing else. Of one that has begun or ended without
    saying when, what depends on that is None; `undated` names them.

    What cannot be seen: an issue that left a sprint does not show it any more, and is only found through its changes;
    where the query does not find it either, or it was deleted, it is missing in the sprint's numbers.

    Args:
        works: the issues.
        sprints: all that is known of sprints, by id.
        wanted: those to report.
        now: epoch seconds.
        with_points: whether the site has estimates; without them points are None.
    """
    there = by_sprint(works)
    ends = {one.id: one.ended_at(now) for one in sprints.values() if one.state == "closed"}
    for sprint in sorted(wanted, key=lambda one: (one.start_at is None, one.start_at or 0, one.number)):
        tally = _Tally()
        for work in there.get(sprint.id, ()):
            _judge(tally, work, sprint, ends, now)
        yield _row(sprint, tally, with_points=with_points)


def undated(sprints: Iterable[Sprint]) -> list[str]:
    """Return what people must know of sprints that have begun or ended and do not say when."""
    return [
        f"sprint {one.name} (id {one.id}) is {one.state} and has no {' and no '.join(one.lacks)}, so that what depends "
        "on it cannot be told"
        for one in sprints
        if one.lacks
    ]


def _told(sprint: Sprint) -> Collection[str]:
    """Return the measures that can be told of a sprint."""
    if "end date" in sprint.lacks:
        return ()
    return _WITHOUT_START if "start date" in sprint.lacks else _MEASURES


def _judge(tally: _Tally, work: Work, sprint: Sprint, ends: Mapping[str, float], now: float) -> None:
    """Count one issue in one sprint; `ends` is when closed sprints ended, by id."""
    if sprint.state == "future":
        if work.is_in(sprint.id, now):
            tally.count("committed", work.points_at(now))
        return
    end = sprint.ended_at(now)
    start = end if sprint.start_at is None else sprint.start_at
    marks = [start, *(at for at in (work.issue.created_at, *work.moves) if start < at <= end)]
    inside = [place for place, at in enumerate(marks) if work.is_in(sprint.id, at)]
    if not inside:
        return
    came = marks[inside[0]]
    stayed = inside[-1] == len(marks) - 1
    left = end if stayed else marks[inside[-1] + 1]
    if work.done_throughout(came, left):
        tally.count("doneOutside", work.points_at(came))
        return
    tally.count("committed" if came == start else "added", work.points_at(came))
    if not stayed:
        tally.count("removed", work.points_at(left))
    elif work.done_at(end):
        tally.count("completed", work.points_at(end))
    else:
        tally.count("notCompleted", work.points_at(end))
        later = (one for one in work.sprints_since(end) if one != sprint.id and ends.get(one, inf) > end)
        if sprint.state == "closed" and any(later):
            tally.count("carriedOver", work.points_at(end))


def _row(sprint: Sprint, tally: _Tally, *, with_points: bool) -> dict[str, Any]:
    told = _told(sprint)
    row: dict[str, Any] = {
        "sprintId": sprint.id,
        "sprint": sprint.name,
        "boardId": sprint.board_id,
        "state": sprint.state,
        "goal": sprint.goal,
        "startedAt": iso(sprint.start_at) if sprint.state != "future" else None,
        "plannedEndAt": iso(sprint.end_at),
        "completedAt": iso(sprint.completed_at),
    }
    for measure in _MEASURES:
        row[f"{measure}Issues"] = tally.issues[measure] if measure in told else None
        points = round(tally.points[measure], POINT_PLACES)
        row[f"{measure}Points"] = points if with_points and measure in told else None
    return row


def sprint_chart(*, with_points: bool) -> chart.Chart:
    """Return what was committed beside what was completed, sprint by sprint; sprints of one name by name and id."""
    unit = "Points" if with_points else "Issues"
    fields = {f"committed{unit}": f"{unit} committed", f"completed{unit}": f"{unit} completed"}
    sprint = chart.Axis("sprint", "Sprint", "nominal")
    drawing = chart.columns("Sprints", sprint, fields, unit, told_apart_by="sprintId")
    # As in the rows; Vega would put a sprint without a start before all others.
    drawing["encoding"]["x"]["sort"] = None
    return drawing
