"""Vega-Lite specifications of the tables of this folder, as JSON without rows. No data, and nothing is drawn here.

Whoever draws one puts the rows of the table in as the data called `rows`. Times are shown in UTC, days as they are.

Source: https://vega.github.io/vega-lite/docs/spec.html (Vega-Lite 5)
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "CATEGORY_COLORS",
    "DATA_NAME",
    "Axis",
    "Chart",
    "above",
    "area",
    "bars",
    "layers",
    "level",
    "line",
    "lines",
    "points",
]

Chart = dict[str, Any]
Kind = Literal["temporal", "quantitative", "count", "nominal"]

SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
#: What the rows are called in a specification.
DATA_NAME = "rows"
#: Colours that people with any kind of colour vision tell apart: eight, and four more for those who have so many.
#: Source: Okabe and Ito, https://jfly.uni-koeln.de/color/ (2008); Tol, https://sronpersonalpages.nl/~pault/ (muted)
COLORS = (
    *("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#F0E442", "#000000"),
    *("#332288", "#999933", "#882255", "#117733"),
)
#: Colours of Jira's status categories, in the order in which work goes through them.
CATEGORY_COLORS: Mapping[str, str] = {
    "new": "#8C8C8C",
    "indeterminate": "#0072B2",
    "done": "#009E73",
    "undefined": "#D55E00",
}
#: Size of the drawing without its axes, in pixels.
WIDTH, HEIGHT = 720, 360
#: What a drawing of several has once.
_ONCE = ("$schema", "data", "background")
#: What several columns in one drawing are told apart by, and the value of each.
_COLUMN, _VALUE = "column", "value"
#: What a text that stands for one row is called, and how many rows have its plain text.
_PLACE, _NAMESAKES = "place", "namesakes"
#: Days at the start of texts are read as UTC, and so must be shown; between whole numbers an axis says nothing.
_OF_KIND: Mapping[str, Mapping[str, Any]] = {
    "temporal": {"scale": {"type": "utc"}},
    "count": {"axis": {"format": ",d", "labelExpr": "datum.value % 1 ? '' : datum.label"}},
}


@dataclass(frozen=True, slots=True)
class Axis:
    """One column of a table on one channel of a drawing.

    Attributes:
        field: name of the column.
        title: what people read, with the unit; None for no words.
        kind: `temporal` for dates and datetimes, `quantitative` for numbers, `count` for whole ones, else `nominal`.
        order_by: the column in whose order the texts of this one stand; by default they are in the alphabet's.
        descending: whether the greatest of that column comes first.
        colors: of a column that colours: colour by text.
    """

    field: str
    title: str | None
    kind: Kind
    order_by: str | None = None
    descending: bool = False
    colors: Mapping[str, str] | None = None

    def channel(self, **more: Any) -> dict[str, Any]:
        """Return it as an encoding channel."""
        vega_type = "quantitative" if self.kind == "count" else self.kind
        channel: dict[str, Any] = {"field": self.field, "type": vega_type, "title": self.title}
        channel |= _OF_KIND.get(self.kind, {})
        if self.order_by is not None:
            order = {"order": "descending"} if self.descending else {}
            channel["sort"] = {"field": self.order_by, "op": "min", **order}
        return channel | more

    def told(self) -> dict[str, Any]:
        """Return it as what is shown where somebody points at a mark: the value as it is in the row."""
        return {"field": self.field, "type": "nominal", "title": self.title or self.field}

    def coloring(self) -> dict[str, Any]:
        """Return it as the channel that colours, with a legend."""
        if self.colors is not None:
            scale = {"domain": list(self.colors), "range": list(self.colors.values())}
        else:
            scale = {"range": list(COLORS)}
        return self.channel(scale=scale)


def line(title: str, x: Axis, y: Axis, color: Axis | None = None) -> Chart:
    """Return lines with a point at each row."""
    return _unit(title, {"type": "line", "point": True, "strokeJoin": "round"}, x=x, y=y, color=color)


def lines(
    title: str,
    x: Axis,
    fields: Mapping[str, str],
    y_title: str,
    *,
    kind: Kind = "quantitative",
    apart: str | None = None,
) -> Chart:
    """Return a line for each of several columns of numbers on one scale, broken where the column `apart` changes.

    `fields` are the columns, and what people read for each.
    """
    chart = line(title, x, Axis(_VALUE, y_title, kind), _columns_of(fields))
    if apart is not None:
        chart["encoding"]["detail"] = {"field": apart, "type": "nominal"}
    return {**chart, "transform": _folded(fields)}


def columns(title: str, x: Axis, fields: Mapping[str, str], y_title: str, *, told_apart_by: str | None = None) -> Chart:
    """Return a bar for each of several columns of numbers, beside each other; `fields` as for `lines`.

    Rows of one text on `x` whose column `told_apart_by` differs have a place each, and its value behind their text.
    """
    chart = bars(title, x, Axis(_VALUE, y_title, "quantitative"), _columns_of(fields))
    chart["encoding"]["xOffset"] = _columns_of(fields).channel()
    chart["encoding"]["y"]["stack"] = None
    if told_apart_by is None:
        return {**chart, "transform": _folded(fields)}
    chart["encoding"]["x"]["field"] = _PLACE
    name, apart = f"datum['{x.field}']", f"datum['{told_apart_by}']"
    placed = [
        {
            "joinaggregate": [{"op": "distinct", "field": told_apart_by, "as": _NAMESAKES}],
            "groupby": [x.field],
        },
        {"calculate": f"datum['{_NAMESAKES}'] > 1 ? {name} + ' (' + {apart} + ')' : {name}", "as": _PLACE},
    ]
    return {**chart, "transform": [*placed, *_folded(fields)]}


def bars(title: str, x: Axis, y: Axis, color: Axis | None = None) -> Chart:
    """Return a bar per row; those of one place stand on each other."""
    return _unit(title, {"type": "bar"}, x=x, y=y, color=color)


def area(title: str, x: Axis, y: Axis, color: Axis) -> Chart:
    """Return areas on each other, in the order of the colouring column, whose first is at the top.

    There is a point at each row, since an area of one place alone cannot be seen.
    """
    more = {} if color.order_by is None else {"order": {"field": color.order_by, "sort": "descending"}}
    mark = {"type": "area", "opacity": 1, "point": {"size": 16}}
    chart = _unit(title, mark, x=x, y=y, color=color, more=more)
    chart["encoding"]["y"]["stack"] = "zero"
    return chart


def points(title: str, x: Axis, y: Axis, color: Axis | None = None, *, tooltip: Sequence[str] = ()) -> Chart:
    """Return a point per row; `tooltip` names further columns shown where somebody points at one."""
    chart = _unit(title, {"type": "point", "filled": True, "size": 60}, x=x, y=y, color=color)
    chart["encoding"]["tooltip"] += [_told(field) for field in tooltip]
    return chart


def level(
    y: Mapping[str, Any], name: Mapping[str, Any], transform: Sequence[Mapping[str, Any]] = ()
) -> tuple[Chart, Chart]:
    """Return a line across the drawing, and its name at its end; both are channels of Vega-Lite."""
    line_mark = {"type": "rule", "strokeDash": [6, 4]}
    name_mark = {"type": "text", "align": "right", "baseline": "bottom", "x": "width"}
    more = {"transform": list(transform)} if transform else {}
    return (
        {"mark": line_mark, "encoding": {"y": y}, **more},
        {"mark": name_mark, "encoding": {"y": y, "text": name}, **more},
    )


def layers(title: str, *charts: Chart) -> Chart:
    """Return several drawings of the same rows on the same axes, the first at the bottom."""
    kept = [
        {key: value for key, value in chart.items() if key in ("mark", "encoding", "transform")} for chart in charts
    ]
    return {**_frame(title), "layer": kept}


def above(*charts: Chart) -> Chart:
    """Return several drawings of the same rows, one below the other, each with its title."""
    parts = [{key: value for key, value in one.items() if key not in _ONCE} for one in charts]
    once = {key: value for key, value in charts[0].items() if key in _ONCE}
    return {**once, "vconcat": [part | {"height": HEIGHT // len(parts)} for part in parts]}


def _unit(
    title: str,
    mark: Mapping[str, Any],
    *,
    x: Axis,
    y: Axis,
    color: Axis | None,
    more: Mapping[str, Any] = MappingProxyType({}),
) -> Chart:
    encoding: dict[str, Any] = {"x": x.channel(), "y": y.channel(), **more}
    if color is not None:
        encoding["color"] = color.coloring()
    encoding["tooltip"] = [axis.told() for axis in (x, y, color) if axis is not None]
    return {**_frame(title), "mark": {"color": COLORS[0], **mark}, "encoding": encoding}


def _columns_of(fields: Mapping[str, str]) -> Axis:
    """Return what several columns are told apart by; each has a colour of its own, also where there are no rows."""
    return Axis(_COLUMN, None, "nominal", colors=dict(zip(fields.values(), COLORS, strict=False)))


def _folded(fields: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return what makes a row of each of several columns, named as people read it."""
    return [
        {"fold": list(fields), "as": [_COLUMN, _VALUE]},
        {"calculate": f"{json.dumps(fields)}[datum['{_COLUMN}']]", "as": _COLUMN},
    ]


def _told(field: str) -> dict[str, Any]:
    return {"field": field, "type": "nominal"}


def _frame(title: str) -> Chart:
    return {
        "$schema": SCHEMA,
        "title": title,
        "data": {"name": DATA_NAME},
        "width": WIDTH,
        "height": HEIGHT,
        "background": "white",
    }
