from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.adf.documents import link, needs_recordings, recordings, text
from vantage_jira_plugin.adf import shortcut, spans, to_markdown
from vantage_jira_plugin.adf.shortcut import simple_source

_TEXTS = st.text(alphabet="ab1 .-+=|(){}!:;/\"'#ä—😀\u00a0\u2028", min_size=1, max_size=6) | st.sampled_from(
    [
        "a*b",
        "_",
        "`x`",
        "[y]",
        "<z>",
        "&amp;",
        "\\",
        "x!",
        "a b",
        "word",
        "Word.",
        "(word)",
        "]:",
        "\n",
        "https://a.b/c_d",
    ]
)
_MARKS = st.sampled_from(
    [
        (),
        (),
        (),
        ("strong",),
        ("em",),
        ("strike",),
        ("code",),
        ("strong", "em"),
        (link("https://a.b/c_d"),),
        (link("https://a.b/?c&#d"),),
        (link("https://a.b", title="t"),),
        (link("javascript:x"),),
        ("backgroundColor",),
    ]
)
_NODES = st.builds(lambda value, marks: text(value, *marks), _TEXTS, _MARKS) | st.just({"type": "hardBreak"})


@settings(max_examples=600)
@given(st.lists(_NODES, max_size=6))
def test_it_writes_what_the_long_way_writes(nodes):
    """Whatever stands beside each other, a paragraph that is simple is written as any other would be."""
    source = simple_source(nodes)
    if source is not None:
        assert source == spans.source_of(spans._pieces(list(spans._flat(nodes, 0))))


@pytest.mark.parametrize(
    ("nodes", "expected"),
    [
        ([], ""),
        ([text("plain - #1. text")], "plain - #1. text"),
        ([text("It ends."), text("Seen with it.", "strong")], "It ends.**Seen with it.**"),
        ([text("a "), text("b", "em"), text(" c "), text("d", "strike")], "a _b_ c ~~d~~"),
        ([text("in"), text("ner", "em"), text("most")], "in*ner*most"),
        ([text("see "), text("x_y", "code"), {"type": "hardBreak"}, text("z")], "see `x_y`\nz"),
        ([text("see "), text("here", link("https://a.b/c"))], "see [here](https://a.b/c)"),
        ([text("https://a.b", link("https://a.b"))], "<https://a.b>"),
    ],
)
def test_what_is_simple(nodes, expected):
    """Plain text, single marks apart from each other, code, links, breaks."""
    assert simple_source(nodes) == expected


@pytest.mark.parametrize(
    "nodes",
    [
        [text("2*3*4")],
        [text("a", "strong"), text("b", "em")],
        [text("a", "strong", "em")],
        [text("a"), text("(b)", "strong"), text("c")],
        [text("a "), text(" b", "strong")],
        [text("a!"), text("b", link("https://a.b"))],
        [text("a", link("https://a.b/(c)"))],
        [text("a"), {"type": "hardBreak"}, {"type": "hardBreak"}],
        [{"type": "mention", "attrs": {"id": "5b", "text": "@Ann"}}],
        [{"type": "text", "text": None}],
        [{"type": "text", "text": ""}],
        [{"type": "text", "text": "a", "marks": "strong"}],
    ],
)
def test_what_is_left_to_the_long_way(nodes):
    """Whatever may need a backslash, or a mark that may not hold."""
    assert simple_source(nodes) is None


@needs_recordings
def test_recorded_documents_are_written_the_same(monkeypatch):
    """Live documents read the same with the shortcut and without."""
    written = {name: to_markdown(document) for name, document in recordings()}
    monkeypatch.setattr(spans, "simple_source", lambda nodes: None)
    assert {name: to_markdown(document) for name, document in recordings()} == written
    assert shortcut.simple_source is simple_source
