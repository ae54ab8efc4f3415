"""How many issues were created and resolved in each interval, and how many are open since. Pure; no HTTP."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

from . import chart
from .groups import Grouping, groups_of
from .history import DONE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from vantage_jira_plugin.contract import Column

    from .history import IssueHistory
    from .intervals import Interval

__all__ = ["RESOLVED_BY", "TREND_COLUMNS", "ResolvedBy", "issue_trends", "trend_chart"]

ResolvedBy = Literal["resolution", "statusCategory"]
RESOLVED_BY: tuple[ResolvedBy, ...] = get_args(ResolvedBy)
#: What a drawing calls whether any interval is over.
_ANY_OVER = "anyOver"

TREND_COLUMNS: tuple[Column, ...] = (
    {"name": "start", "type": "date", "title": "First day"},
    {"name": "end", "type": "date", "title": "Last day"},
    {"name": "group", "type": "string", "title": "Group"},
    {"name": "created", "type": "integer", "title": "Created"},
    {"name": "resolved", "type": "integer", "title": "Resolved"},
    {"name": "reopened", "type": "integer", "title": "Reopened"},
    {"name": "net", "type": "integer", "title": "Change of open"},
    {"name": "open", "type": "integer", "title": "Open at the end"},
    {"name": "over", "type": "boolean", "title": "Interval is over"},
)


@dataclass(slots=True)
class _Moments:
    """When issues of a group were created, resolved and reopened, epoch seconds; sorted once all are in."""

    created: list[float] = field(default_factory=list)
    resolved: list[float] = field(default_factory=list)
    reopened: list[float] = field(default_factory=list)

    def sort(self) -> None:
        for moments in (self.created, self.resolved, self.reopened):
            moments.sort()


def issue_trends(
    issues: Iterable[IssueHistory],
    spans: Sequence[Interval],
    *,
    now: float,
    grouping: Grouping | None = None,
    resolved_by: ResolvedBy = "resolution",
) -> Iterator[dict[str, Any]]:
    """Yield a row for each interval and group, also where nothing happened in it.

    By `resolution` an issue is resolved once, at its resolution date, as in Jira's own "created vs. resolved": one that
    was reopened and has no resolution now counts as open all the time. By `statusCategory` each way into a status of
    the category done resolves an issue, and each way out of it reopens it, as its changelog says; one that was created
    done is created and resolved at once. `net` is created - resolved + reopened, and `open` the sum of `net` since the
    first issue.

    What is dated before its issue was created (imports) happened when that was.

    Args:
        issues: their histories; stays count by `statusCategory` alone.
        spans: the intervals, one after another.
        now: epoch seconds; an interval that ends later is not over.
        grouping: what to count by, or None.
        resolved_by: what resolves an issue.
    """
    by_group: dict[str | None, _Moments] = {} if grouping else {None: _Moments()}
    groups = groups_of(grouping)
    for issue in issues:
        resolved, reopened = _ends(issue, resolved_by)
        for group in groups(issue):
            moments = by_group.setdefault(group, _Moments())
            moments.created.append(issue.created_at)
            moments.resolved += resolved
            moments.reopened += reopened
    for moments in by_group.values():
        moments.sort()
    ordered = sorted(by_group.items(), key=lambda item: item[0] or "")
    for span in spans:
        for group, moments in ordered:
            yield _row(span, group, moments, now)


def _ends(issue: IssueHistory, resolved_by: ResolvedBy) -> tuple[list[float], list[float]]:
    """Return when an issue was resolved and reopened."""
    if resolved_by == "resolution":
        return ([] if issue.resolved_at is None else [max(issue.resolved_at, issue.created_at)]), []
    resolved: list[float] = []
    reopened: list[float] = []
    done = False
    for stay in issue.stays:
        if (stay.category == DONE) != done:
            done = not done
            (resolved if done else reopened).append(stay.entered_at)
    return resolved, reopened


def _row(span: Interval, group: str | None, moments: _Moments, now: float) -> dict[str, Any]:
    before = {name: bisect_left(getattr(moments, name), span.start_at) for name in _Moments.__slots__}
    by_end = {name: bisect_left(getattr(moments, name), span.end_at) for name in _Moments.__slots__}
    created, resolved, reopened = (by_end[name] - before[name] for name in ("created", "resolved", "reopened"))
    return {
        "start": span.first_day.isoformat(),
        "end": span.last_day.isoformat(),
        "group": group,
        "created": created,
        "resolved": resolved,
        "reopened": reopened,
        "net": created - resolved + reopened,
        "open": by_end["created"] - by_end["resolved"] + by_end["reopened"],
        "over": span.end_at <= now,
    }


def trend_chart(grouping: Grouping | None) -> chart.Chart:
    """Return created against resolved over open issues; of groups, the open issues of each."""
    start = chart.Axis("start", "Interval beginning", "temporal")
    opened = chart.Axis("open", "Open issues", "count")
    if grouping is not None:
        return chart.line("Open issues", start, opened, chart.Axis("group", "Group", "nominal"))
    fields = {"created": "Created", "resolved": "Resolved"}
    came_and_went = chart.lines("Created and resolved issues", start, fields, "Issues", kind="count")
    # What has been created so far in an interval that is not over looks like a fall; alone it is all there is.
    came_and_went["transform"] = [
        {"joinaggregate": [{"op": "max", "field": "over", "as": _ANY_OVER}]},
        {"filter": f"datum.over || !datum.{_ANY_OVER}"},
        *came_and_went["transform"],
    ]
    return chart.above(came_and_went, chart.line("Open issues", start, opened))
