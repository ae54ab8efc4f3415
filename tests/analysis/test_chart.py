from __future__ import annotations

import re

import pytest

from tests.analysis.drawn import marks, svg, texts
from vantage_jira_plugin.analysis import chart
from vantage_jira_plugin.analysis.chart import Axis

_DAY = Axis("day", "Day", "temporal")
_COUNT = Axis("count", "Issues", "quantitative")
_KIND = Axis("kind", "Kind", "nominal", order_by="order")
_ROWS = [
    {"day": "2026-01-05", "end": "2026-01-05", "count": 3, "other": 4, "kind": "a", "order": 2, "key": "DEV-1"},
    {"day": "2026-01-06", "end": None, "count": 5, "other": 6, "kind": "b", "order": 1, "key": "DEV-2"},
]
_FIELDS = {"count": "Counted", "other": "Others"}
_HALF = {"aggregate": "median", "field": "count", "type": "quantitative"}
_CHARTS = {
    "line": chart.line("Title", _DAY, _COUNT, _KIND),
    "lines": chart.lines("Title", _DAY, _FIELDS, "Issues", apart="kind"),
    "bars": chart.bars("Title", _DAY, _COUNT, _KIND),
    "columns": chart.columns("Title", _KIND, _FIELDS, "Issues"),
    "area": chart.area("Title", _DAY, _COUNT, _KIND),
    "points": chart.points("Title", _DAY, _COUNT, _KIND, tooltip=("key",)),
    "layers": chart.layers("Title", chart.points("", _DAY, _COUNT), *chart.level(_HALF, {"value": "Half"})),
    "above": chart.above(chart.line("Title", _DAY, _COUNT), chart.line("Other", _DAY, _COUNT)),
}


@pytest.mark.parametrize("specification", _CHARTS.values(), ids=_CHARTS)
def test_every_kind_is_drawn(specification):
    """A specification has no rows of its own, and with rows it becomes a picture with its title and marks."""
    assert specification["data"] == {"name": "rows"}
    drawn = svg(specification, _ROWS)
    assert "Title" in drawn
    assert drawn.count('aria-roledescription="') > 3
    assert "NaN" not in drawn


@pytest.mark.parametrize("specification", _CHARTS.values(), ids=_CHARTS)
def test_nothing_is_drawn_too(specification):
    """Without rows there is an empty picture of a size that there is."""
    width = re.search(r'width="([^"]*)"', svg(specification, []))
    assert 0 < float(width[1]) < 2 * chart.WIDTH


def test_a_day_is_where_it_is_in_utc():
    """A date is shown as that day wherever the picture is drawn: the scale counts in UTC."""
    assert _CHARTS["line"]["encoding"]["x"]["scale"]["type"] == "utc"
    drawn = svg(_CHARTS["line"], _ROWS)
    assert "Jan 05" in drawn or "Mon 05" in drawn


def test_columns_have_words():
    """People read what a column means, in the legend, and not what it is called."""
    for kind in ("lines", "columns"):
        written = texts(_CHARTS[kind], _ROWS)
        assert {"Counted", "Others"} <= set(written)
        assert not {"count", "other"} & set(written)


@pytest.mark.parametrize("kind", ["line", "lines", "area"])
def test_one_place_alone_is_seen(kind):
    """Lines and areas of a single day would have no extent: a point stands for each row."""
    assert len(marks(_CHARTS[kind], _ROWS[:1], "symbol")) == (2 if kind == "lines" else 1)


def test_counts_have_no_fractions():
    """An axis of whole numbers has no mark between two of them."""
    drawn = {
        kind: texts(chart.bars("", _KIND, Axis("count", "Issues", kind)), _ROWS[:1])
        for kind in ("quantitative", "count")
    }
    assert "0.5" in drawn["quantitative"]
    assert [text for text in drawn["count"] if text.isdecimal()] == ["0", "1", "2", "3"]
    assert "0.5" not in drawn["count"]


def test_a_line_across_has_its_name():
    """It stands at the end of the line."""
    (written,) = marks(_CHARTS["layers"], _ROWS, "text")
    assert (written["text"], written["x"]) == ("Half", chart.WIDTH)


def test_colours_of_categories_are_fixed():
    """A column with colours of its own keeps them whatever the rows hold."""
    axis = Axis("statusCategory", "Category", "nominal", colors=chart.CATEGORY_COLORS)
    scale = axis.coloring()["scale"]
    assert dict(zip(scale["domain"], scale["range"], strict=True)) == chart.CATEGORY_COLORS


def test_colours_are_told_apart_on_white():
    """No two colours of a palette are the same."""
    assert len(set(chart.COLORS)) == len(chart.COLORS)
    assert len(set(chart.CATEGORY_COLORS.values())) == 4
