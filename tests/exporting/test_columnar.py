from __future__ import annotations

import io
from datetime import UTC, date, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.exporting.pulling import COLUMNS, rows
from vantage_jira_plugin.exporting import columnar
from vantage_jira_plugin.exporting.formats import format_named

_SCHEMA = pa.schema(
    [
        ("key", pa.string()),
        ("summary", pa.string()),
        ("votes", pa.int64()),
        ("points", pa.float64()),
        ("flagged", pa.bool_()),
        ("created", pa.timestamp("ms", tz="UTC")),
        ("duedate", pa.date32()),
        ("labels", pa.list_(pa.string())),
    ]
)


def _file(name, *pages, columns=COLUMNS):
    encoding = format_named(name, columns)
    sink = io.BytesIO()
    writer = encoding.writer(sink)
    for page in pages:
        writer.add(encoding.encode(page).data)
    writer.finish()
    return sink.getvalue()


def _read(name, data):
    return pq.read_table(io.BytesIO(data)) if name == "parquet" else pa.ipc.open_file(io.BytesIO(data)).read_all()


def _typed(made):
    created = datetime.fromisoformat(made["created"])
    due = made["duedate"] and date.fromisoformat(made["duedate"])
    return {**made, "created": created, "duedate": due}


@pytest.mark.parametrize("name", ["arrow", "parquet"])
def test_columns_have_types(name):
    """Rows come back with whole numbers, doubles, moments in UTC, days and lists of texts."""
    table = _read(name, _file(name, rows(7), rows(13, first=7)))
    assert table.schema.equals(_SCHEMA)
    assert table.to_pylist() == [_typed(made) for made in rows(20)]


@pytest.mark.parametrize("name", ["arrow", "parquet"])
def test_a_table_without_rows_has_the_same_schema(name):
    """What reads an empty file finds every column with its type."""
    table = _read(name, _file(name))
    assert table.schema.equals(_SCHEMA)
    assert table.num_rows == 0


@pytest.mark.parametrize("name", ["arrow", "parquet"])
def test_small_pages_become_groups_of_a_bounded_size(name, monkeypatch):
    """Rows of many pages share a group, and none holds more rows than it may."""
    monkeypatch.setattr(columnar, "_GROUP_ROWS", 50)
    data = _file(name, *(rows(7, first=start) for start in range(0, 140, 7)))
    if name == "parquet":
        groups = pq.ParquetFile(io.BytesIO(data)).metadata
        sizes = [groups.row_group(number).num_rows for number in range(groups.num_row_groups)]
    else:
        reader = pa.ipc.open_file(io.BytesIO(data))
        sizes = [reader.get_batch(number).num_rows for number in range(reader.num_record_batches)]
    assert sizes == [50, 50, 40]
    assert _read(name, data).to_pylist() == [_typed(made) for made in rows(140)]


def test_wide_rows_make_smaller_groups(monkeypatch):
    """A group ends where its bytes do, too."""
    monkeypatch.setattr(columnar, "_GROUP_BYTES", 10_000)
    page = [{**made, "summary": "x" * 6_000} for made in rows(1)]
    groups = pq.ParquetFile(io.BytesIO(_file("parquet", *[page] * 6))).metadata
    assert groups.num_row_groups == 3


@pytest.mark.parametrize("name", ["arrow", "parquet"])
@pytest.mark.parametrize("count", [1, 6, 7])
def test_the_head_of_a_page_is_its_first_rows(name, count):
    """A page that is cut where enough rows are there keeps those before the cut, with their types."""
    encoding = format_named(name, COLUMNS)
    sink = io.BytesIO()
    writer = encoding.writer(sink)
    writer.add(encoding.head(encoding.encode(rows(7)).data, count))
    writer.finish()
    assert _read(name, sink.getvalue()).to_pylist() == [_typed(made) for made in rows(count)]


def test_a_cell_that_does_not_fit_is_null_and_counted():
    """The row stays, its other cells stay, and the column says how many it lost."""
    good, bad = rows(2)
    bad |= {"votes": 1.5, "points": True, "flagged": 1, "created": "soon", "duedate": "2026-02-30"}
    encoded = format_named("parquet", COLUMNS).encode([good, bad])
    assert encoded.lost == {"votes": 1, "points": 1, "flagged": 1, "created": 1, "duedate": 1}
    table = _read("parquet", _file("parquet", [good, bad])).to_pylist()
    assert table[0] == _typed(good)
    assert table[1] == bad | dict.fromkeys(encoded.lost)


def test_a_number_beyond_all_doubles_is_null():
    """JSON has whole numbers of any length; the row stays, and the column says so."""
    encoded = format_named("parquet", COLUMNS).encode([{**made, "points": 10**400} for made in rows(2)] + rows(1))
    assert encoded.lost == {"points": 2}
    encoded = format_named("parquet", COLUMNS).encode([rows(1)[0] | {"points": 0.5}, rows(1)[0] | {"points": 10**400}])
    assert encoded.lost == {"points": 1}


def test_texts_and_lists_take_anything_as_text():
    """Numbers in a list and objects in a text are kept as text, and nothing is lost."""
    made = {**rows(1)[0], "summary": {"a": 1}, "labels": [1, "b", 0.5], "created": "2026-01-31T09:30:00+02:00"}
    encoded = format_named("arrow", COLUMNS).encode([made])
    assert encoded.lost == {}
    [back] = _read("arrow", _file("arrow", [made])).to_pylist()
    assert (back["summary"], back["labels"]) == ('{"a":1}', ["1", "b", "0.5"])
    assert back["created"] == datetime(2026, 1, 31, 7, 30, tzinfo=UTC)


def test_half_characters_and_no_lists_are_taken():
    """A lone surrogate is replaced, and a list that is not there is empty."""
    [back] = _read("arrow", _file("arrow", [{**rows(1)[0], "summary": "\ud800", "labels": None}])).to_pylist()
    assert (back["summary"], back["labels"]) == ("\N{REPLACEMENT CHARACTER}", [])
