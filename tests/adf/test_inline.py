from __future__ import annotations

from tests.adf.documents import link, text
from vantage_jira_plugin.adf.inline import inline_nodes, merged, strong, text_nodes, trimmed
from vantage_jira_plugin.adf.parser import parse

BREAK = {"type": "hardBreak"}


def test_code_carries_no_mark_but_a_link():
    """The schema lets code combine with a link only."""
    [token] = [token for token in parse("**~~[`a`](http://b.c)~~**") if token.children]
    assert inline_nodes(token.children) == [text("a", link("http://b.c"), "code")]


def test_nested_marks_count_once():
    """The same mark twice is one mark."""
    [token] = [token for token in parse("**a __b__**") if token.children]
    assert inline_nodes(token.children) == [text("a b", "strong")]


def test_text_nodes_are_never_empty():
    """Empty lines give breaks, not empty texts."""
    assert text_nodes("") == []
    assert text_nodes("\na\n\n") == [BREAK, text("a"), BREAK, BREAK]


def test_trimming():
    """White space at the ends of a paragraph and of its lines goes, indentation stays."""
    assert trimmed([text(" a "), BREAK, text("  b", "em"), text(" "), BREAK]) == [text("a"), BREAK, text("  b", "em")]
    assert trimmed([text(" "), text(" ", "em"), BREAK]) == []
    assert trimmed([text(" ", "code")]) == [text(" ", "code")]


def test_strong():
    """Text becomes strong once; code and breaks stay."""
    nodes = [text("a"), text("b", "strong"), text("c", "code"), BREAK]
    assert merged(strong(nodes)) == [text("ab", "strong"), text("c", "code"), BREAK]
