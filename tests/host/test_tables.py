from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vantage_jira_plugin.host.tables import write_record, write_rows

ROWS = [
    {"key": "DEV-1", "labels": ["a", "b"], "done": False, "points": None, "summary": "x" * 300},
    {"key": "DEV-22", "labels": [], "done": True, "points": 1.5, "summary": "two\nlines [red]not markup[/red]"},
]
COLUMNS = ["key", "labels", "done", "points", "summary"]


class Terminal(io.StringIO):
    def isatty(self):
        """Say that people are watching."""
        return True


def written(form, rows=ROWS, columns=COLUMNS, stream=None, **more):
    """Return what is written of rows in a format."""
    stream = stream or io.StringIO()
    write_rows(rows, columns, form, stream, **more)
    return stream.getvalue()


def test_a_plain_table_is_aligned_and_whole():
    """Off a terminal each row is one line, nothing is cut, and columns start at the same place."""
    lines = written("table").splitlines()
    assert len(lines) == 3
    assert "x" * 300 in lines[1]
    assert {line.index(word) for line, word in zip(lines, ("labels", "a, b"), strict=False)} == {8}
    assert "two\\nlines [red]not markup[/red]" in lines[2]


def test_on_a_terminal_nothing_is_lost_either():
    """People get a wrapped table; what looks like markup is shown as it is."""
    shown = written("table", stream=Terminal())
    assert shown.count("x") >= 300
    assert "[red]" in "".join(shown.split())


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_text_cannot_steer_the_terminal(stream):
    """Escape sequences and direction marks in the data are shown, not obeyed."""
    shown = written("table", [{"a": "\x1b[31mred\x07\u202e"}], ["a"], stream())
    assert "\x1b[31m" not in shown
    assert "\\x1b[31mred\\x07\\u202e" in shown


def test_csv_is_for_spreadsheets():
    """Lists are joined, null is empty, booleans are words; columns without a value are empty."""
    rows = list(csv.reader(io.StringIO(written("csv"))))
    assert rows[0] == COLUMNS
    assert rows[1][:4] == ["DEV-1", "a, b", "false", ""]
    assert rows[2] == ["DEV-22", "", "true", "1.5", "two\nlines [red]not markup[/red]"]


def test_json_is_the_document_and_ndjson_the_rows():
    """JSON shows the whole document where there is one; NDJSON one row per line."""
    assert json.loads(written("json")) == ROWS
    assert json.loads(written("json", document={"output1": 1})) == {"output1": 1}
    assert [json.loads(line) for line in written("ndjson").splitlines()] == ROWS


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.text() | st.integers() | st.lists(st.text()))))
def test_a_plain_table_has_one_line_per_row(rows):
    """No cell can add a line, whatever it holds."""
    assert len(written("table", rows, list("abc")).split("\n")) == len(rows) + 2


def test_an_empty_table_still_has_its_columns():
    """Zero rows are a header, an empty list, and nothing, by format."""
    assert written("csv", []) == "key,labels,done,points,summary\n"
    assert json.loads(written("json", [])) == []
    assert written("ndjson", []) == ""


def test_a_record_is_a_line_per_field():
    """One record is a list of fields for people, an object for programs."""
    stream = io.StringIO()
    write_record({"name": "a", "on": True}, "table", stream)
    write_record({"name": "a", "on": True}, "ndjson", stream)
    assert stream.getvalue() == 'field  value\nname   a\non     true\n{"name": "a", "on": true}\n'
