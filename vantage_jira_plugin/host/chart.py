"""Draws the table of an action, by the specification that came with it, into a file. It knows no action.

Only here is `vl_convert` imported, and only where something is drawn.
"""

from __future__ import annotations

import html
import json
import os
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import HostError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["ChartFile"]

#: What brings the drawing library.
EXTRA = "vantage-jira-plugin[charts]"
#: The Vega-Lite that specifications are read with; they are written for version 5.
VEGA_LITE = "5.21"
#: How many pixels of a PNG stand for one of the drawing, in a row; a drawing that is too large for it has one.
PNG_SCALE = 2
#: Most pixels of a PNG, which take four bytes each while it is drawn.
MAX_PNG_PIXELS = 64_000_000
#: Where an SVG says how large it is.
SVG_SIZE = re.compile(r'<svg\b[^>]*? width="([0-9.]+)" height="([0-9.]+)"')
#: A page that needs nothing else: the libraries are in it.
PAGE = """<!DOCTYPE html>
<html>
  <head>
    <meta charset="utf-8">
    <title>{title}</title>
    <script>{libraries}</script>
  </head>
  <body>
    <div id="chart"></div>
    <script>vegaEmbed("#chart", {specification}, {{"renderer": "svg", "actions": {{"export": true}}}});</script>
  </body>
</html>
"""


@dataclass(frozen=True, slots=True)
class ChartFile:
    """A file that a chart is drawn into, checked before there is one."""

    path: Path
    _draw: Callable[[dict[str, Any]], bytes]

    @classmethod
    def at(cls, name: str) -> ChartFile:
        """Return the file of this name; its ending says what is drawn.

        Raises:
            HostError: there is no such kind of chart, no such folder, or nothing to draw with.
        """
        path = Path(name)
        drawing = _DRAWINGS.get(path.suffix.lower())
        if drawing is None:
            raise HostError(f"--chart {name}: a chart's name ends in one of {', '.join(_DRAWINGS)}")
        if path.is_dir() or not path.parent.is_dir():
            raise HostError(f"--chart {name}: there is no folder {path.parent}, or it names a folder")
        if drawing is not _json:
            _library()
        return cls(path, drawing)

    def write(self, specification: Mapping[str, Any] | None, rows: Sequence[Mapping[str, Any]]) -> None:
        """Draw the rows; the file is there whole, or as it was before.

        Raises:
            HostError: the table has no chart, its specification cannot be drawn, or the file not be written.
        """
        if specification is None:
            raise HostError(f"--chart {self.path}: this action has no chart", hint="analysis actions have one")
        # The rows go where the specification names them.
        drawn = {**specification, "data": {**specification.get("data", {}), "values": list(rows)}}
        try:
            content = self._draw(drawn)
        except ValueError as error:  # what vl_convert raises too, where a specification is wrong
            raise HostError(f"--chart {self.path}: the chart cannot be drawn: {error}") from error
        try:
            _replace(self.path, content)
        except OSError as error:
            raise HostError(f"--chart {self.path}: {error.strerror}") from error


def _library() -> Any:
    """Return the drawing library.

    Raises:
        HostError: it is not installed.
    """
    try:
        return import_module("vl_convert")
    except ImportError as error:
        raise HostError(
            "--chart needs a library that is not installed, except for .json", hint=f"pip install '{EXTRA}'"
        ) from error


def _json(specification: dict[str, Any]) -> bytes:
    # Half a surrogate pair, which a row may hold and UTF-8 cannot, becomes a question mark.
    return (json.dumps(specification, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "replace")


def _svg(specification: dict[str, Any]) -> bytes:
    # No address is allowed: a specification draws its rows, and loads nothing.
    text = _json(specification).decode()
    svg: str = _library().vegalite_to_svg(text, vl_version=VEGA_LITE, allowed_base_urls=[])
    return svg.encode()


def _png(specification: dict[str, Any]) -> bytes:
    """Return a picture in pixels.

    Raises:
        ValueError: it would be too large, as a list of thousands of bars is.
    """
    svg = _svg(specification).decode()
    size = SVG_SIZE.match(svg)
    pixels = 0.0 if size is None else float(size[1]) * float(size[2])
    scale = PNG_SCALE if pixels * PNG_SCALE**2 <= MAX_PNG_PIXELS else 1
    if pixels * scale**2 > MAX_PNG_PIXELS:
        raise ValueError(f"it has {pixels:.0f} pixels, and a .png at most {MAX_PNG_PIXELS}; draw an .svg or an .html")
    png: bytes = _library().svg_to_png(svg, scale=scale)
    return png


def _html(specification: dict[str, Any]) -> bytes:
    """Return a page. vl_convert has its own, in which a text such as `</script>` in a row would end the script."""
    title = specification.get("title")
    page = PAGE.format(
        title=html.escape(title if isinstance(title, str) else "Chart"),
        libraries=_library().javascript_bundle(vl_version=VEGA_LITE),
        specification=json.dumps(specification).replace("<", "\\u003c"),
    )
    return page.encode()


#: What is drawn, by the ending of the file's name.
_DRAWINGS: dict[str, Callable[[dict[str, Any]], bytes]] = {".svg": _svg, ".png": _png, ".html": _html, ".json": _json}


def _replace(path: Path, content: bytes) -> None:
    """Write a file in one step: whoever reads it meets the old one or the new one."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        with suppress(FileNotFoundError):
            part.unlink()
