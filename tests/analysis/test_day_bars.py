"""Bars that are as long as their days."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.analysis.drawn import marks, svg
from vantage_jira_plugin.analysis import chart
from vantage_jira_plugin.analysis.chart import Axis
from vantage_jira_plugin.analysis.day_bars import centred, intervals, spans

_START, _END = Axis("start", "Start", "temporal"), Axis("end", "End", "temporal")
_COUNT, _KIND, _KEY = (
    Axis("count", "Issues", "quantitative"),
    Axis("kind", "Kind", "nominal"),
    Axis("key", "Issue", "nominal"),
)
_SPANS = spans("Title", _START, _END, _KEY, _KIND)
#: Two weeks, with two kinds of one in each.
_ROWS = [
    {"start": start, "end": end, "count": 3, "kind": kind, "key": f"DEV-{kind}"}
    for start, end in (("2026-01-05", "2026-01-11"), ("2026-01-12", "2026-01-18"))
    for kind in "ab"
]


def test_a_bar_of_one_day_is_a_day_wide():
    """A span ends at the end of its last day, and one without an end goes on until now."""
    (row, *_) = _ROWS
    assert [round(bar["width"]) for bar in marks(_SPANS, [row | {"end": "2026-01-05"}], "rect")] == [chart.WIDTH]
    short, until_now = marks(_SPANS, [row, {**row, "end": None, "key": "DEV-2"}], "rect")
    assert short["x"] == until_now["x"] == 0
    assert until_now["width"] == chart.WIDTH > short["width"]


@pytest.mark.parametrize("days", [2, 120])
def test_bars_of_intervals_are_beside_each_other(days):
    """However many there are, none covers the next one."""
    rows = [{"start": f"2026-{n // 28 + 1:02}-{n % 28 + 1:02}", "count": 1} for n in range(days)]
    bars = marks(intervals("Title", _START, "start", _COUNT), rows, "rect")
    assert len(bars) == days
    ordered = sorted((bar["x"], bar["width"]) for bar in bars)
    assert all(x + width <= following for (x, width), (following, _) in pairwise(ordered))
    assert sum(width for _, width in ordered) > chart.WIDTH / 2


def test_bars_of_one_interval_stand_on_each_other():
    """Those of two groups in one week have its whole width, one above the other."""
    bars = marks(intervals("Title", _START, "end", _COUNT, _KIND), _ROWS, "rect")
    assert {round(bar["height"]) for bar in bars} == {chart.HEIGHT // 2}
    assert len({round(bar["x"]) for bar in bars}) == 2
    assert len({round(bar["y"]) for bar in bars}) == 2


def test_points_are_centred_on_their_bars():
    """Each lies above the middle of the bar of its interval."""
    rows = _ROWS[::2]
    points = centred(chart.points("Title", _START, _COUNT), "end")
    drawing = chart.layers("Title", intervals("Title", _START, "end", _COUNT), points)
    middles = {round(bar["x"] + bar["width"] / 2) for bar in marks(drawing, rows, "rect")}
    assert {round(point["x"]) for point in marks(drawing, rows, "symbol")} == middles


@pytest.mark.parametrize(
    "specification", [_SPANS, intervals("Title", _START, "end", _COUNT)], ids=["spans", "intervals"]
)
def test_nothing_is_drawn_too(specification):
    """Without rows there is a picture with its title."""
    assert "Title" in svg(specification, [])
