from __future__ import annotations

import csv
import io
import json
import sys

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.exporting.pulling import COLUMNS, rows
from vantage_jira_plugin.errors import InputError
from vantage_jira_plugin.exporting.formats import format_named

_NAMES = [column["name"] for column in COLUMNS]
_TWO = [{"name": "a", "type": "string", "title": "A"}, {"name": "b", "type": "list", "title": "B"}]


def _file(name, columns, *pages):
    encoding = format_named(name, columns)
    sink = io.BytesIO()
    writer = encoding.writer(sink)
    for page in pages:
        writer.add(encoding.encode(page).data)
    writer.finish()
    return sink.getvalue()


def test_ndjson_is_a_row_on_each_line():
    """Each line is the row as it was, with all its columns in order; what is not a column stays out."""
    made = [{**one, "_raw": {"id": "1"}} for one in rows(20)]
    lines = _file("ndjson", COLUMNS, made[:7], made[7:]).decode().split("\n")
    assert lines.pop() == ""
    assert [json.loads(line) for line in lines] == rows(20)
    assert list(json.loads(lines[0])) == _NAMES


def test_ndjson_without_rows_is_an_empty_file():
    """A format without a header has nothing to say about no rows."""
    assert _file("ndjson", COLUMNS) == b""


def test_csv_is_read_back_as_it_was():
    """A header, then records with CR LF; nothing is empty, a list is JSON, a line break stays in its cell."""
    data = _file("csv", COLUMNS, rows(20))
    header, *records = csv.reader(io.StringIO(data.decode(), newline=""))
    assert header == _NAMES
    assert data.startswith(b"key,summary,votes")
    assert data.endswith(b"\r\n")
    for record, made in zip(records, rows(20), strict=True):
        expected = [
            "" if cell is None else cell if isinstance(cell, str) else json.dumps(cell) for cell in made.values()
        ]
        assert [part.replace('","', '", "') for part in record] == expected


def test_csv_without_rows_has_its_header():
    """The columns of an empty table are told."""
    assert _file("csv", COLUMNS) == (",".join(_NAMES) + "\r\n").encode()


def test_formulas_in_csv_are_left_as_they_are():
    """A text that a spreadsheet would compute is not changed; docs/exports.md tells of it."""
    assert b"=1+1" in _file("csv", _TWO, [{"a": "=1+1", "b": []}])


_TEXTS = st.text(alphabet=st.sampled_from('a",\r\n\\ü😀;=')) | st.none()


@pytest.mark.parametrize("name", ["ndjson", "csv"])
@given(st.lists(st.tuples(_TEXTS, st.lists(st.text(alphabet='a",\r\n'))), min_size=1, max_size=6), st.data())
def test_the_head_of_a_page_is_the_page_of_its_first_rows(name, cells, data):
    """A page that is cut where enough rows are there ends at a row, whatever the texts hold."""
    encoding = format_named(name, _TWO)
    page = [{"a": text, "b": members} for text, members in cells]
    count = data.draw(st.integers(1, len(page)))
    assert encoding.head(encoding.encode(page).data, count) == encoding.encode(page[:count]).data


@pytest.mark.parametrize("name", ["ndjson", "csv"])
def test_what_no_text_can_hold_is_replaced_and_counted(name):
    """Half a character is replaced, a number that is none is empty; the row and its neighbours stay."""
    columns = [*_TWO, {"name": "c", "type": "number", "title": "C"}]
    page = [
        {"a": "x\ud800", "b": ["ok", "\udfff"], "c": float("nan")},
        {"a": "y", "b": [], "c": 1.5},
    ]
    encoded = format_named(name, columns).encode(page)
    assert encoded.lost == {"a": 1, "b": 1, "c": 1}
    text = encoded.data.decode()
    assert text.count("\N{REPLACEMENT CHARACTER}") == 2
    assert "y" in text
    assert "1.5" in text
    assert "nan" not in text.lower()


@pytest.mark.parametrize("name", ["arrow", "parquet"])
def test_columns_need_their_extra(name, monkeypatch):
    """Without pyarrow the two formats are refused with what to install; text formats work."""
    monkeypatch.setitem(sys.modules, "vantage_jira_plugin.exporting.columnar", None)
    with pytest.raises(InputError, match=r"vantage-jira-plugin\[arrow\]") as caught:
        format_named(name, _TWO)
    assert list(caught.value.errors) == ["format"]
    assert _file("csv", _TWO) == b"a,b\r\n"


def test_a_column_whose_name_cannot_be_written_is_called_otherwise():
    """Half a character in the name of a field is replaced, as in a cell."""
    columns = [{"name": "a\ud800", "type": "string", "title": "A"}]
    made = [{"a\ud800": "x"}, {"a\ud800": "\ud800"}]
    assert _file("ndjson", columns, made).decode() == '{"a\ufffd":"x"}\n{"a\ufffd":"\ufffd"}\n'
    assert _file("csv", columns, made).decode() == "a\ufffd\r\nx\r\n\ufffd\r\n"
    assert pq.read_table(io.BytesIO(_file("parquet", columns, made))).to_pylist() == [
        {"a\ufffd": "x"},
        {"a\ufffd": "\ufffd"},
    ]
