"""Drawings with bars that are as long as the days of a row. No other drawings, and no data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .chart import bars

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .chart import Axis, Chart

__all__ = ["centred", "intervals", "spans"]

#: Width or height that one bar of a list of bars takes, in pixels.
_STEP = 18
#: What the end of a bar is called, and how much later than the beginning of its last day it is.
_BAR_END = "barEnd"
_DAY_MILLISECONDS = 86_400_000
#: What the middle of an interval is called.
_MIDDLE = "middle"


def intervals(title: str, start: Axis, last_day: str, y: Axis, color: Axis | None = None) -> Chart:
    """Return a bar per row, as wide as its days, from one to the end of another; those of one place are stacked."""
    chart = bars(title, start, y, color)
    chart["encoding"]["x"]["bin"] = "binned"  # else a bar with two ends lies on its side
    return _until(chart, _end_of(last_day))


def centred(drawing: Chart, last_day: str) -> Chart:
    """Return a drawing with its marks in the middle of such bars."""
    x = drawing["encoding"]["x"]
    middle = f"(+toDate(datum['{x['field']}']) + {_end_of(last_day)}) / 2"
    return {
        **drawing,
        "transform": [{"calculate": middle, "as": _MIDDLE}],
        "encoding": {**drawing["encoding"], "x": {**x, "field": _MIDDLE}},
    }


def spans(title: str, start: Axis, end: Axis, y: Axis, color: Axis, *, tooltip: Sequence[str] = ()) -> Chart:
    """Return a bar per row from one day to the end of another, one below the other: a Gantt chart.

    A bar without an end goes on until now.
    """
    chart = bars(title, start, y, color)
    chart["mark"] |= {"cornerRadius": 3, "height": _STEP - 6}
    chart["encoding"]["x"]["title"] = None
    chart["encoding"]["tooltip"] += [end.told(), *({"field": field, "type": "nominal"} for field in tooltip)]
    chart["height"] = {"step": _STEP}
    return _until(chart, f"datum['{end.field}'] ? {_end_of(end.field)} : max(now(), +toDate(datum['{start.field}']))")


def _until(chart: Chart, end: str) -> Chart:
    """Return a chart of bars that end at what an expression says."""
    chart["transform"] = [{"calculate": end, "as": _BAR_END}]
    chart["encoding"]["x2"] = {"field": _BAR_END}
    return chart


def _end_of(day: str) -> str:
    """Return the expression for the end of the day in a column of texts such as `2026-01-31`."""
    return f"+toDate(datum['{day}']) + {_DAY_MILLISECONDS}"
