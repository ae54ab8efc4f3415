from __future__ import annotations

import re

import pytest
import vl_convert

from vantage_jira_plugin.analysis import chart
from vantage_jira_plugin.analysis.chart import Axis

_DAY = Axis("day", "Day", "temporal")
_COUNT = Axis("count", "Issues", "quantitative")
_KIND = Axis("kind", "Kind", "nominal", order_by="order")
_ROWS = [
    {"day": "2026-01-05", "end": "2026-01-05", "count": 3, "other": 4, "kind": "a", "order": 2, "key": "DEV-1"},
    {"day": "2026-01-06", "end": None, "count": 5, "other": 6, "kind": "b", "order": 1, "key": "DEV-2"},
]
_CHARTS = {
    "line": chart.line("Title", _DAY, _COUNT, _KIND),
    "lines": chart.lines("Title", _DAY, ("count", "other"), "Issues", apart="kind"),
    "bars": chart.bars("Title", _DAY, _COUNT, _KIND),
    "columns": chart.columns("Title", _KIND, ("count", "other"), "Issues"),
    "area": chart.area("Title", _DAY, _COUNT, _KIND),
    "points": chart.points("Title", _DAY, _COUNT, _KIND, tooltip=("key",)),
    "spans": chart.spans("Title", _DAY, Axis("end", "End", "temporal"), Axis("key", "Issue", "nominal"), _KIND),
    "layers": chart.layers("Title", chart.points("", _DAY, _COUNT), chart.rule("median", _COUNT, "Median")),
    "above": chart.above(chart.line("Title", _DAY, _COUNT), chart.line("Other", _DAY, _COUNT)),
}


def _drawn(specification, rows=_ROWS):
    """Draw the rows."""
    return vl_convert.vegalite_to_svg(
        {**specification, "data": {"name": "rows", "values": rows}}, vl_version="5.21", allowed_base_urls=[]
    )


@pytest.mark.parametrize("specification", _CHARTS.values(), ids=_CHARTS)
def test_every_kind_is_drawn(specification):
    """A specification has no rows of its own, and with rows it becomes a picture with its title and marks."""
    assert specification["data"] == {"name": "rows"}
    svg = _drawn(specification)
    assert "Title" in svg
    assert svg.count('aria-roledescription="') > 3
    assert "NaN" not in svg


@pytest.mark.parametrize("specification", _CHARTS.values(), ids=_CHARTS)
def test_nothing_is_drawn_too(specification):
    """Without rows there is an empty picture of a size that there is."""
    width = re.search(r'width="([^"]*)"', _drawn(specification, []))
    assert 0 < float(width[1]) < 2 * chart.WIDTH


def test_a_day_is_where_it_is_in_utc():
    """A date is shown as that day wherever the picture is drawn: the scale counts in UTC."""
    assert _CHARTS["line"]["encoding"]["x"]["scale"]["type"] == "utc"
    assert "Jan 05" in _drawn(_CHARTS["line"]) or "Mon 05" in _drawn(_CHARTS["line"])


def test_a_bar_of_one_day_is_a_day_wide():
    """A span ends at the end of its last day, and one without an end goes on until now."""
    scene = vl_convert.vegalite_to_scenegraph(
        {**_CHARTS["spans"], "data": {"name": "rows", "values": _ROWS[:1]}}, vl_version="5.21"
    )
    bars = _items(scene, "rect")
    assert [round(bar["width"]) for bar in bars] == [chart.WIDTH]


def test_colours_of_categories_are_fixed():
    """A column with colours of its own keeps them whatever the rows hold."""
    axis = Axis("statusCategory", "Category", "nominal", colors=chart.CATEGORY_COLORS)
    scale = axis.coloring()["scale"]
    assert dict(zip(scale["domain"], scale["range"], strict=True)) == chart.CATEGORY_COLORS


def test_colours_are_told_apart_on_white():
    """No two colours of a palette are the same."""
    assert len(set(chart.COLORS)) == len(chart.COLORS)
    assert len(set(chart.CATEGORY_COLORS.values())) == 4


def _items(scene, kind):
    found = []
    stack = [scene]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            if node.get("marktype") == kind and node.get("name") == "marks":
                found += node["items"]
            stack += node.values()
        elif isinstance(node, list):
            stack += node
    return found
