from __future__ import annotations

import contextlib
import csv
import io
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from vantage_jira_plugin.host.tables import LONGEST_WORD, row_name, write_record, write_rows

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


@pytest.fixture
def wide(monkeypatch):
    """Return a function that says how wide the terminal is."""

    def columns(number):
        monkeypatch.setenv("COLUMNS", str(number))
        monkeypatch.setenv("LINES", "25")
        monkeypatch.setenv("TERM", "dumb")

    columns(80)
    return columns


def test_on_a_terminal_rows_are_wrapped(wide, capsys):
    """Where there is room nothing is left out; what looks like markup is shown as it is."""
    shown = written("table", stream=Terminal())
    assert shown.count("x") >= 300
    assert "[red]" in "".join(shown.split())
    assert capsys.readouterr().err == ""


def test_on_a_terminal_one_row_is_a_line_per_field(wide):
    """Nobody has to read one row across."""
    lines = written("table", ROWS[1:], ["key", "done", "points"], Terminal()).splitlines()
    assert [line.split() for line in lines if line.strip() and "\u2500" not in line] == [
        ["field", "value"],
        ["key", "DEV-22"],
        ["done", "true"],
        ["points", "1.5"],
    ]


def test_columns_without_room_are_left_out_from_the_right_and_named(wide, capsys):
    """The first column and the key stay, however far right the key is."""
    rows = [
        {"id": str(n), "summary": f"some words {n}", "url": f"https://x/{'y' * 30}", "key": f"DEV-{n}"} for n in (1, 2)
    ]
    wide(30)
    shown = written("table", rows, ["id", "summary", "url", "key"], Terminal())
    assert shown.split("\n")[0].split() == ["id", "summary", "key"]
    assert "some words 1" in shown
    assert capsys.readouterr().err == "not shown for lack of room: url; --format json shows all\n"
    wide(200)
    assert "y" * 30 in written("table", rows, ["id", "summary", "url", "key"], Terminal())
    assert capsys.readouterr().err == ""


@example(rows=[["", "", "  a界界界界", "", "", ""]] * 2, width=25)
@given(
    st.lists(st.lists(st.text(alphabet="ab 界\n", max_size=50), min_size=6, max_size=6), min_size=2, max_size=4),
    st.integers(min_value=25, max_value=150),
)
def test_a_table_fits_the_terminal_and_breaks_no_short_word(rows, width):
    """No line is longer than the terminal is wide, and no word of a shown column stands in vertical letters."""
    columns = ["first", "second", "third", "fourth", "fifth", "sixth"]
    stream = Terminal()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stderr(io.StringIO()):
        patch.setenv("COLUMNS", str(width))
        patch.setenv("LINES", "25")
        patch.setenv("TERM", "dumb")
        write_rows([dict(zip(columns, ["k", *row[1:]], strict=True)) for row in rows], columns, "table", stream)
    lines = stream.getvalue().splitlines()
    assert max(cell_len(line) for line in lines) <= width
    shown = lines[0].split()
    assert shown == columns[: len(shown)]
    for index, name in enumerate(shown):
        if index:
            texts = " ".join(row[columns.index(name)] for row in rows)
            words = [word for word in texts.split() if cell_len(word) <= LONGEST_WORD]
            assert all(word in stream.getvalue() for word in words)


def test_keys_alone_may_fill_a_terminal(wide, capsys):
    """Keys that are too wide share the room there is."""
    wide(21)
    rows = [{"first": "a" * 40, "key": "b" * 40, "x": 1}] * 2
    shown = written("table", rows, ["first", "key", "x"], Terminal())
    assert max(len(line) for line in shown.splitlines()) <= 21
    assert (shown.count("a"), shown.count("b")) == (80, 80)
    assert "room: x;" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("row", "name"),
    [
        ({"id": "1", "key": "DEV-1", "url": "u"}, "DEV-1"),
        ({"id": "1", "issueKey": "DEV-1", "body": "b"}, "1 DEV-1"),
        ({"text": "a\x1bb"}, "a\\x1bb"),
        ({"text": None}, "(empty)"),
        ({}, "(empty)"),
    ],
)
def test_a_row_is_named_by_its_key_or_first_value(row, name):
    """A line can name many rows."""
    assert row_name(row) == name


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
