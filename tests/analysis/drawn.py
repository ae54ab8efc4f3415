"""Draws rows by a specification, and finds marks and texts in what was drawn."""

from __future__ import annotations

import re
from typing import Any

import vl_convert

__all__ = ["marks", "svg", "texts"]


def svg(specification: dict[str, Any], rows: list[dict[str, Any]]) -> str:
    """Draw rows as an SVG."""
    drawing = {**specification, "data": {"name": "rows", "values": rows}}
    return vl_convert.vegalite_to_svg(drawing, vl_version="5.21", allowed_base_urls=[])


def texts(specification: dict[str, Any], rows: list[dict[str, Any]]) -> list[str]:
    """Return all that is written in the drawing of rows, in order: axes, then marks, legends and the title."""
    return re.findall(r"<text [^>]*>([^<]*)</text>", svg(specification, rows))


def marks(specification: dict[str, Any], rows: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """Return the marks of a kind such as `rect`, with their `x`, `y`, `width` and `height` in pixels."""
    drawing = {**specification, "data": {"name": "rows", "values": rows}}
    scene = vl_convert.vegalite_to_scenegraph(drawing, vl_version="5.21")
    found: list[dict[str, Any]] = []
    stack: list[Any] = [scene]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            # `marks` of one drawing, `layer_0_marks` of several on each other.
            if node.get("marktype") == kind and str(node.get("name")).endswith("marks"):
                found += node["items"]
            stack += node.values()
        elif isinstance(node, list):
            stack += node
    return found
