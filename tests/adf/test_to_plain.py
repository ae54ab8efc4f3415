from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.adf.documents import doc, link, markdown_texts, needs_recordings, paragraph, recordings, text
from tests.reading.strategies import json_values
from vantage_jira_plugin.adf import from_markdown, to_plain


def _item(*blocks):
    return {"type": "listItem", "content": list(blocks)}


def _cell(*blocks):
    return {"type": "tableCell", "content": list(blocks)}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (None, ""),
        (7, ""),
        ("a text of *REST v2*", "a text of *REST v2*"),
        (doc(paragraph("a*b*", text("c", "strong")), paragraph("d")), "a*b*c\n\nd"),
        (doc(paragraph("a", {"type": "hardBreak"}, "b")), "a\nb"),
        (doc({"type": "heading", "attrs": {"level": 2}, "content": [text("Title")]}, paragraph("x")), "Title\n\nx"),
        (doc(paragraph(text("here", link("https://a.b/c")))), "here (https://a.b/c)"),
        (
            doc(paragraph(text("bo", link("https://a.b"), "strong"), text("th", link("https://a.b")))),
            "both (https://a.b)",
        ),
        (doc(paragraph(text("https://a.b", link("https://a.b")))), "https://a.b"),
        (doc(paragraph(text("a@b.cd", link("mailto:a@b.cd")))), "a@b.cd"),
        (doc(paragraph({"type": "mention", "attrs": {"id": "5b", "text": "@Ann"}}, " look")), "@Ann look"),
        (doc(paragraph({"type": "mention", "attrs": {"id": "5b"}})), "@5b"),
        (doc(paragraph({"type": "date", "attrs": {"timestamp": "1767225600000"}})), "2026-01-01"),
        (doc(paragraph({"type": "status", "attrs": {"text": "DONE"}})), "DONE"),
        (doc(paragraph({"type": "inlineCard", "attrs": {"url": "https://a.b"}})), "https://a.b"),
        (
            doc({"type": "mediaSingle", "content": [{"type": "media", "attrs": {"alt": "a.png"}}]}),
            "[attachment: a.png]",
        ),
        (doc({"type": "codeBlock", "content": [text("a\n  *b*")]}), "a\n  *b*"),
        (doc({"type": "rule"}, paragraph("x")), "x"),
        (doc({"type": "panel", "attrs": {"panelType": "info"}, "content": [paragraph("x")]}), "x"),
        (doc({"type": "expand", "attrs": {"title": "More"}, "content": [paragraph("x")]}), "More\n\nx"),
        (
            doc(
                {
                    "type": "bulletList",
                    "content": [
                        _item(paragraph("a"), {"type": "orderedList", "content": [_item(paragraph("b"))]}),
                        _item(paragraph("c")),
                    ],
                }
            ),
            "- a\n  1. b\n- c",
        ),
        (
            doc(
                {
                    "type": "taskList",
                    "content": [
                        {"type": "taskItem", "attrs": {"state": "DONE"}, "content": [text("a")]},
                        {"type": "taskList", "content": [{"type": "taskItem", "content": [text("b")]}]},
                    ],
                }
            ),
            "[x] a\n  [ ] b",
        ),
        (
            doc(
                {
                    "type": "table",
                    "content": [
                        {"type": "tableRow", "content": [_cell(paragraph("a"), paragraph("b")), _cell(paragraph("c"))]},
                        {"type": "tableRow", "content": [_cell(), _cell(paragraph("d"))]},
                    ],
                }
            ),
            "a b\tc\n\td",
        ),
        ([paragraph("a"), text("b")], "a\n\nb"),
    ],
)
def test_what_people_see_is_plain_text(document, expected):
    """Every kind of block and inline node keeps its words and its place, without marks."""
    assert to_plain(document) == expected


def _solid(value):
    """Return a text without white space, which the place of a text may change."""
    return "".join(value.split())


def _texts(node):
    """Yield the texts of a document."""
    if isinstance(node, list):
        for child in node:
            yield from _texts(child)
    elif node["type"] == "text":
        yield _solid(node["text"])
    else:
        yield from _texts(node.get("content", []))


def _lost(document):
    result = _solid(to_plain(document))
    return [found for found in _texts(document) if found not in result]


@given(markdown_texts)
def test_no_word_is_lost(source):
    """Whatever is written in markdown, every text of it stands in the plain text."""
    assert _lost(from_markdown(source)) == []


@given(json_values("text", "attrs", "marks", "url") | st.lists(json_values("content", "type")))
def test_any_value_is_read(value):
    """Nothing is raised, whatever stands where a document should."""
    assert isinstance(to_plain(value), str)
    assert isinstance(to_plain({"type": "doc", "content": [value]}), str)


def test_a_document_that_nests_without_end_keeps_its_text():
    """Quotes a thousand deep are read without their structure."""
    node = paragraph("deep")
    for _ in range(1000):
        node = {"type": "blockquote", "content": [node]}
    assert to_plain(doc(node)) == "deep"


@needs_recordings
def test_recorded_documents_keep_their_words():
    """Live documents lose no text."""
    assert {name: lost for name, document in recordings() if (lost := _lost(document))} == {}


def test_words_that_stand_in_a_table_without_a_row_or_a_cell_are_kept():
    """A table is read as it is, wherever its words stand."""
    inside = [{"type": "tableRow", "content": [text("a"), _cell(text("b"))]}, paragraph("c")]
    assert to_plain(doc({"type": "table", "content": inside})) == "a\tb\nc"


def test_task_lists_inside_each_other_end_somewhere():
    """Text that lies too deep is kept without its structure."""
    node = {"type": "taskItem", "content": [text("x")]}
    for _ in range(5000):
        node = {"type": "taskList", "content": [node]}
    assert "x" in to_plain(doc(node))
