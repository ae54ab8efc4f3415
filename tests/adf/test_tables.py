from __future__ import annotations

from tests.adf.documents import doc, paragraph, text
from vantage_jira_plugin.adf import from_markdown, to_markdown
from vantage_jira_plugin.adf.tables import table_source


def cell(*blocks, kind="tableCell", **attrs):
    """Return a cell; strings are paragraphs."""
    return {"type": kind, "attrs": attrs, "content": [paragraph(b) if isinstance(b, str) else b for b in blocks]}


def table(*rows):
    """Return a table of rows of cells."""
    return {"type": "table", "content": [{"type": "tableRow", "content": list(row)} for row in rows]}


def header(*blocks, **attrs):
    """Return a heading cell."""
    return cell(*blocks, kind="tableHeader", **attrs)


def test_rows_and_heading():
    """The heading comes first; pipes are escaped, in code as well."""
    source = table_source(table([header("a|b"), header("c")], [cell(paragraph(text("d|e", "code"))), cell("f")]))
    assert source == "| a\\|b | c |\n| --- | --- |\n| `d\\|e` | f |"
    again = from_markdown(source)["content"][0]["content"][1]["content"][0]["content"]
    assert again == [paragraph(text("d|e", "code"))]


def test_table_without_heading():
    """A table without a heading gets an empty one, as markdown demands one."""
    assert table_source(table([header("a"), cell("b")])) == "|  |  |\n| --- | --- |\n| a | b |"


def test_spans_are_filled():
    """Cells below and beside a spanning cell stay in their columns."""
    source = table_source(
        table(
            [header("a", colspan=2), header("b")],
            [cell("c", rowspan=2), cell("d"), cell("e")],
            [cell("f"), cell("g")],
            [cell("h")],
        )
    )
    assert source.split("\n") == [
        "| a |  | b |",
        "| --- | --- | --- |",
        "| c | d | e |",
        "|  | f | g |",
        "| h |  |  |",
    ]


def test_cells_are_flattened():
    """Blocks in a cell become lines of one row."""
    item = {"type": "listItem", "content": [paragraph("x"), paragraph("y")]}
    task = {"type": "taskItem", "attrs": {"state": "DONE"}, "content": [text("z")]}
    code = {"type": "codeBlock", "content": [text("1\n\n2")]}
    content = cell(
        "a",
        {"type": "bulletList", "content": [item]},
        {"type": "orderedList", "content": [item]},
        {"type": "taskList", "content": [task]},
        code,
        {"type": "panel", "attrs": {"panelType": "info"}, "content": [paragraph("b\n\nc")]},
    )
    assert table_source(table([header("h")], [content])).split("\n")[2] == (
        "| a<br>• x<br>y<br>1\\. x<br>y<br>☑ z<br>`1`<br>`2`<br>b<br><br>c |"
    )


def test_odd_tables():
    """Tables without cells are empty text, and absurd spans are cut."""
    assert table_source(table()) == ""
    assert table_source(table([])) == ""
    wide = table_source(table([cell("a", colspan=10**9, rowspan=10**9)], [cell("b")]))
    assert wide.count("\n") == 3
    assert len(wide) < 2000


def test_literal_break_in_a_cell():
    """The text `<br>` in a cell stays text."""
    document = doc(table([header("a")], [cell("b<br>c")]))
    assert from_markdown(to_markdown(document))["content"][0]["content"][1]["content"][0]["content"] == [
        paragraph("b<br>c")
    ]
