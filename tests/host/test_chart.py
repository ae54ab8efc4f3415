from __future__ import annotations

import json
import re
import struct
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from vantage_jira_plugin.host.chart import ChartFile
from vantage_jira_plugin.host.errors import HostError

_SPECIFICATION = {
    "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
    "title": "Words & <counts>",
    "data": {"name": "rows"},
    "mark": "bar",
    "encoding": {"x": {"field": "word", "type": "nominal"}, "y": {"field": "count", "type": "quantitative"}},
}
_ROWS = [{"word": "</script><script>alert(1)</script>", "count": 3}, {"word": "Grüße", "count": 4}]


def _written(tmp_path, name, rows=_ROWS, specification=_SPECIFICATION):
    path = tmp_path / name
    ChartFile.at(str(path)).write(specification, rows)
    assert [child.name for child in tmp_path.iterdir()] == [name]
    return path.read_bytes()


def test_an_svg_shows_the_rows(tmp_path):
    """Texts of rows are in the picture as texts, not as markup."""
    svg = _written(tmp_path, "out.svg").decode()
    assert svg.startswith("<svg")
    assert "Grüße" in svg
    assert "<script" not in svg


def test_a_png_is_one(tmp_path):
    """The ending counts whatever its case."""
    assert _written(tmp_path, "OUT.PNG").startswith(b"\x89PNG\r\n\x1a\n")


@pytest.mark.parametrize("name", ["out.svg", "out.png", "out.html", "out.json"])
def test_half_a_character_is_drawn_as_a_question_mark(tmp_path, name):
    """A text may hold half a surrogate pair, which UTF-8 cannot: that is no reason to draw nothing."""
    drawn = _written(tmp_path, name, rows=[{"word": "half \ud83d", "count": 3}])
    assert name != "out.svg" or "half ?" in drawn.decode()


def _list_of_bars(rows):
    """Return a specification that is higher with each row, and so many rows."""
    encoding = {"y": {"field": "word", "type": "nominal"}}
    specification = {**_SPECIFICATION, "width": 800, "height": {"step": 20}, "encoding": encoding}
    return specification, [{"word": f"word {number}"} for number in range(rows)]


def test_a_large_png_has_fewer_pixels(tmp_path):
    """A drawing of 800 by 20,000 is not doubled: it would take four times the memory."""
    specification, rows = _list_of_bars(1000)
    png = _written(tmp_path, "out.png", rows, specification)
    width, height = struct.unpack(">II", png[16:24])
    assert 800 < width < 1000
    assert 20_000 < height < 20_200


def test_a_png_that_is_too_large_is_refused(tmp_path):
    """Gigabytes of pixels are not drawn; it is said what else can be."""
    specification, rows = _list_of_bars(5000)
    with pytest.raises(HostError, match=r"at most 64000000; draw an \.svg"):
        ChartFile.at(str(tmp_path / "out.png")).write(specification, rows)
    assert list(tmp_path.iterdir()) == []


def test_a_page_needs_nothing_else(tmp_path):
    """It has the libraries in it, and a row's text that ends a script ends none."""
    page = _written(tmp_path, "out.html").decode()
    assert page.startswith("<!DOCTYPE html>")
    assert not re.search(r"<script[^>]*src|<link", page)
    assert page.count("</script>") == 2
    assert "<title>Words &amp; &lt;counts&gt;</title>" in page
    drawn = json.loads(page.partition('vegaEmbed("#chart", ')[2].partition(', {"renderer"')[0])
    assert drawn["data"]["values"] == _ROWS


def test_json_is_the_specification_with_its_rows(tmp_path):
    """What a dashboard would make of it; the specification itself is left as it was."""
    assert json.loads(_written(tmp_path, "out.json")) == {**_SPECIFICATION, "data": {"name": "rows", "values": _ROWS}}
    assert "values" not in _SPECIFICATION["data"]


def test_no_rows_are_drawn_too(tmp_path):
    """An empty table is an empty picture, no failure."""
    assert _written(tmp_path, "out.svg", rows=[]).startswith(b"<svg")


@pytest.mark.parametrize("name", ["out", "out.pdf", "svg", "out.svg.txt"])
def test_another_ending_is_refused(name):
    """Those that are known are named."""
    with pytest.raises(HostError, match=r"one of \.svg, \.png, \.html, \.json"):
        ChartFile.at(name)


def test_a_file_that_cannot_be_is_refused_beforehand(tmp_path):
    """There must be a folder for it, and it must not be one itself."""
    (tmp_path / "folder.svg").mkdir()
    for name in ("nowhere/out.svg", "folder.svg"):
        with pytest.raises(HostError, match="there is no folder"):
            ChartFile.at(str(tmp_path / name))


def test_without_the_library_the_extra_is_named(tmp_path, monkeypatch):
    """Only JSON is written without it."""
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    for name in ("out.svg", "out.png", "out.html"):
        with pytest.raises(HostError, match="not installed") as refused:
            ChartFile.at(str(tmp_path / name))
        assert "vantage-jira-plugin[charts]" in refused.value.hint
    assert _written(tmp_path, "out.json")


def test_a_table_without_a_chart_leaves_the_file_as_it_was(tmp_path):
    """It is said, and nothing is written."""
    path = tmp_path / "out.json"
    path.write_text("before", encoding="ascii")
    with pytest.raises(HostError, match="this action has no chart"):
        ChartFile.at(str(path)).write(None, _ROWS)
    assert path.read_text(encoding="ascii") == "before"


def test_a_specification_that_cannot_be_drawn_is_told(tmp_path):
    """The library's own words are in the message, and no file is left behind."""
    with pytest.raises(HostError, match="cannot be drawn"):
        ChartFile.at(str(tmp_path / "out.svg")).write({**_SPECIFICATION, "mark": "nonsense"}, _ROWS)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_loaded_from_elsewhere(tmp_path):
    """A specification that names an address for its data is not followed: nobody is asked."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_):
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/x.json"
        lookup = {"lookup": "word", "from": {"data": {"url": address}, "key": "k", "fields": ["v"]}}
        with pytest.raises(HostError, match="cannot be drawn"):
            ChartFile.at(str(tmp_path / "out.svg")).write({**_SPECIFICATION, "transform": [lookup]}, _ROWS)
        server.shutdown()
    assert asked == []


def test_a_file_that_cannot_be_written_is_told(tmp_path):
    """A folder that went away in between is no traceback."""
    folder = tmp_path / "folder"
    folder.mkdir()
    file = ChartFile.at(str(folder / "out.json"))
    folder.rmdir()
    with pytest.raises(HostError, match="No such file"):
        file.write(_SPECIFICATION, _ROWS)
