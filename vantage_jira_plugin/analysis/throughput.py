"""How many issues were finished in each day, week or month. Pure; no HTTP."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from typing import TYPE_CHECKING, Any

from . import chart, day_bars
from .groups import groups_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from vantage_jira_plugin.contract import Column

    from .cycle_time import Finished
    from .groups import Grouping
    from .intervals import Interval

__all__ = ["THROUGHPUT_COLUMNS", "throughput_chart", "throughput_rows"]

THROUGHPUT_COLUMNS: tuple[Column, ...] = (
    {"name": "start", "type": "date", "title": "First day"},
    {"name": "end", "type": "date", "title": "Last day"},
    {"name": "group", "type": "string", "title": "Group"},
    {"name": "finished", "type": "integer", "title": "Finished issues"},
    {"name": "movingAverage", "type": "number", "title": "Mean of the last intervals"},
    {"name": "over", "type": "boolean", "title": "Interval is over"},
)
#: To how many places a mean is given.
_PLACES = 2


def throughput_rows(
    issues: Iterable[Finished],
    spans: Sequence[Interval],
    *,
    now: float,
    averaged: int,
    grouping: Grouping | None = None,
) -> Iterator[dict[str, Any]]:
    """Yield a row for each interval and group, also where nothing was finished in it.

    `movingAverage` is the mean of the interval and those before it, `averaged` in all; None where fewer are in the
    table, and where the interval is not over, whose count would pull it down.

    Args:
        issues: what is finished; an issue counts once, when it was finished for good.
        spans: the intervals, one after another.
        now: epoch seconds; an interval that ends later is not over.
        averaged: how many intervals a mean is of.
        grouping: what to count by, or None; one of several components or labels is in each of their groups.
    """
    counts: dict[str | None, Counter[int]] = {} if grouping else {None: Counter()}
    groups = groups_of(grouping)
    starts = [span.start_at for span in spans]
    for one in issues:
        # What was finished outside of the intervals is at a place that is not asked for: -1, or behind the last.
        place = bisect_right(starts, one.finished_at) - 1
        if place >= 0 and one.finished_at >= spans[place].end_at:
            place = len(spans)
        for group in groups(one.issue):
            counts.setdefault(group, Counter())[place] += 1
    ordered = sorted(counts.items(), key=lambda item: item[0] or "")
    for place, span in enumerate(spans):
        for group, counter in ordered:
            over = span.end_at <= now
            last = [counter[before] for before in range(max(0, place - averaged + 1), place + 1)]
            yield {
                "start": span.first_day.isoformat(),
                "end": span.last_day.isoformat(),
                "group": group,
                "finished": counter[place],
                "movingAverage": round(sum(last) / averaged, _PLACES) if over and place + 1 >= averaged else None,
                "over": over,
            }


def throughput_chart(grouping: Grouping | None) -> chart.Chart:
    """Return a bar for each interval, with the moving average; of groups, bars on each other."""
    start = chart.Axis("start", "Interval beginning", "temporal")
    count = chart.Axis("finished", "Finished issues", "count")
    if grouping is not None:
        return day_bars.intervals("Throughput", start, "end", count, chart.Axis("group", "Group", "nominal"))
    average = chart.Axis("movingAverage", "Finished issues", "quantitative")
    bars, line = day_bars.intervals("Throughput", start, "end", count), chart.line("Mean", start, average)
    bars["mark"] |= {"color": chart.COLORS[5]}
    line["mark"] |= {"color": chart.COLORS[3], "point": {"color": chart.COLORS[3]}}
    return chart.layers("Throughput", bars, day_bars.centred(line, "end"))
