"""How many issues were in each status at the end of each day: a cumulative flow diagram. Pure; no HTTP."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

from . import chart
from .history import DONE, INDETERMINATE, NEW, UNDEFINED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from vantage_jira_plugin.contract import Column

    from .history import IssueHistory, Stay
    from .intervals import Interval

__all__ = ["FLOW_BY", "FLOW_COLUMNS", "FlowBy", "cumulative_flow", "flow_chart"]

FlowBy = Literal["status", "statusCategory"]
FLOW_BY: tuple[FlowBy, ...] = get_args(FlowBy)
#: Status categories in the order of work. A status that is not there any more is taken for one of the middle.
_ORDER = {NEW: 0, UNDEFINED: 1, INDETERMINATE: 1, DONE: 2}

FLOW_COLUMNS: tuple[Column, ...] = (
    {"name": "date", "type": "date", "title": "Day at whose end was counted"},
    {"name": "status", "type": "string", "title": "Status"},
    {"name": "statusCategoryKey", "type": "string", "title": "Status category"},
    {"name": "order", "type": "integer", "title": "Place of the status in the flow of work, from 1"},
    {"name": "count", "type": "integer", "title": "Issues"},
)


@dataclass(slots=True)
class _Band:
    """One status: what it is, when it was first seen, and when issues came and went (epoch seconds)."""

    category: str
    first_seen_at: float
    entered: list[float] = field(default_factory=list)
    left: list[float] = field(default_factory=list)

    def count_before(self, moment: float) -> int:
        return bisect_left(self.entered, moment) - bisect_left(self.left, moment)


def cumulative_flow(
    issues: Iterable[IssueHistory], spans: Sequence[Interval], *, by: FlowBy = "status"
) -> Iterator[dict[str, Any]]:
    """Yield a row for each interval and status, with the issues in it at the interval's end, also where there are none.

    The counts of a day add up to the issues created until its end. Of an interval that is not over, as things are.

    Statuses stand in the order of a board: by category (to do, in progress, done), those of one category in the order
    in which issues first came into them. Statuses of one name, which every team-managed project has of its own, are
    one; it has the category of the first of them whose category is known.
    """
    bands: dict[str, _Band] = {}
    for issue in issues:
        for stay in issue.stays:
            _enter(bands, stay.category if by == "statusCategory" else stay.status, stay)
    ordered = sorted(bands.items(), key=lambda item: (_ORDER.get(item[1].category, 1), item[1].first_seen_at, item[0]))
    for _, band in ordered:
        band.entered.sort()
        band.left.sort()
    for span in spans:
        for place, (name, band) in enumerate(ordered, start=1):
            yield {
                "date": span.last_day.isoformat(),
                "status": name,
                "statusCategoryKey": band.category,
                "order": place,
                "count": band.count_before(span.end_at),
            }


def _enter(bands: dict[str, _Band], name: str, stay: Stay) -> None:
    band = bands.setdefault(name, _Band(stay.category, stay.entered_at))
    if band.category == UNDEFINED:
        band.category = stay.category
    band.first_seen_at = min(band.first_seen_at, stay.entered_at)
    band.entered.append(stay.entered_at)
    if stay.left_at is not None:
        band.left.append(stay.left_at)


def flow_chart(by: FlowBy) -> chart.Chart:
    """Return the counts as areas on each other, what is done at the bottom."""
    date = chart.Axis("date", "Day", "temporal")
    count = chart.Axis("count", "Issues", "count")
    colors = chart.CATEGORY_COLORS if by == "statusCategory" else None
    status = chart.Axis("status", "Status", "nominal", order_by="order", colors=colors)
    return chart.area("Cumulative flow", date, count, status)
