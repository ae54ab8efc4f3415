from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.adf.documents import doc, link, needs_recordings, paragraph, plain, recordings, text
from vantage_jira_plugin.adf import from_markdown, to_markdown
from vantage_jira_plugin.adf.text import leaves


def block(kind, *content, **attrs):
    """Return a node with content."""
    return {"type": kind, "attrs": attrs, "content": list(content)}


def inline(kind, **attrs):
    """Return a node without content."""
    return {"type": kind, "attrs": attrs}


def item(*blocks):
    """Return a list item."""
    return block("listItem", *blocks)


def test_what_is_no_document():
    """Nothing is empty text, and text of REST v2 stays as it is."""
    assert to_markdown(None) == ""
    assert to_markdown("") == ""
    assert to_markdown("h1. *old* text") == "h1. *old* text"
    assert to_markdown(doc()) == ""


@pytest.mark.parametrize(
    ("nodes", "source"),
    [
        ([text("a", "strong"), " ", text("b", "em"), " ", text("c", "strike")], "**a** _b_ ~~c~~"),
        ([text("a", "strong", "em")], "**_a_**"),
        ([text("a ", "strong"), text("b", "strong", "em"), text(" c", "strong")], "**a _b_ c**"),
        (["a ", text(" b ", "strong"), "c"], "a  **b** c"),
        (["foo", text("bar", "em"), "baz"], "foo*bar*baz"),
        ([text("Note:", "strong"), "text"], "**Note**:text"),
        ([text("a`b", "code")], "``a`b``"),
        ([text("`", "code")], "`` ` ``"),
        ([text("x", link("http://x.y/a b"))], "[x](<http://x.y/a b>)"),
        ([text("x", link("http://x.y/(a"))], r"[x](http://x.y/\(a)"),
        ([text("x", link("http://x.y", title='a "b"'))], r'[x](http://x.y "a \"b\"")'),
        ([text("http://x.y", link("http://x.y"))], "<http://x.y>"),
        ([text("x", link("http://x.y"), "strong"), text(" y", "strong")], "**[x](http://x.y) y**"),
        ([text("x", link("javascript:alert(1)"))], "x (javascript:alert(1))"),
        (["a", {"type": "hardBreak"}, "b"], "a  \nb"),
        (["a", {"type": "hardBreak"}, {"type": "hardBreak"}, "b"], "a  \n\\\nb"),
        (["a\nb", {"type": "hardBreak"}], "a  \nb"),
        ([text("a", "underline"), text("b", {"type": "textColor", "attrs": {"color": "#ff0000"}})], "ab"),
        ([inline("mention", id="1", text="@Mia")], "@Mia"),
        ([inline("mention", id="5b10:x")], "[~accountid:5b10:x]"),
        ([inline("emoji", shortName=":smile:", text="😄"), inline("emoji", shortName=":x_y:")], "😄:x_y:"),
        ([inline("status", text="DONE", color="green")], "[DONE]"),
        ([inline("date", timestamp="1767225600000")], "2026-01-01"),
        ([inline("date", timestamp="soon")], "soon"),
        ([inline("inlineCard", url="https://x.y/browse/A-1")], "<https://x.y/browse/A-1>"),
        ([inline("inlineCard", data={"url": "https://x.y"})], "<https://x.y>"),
        ([inline("mediaInline", id="7", collection="")], "[attachment: 7]"),
        ([inline("inlineExtension", extensionKey="toc", extensionType="t")], "[toc]"),
        ([inline("placeholder", text="type here")], "type here"),
        ([{"type": "novelty", "attrs": {"text": "new"}}], "new"),
    ],
)
def test_inline_nodes(nodes, source):
    """Each inline node has a form that people read."""
    assert to_markdown(doc(paragraph(*nodes))) == source


@pytest.mark.parametrize(
    "value",
    [
        "snake_case, 2 * 3 and *.py",
        r"C:\path\to",
        "List<T> <std::string> a[0](x) & b",
        "AssertionError: assert {'a': [1]} == {}",
        "1.5 # not - a + list > x",
        "a | b",
        "don't (ever)! [really]",
        "see https://x.y/a_b?c=d&e",
        "~/home",
        "a ` b",
    ],
)
def test_text_is_escaped_only_where_it_must_be(value):
    """Text that markdown would leave alone is left alone."""
    assert to_markdown(doc(paragraph(value))) == value


@pytest.mark.parametrize(
    ("value", "source"),
    [
        ("*a*", r"\*a\*"),
        ("__init__", r"\_\_init\_\_"),
        ("# a", r"\# a"),
        ("- a", r"\- a"),
        ("1. a", r"1\. a"),
        ("> a", r"\> a"),
        ("---", r"\---"),
        ("***", r"\*\*\*"),
        ("```", r"\`\`\`"),
        ("~~~", r"\~\~\~"),
        ("[a](http://b.c)", r"[a\](http://b.c)"),
        ("[a]: http://b.c", r"\[a]: http://b.c"),
        ("<http://a.b>", r"\<http://a.b>"),
        ("&amp;", r"\&amp;"),
        (r"\*", r"\\\*"[:-2] + "*"),
        ("[~accountid:1]", r"\[~accountid:1]"),
        ("a|b\n-|-", "a|b  \n\\-|-"),
        ("a\n===", "a  \n\\==="),
    ],
)
def test_text_that_means_something_is_escaped(value, source):
    """Text that markdown would read as more than text gets a backslash."""
    assert to_markdown(doc(paragraph(value))) == source


def test_blocks():
    """Each block has a form that people read."""
    document = doc(
        block("heading", text("a #"), level=2),
        block("panel", paragraph("b"), panelType="warning"),
        block("expand", paragraph("c"), block("nestedExpand", paragraph("d"), title="Deep"), title="More"),
        block("codeBlock", text("x\n```\n"), language="python"),
        block("layoutSection", block("layoutColumn", paragraph("e")), block("layoutColumn", paragraph("f"))),
        block("mediaSingle", inline("media", id="1", type="file", alt="g"), block("caption", text("h"))),
        block("mediaGroup", inline("media", id="2", type="file")),
        inline("blockCard", url="https://x.y"),
        inline("embedCard", url="https://x.z", layout="center"),
        block("decisionList", block("decisionItem", text("i"), state="DECIDED")),
        {"type": "rule"},
        inline("extension", extensionKey="toc", extensionType="t"),
        block("bodiedExtension", paragraph("j"), extensionKey="k", extensionType="t"),
        inline("syncBlock", resourceId="1"),
        block("novelty", paragraph("k")),
        paragraph(),
        text("loose"),
    )
    expected = [
        r"## a \#",
        "> **Warning**\n>\n> b",
        "**More**\n\nc\n\n**Deep**\n\nd",
        "````python\nx\n```\n\n````",
        "e\n\nf",
        "[attachment: g]\n\nh",
        "[attachment: 2]",
        "<https://x.y>",
        "<https://x.z>",
        "- **Decision:** i",
        "---",
        "[toc]",
        "j",
        "[synced block]",
        "k",
        "loose",
    ]
    assert to_markdown(document) == "\n\n".join(expected)


def test_lists():
    """Nested content is indented to its marker; neighbouring lists stay apart."""
    nested = block("orderedList", item(paragraph("b")), item(paragraph("c")), order=9)
    document = doc(
        block("bulletList", item(paragraph("a"), nested), item(paragraph("[ ] d"))),
        block("bulletList", item(paragraph("e"), paragraph("f")), item()),
        block(
            "taskList",
            block("taskItem", text("g"), state="TODO"),
            block("taskList", block("taskItem", text("h"), state="DONE")),
        ),
    )
    expected = [
        "- a\n\n  9. b\n  10. c\n\n- \\[ ] d",
        "* e\n\n  f\n\n*",
        "- [ ] g\n  - [x] h",
    ]
    assert to_markdown(document) == "\n\n".join(expected)


def test_external_image():
    """A picture on the web stays a picture, and reads back as a link to it."""
    document = doc(block("mediaSingle", inline("media", type="external", url="https://x.y/p.png", alt="a]b")))
    assert to_markdown(document) == r"![a\]b](https://x.y/p.png)"
    assert from_markdown(to_markdown(document)) == doc(paragraph(text("a]b", link("https://x.y/p.png"))))


def test_deep_nesting_keeps_its_text():
    """Documents nested beyond any sense are read without a recursion error."""
    node = paragraph("word")
    for _ in range(5000):
        node = block("bulletList", item(node))
    assert to_markdown(doc(node)).endswith("word")
    for kind in ("blockquote", "panel", "novelty", "table", "taskList", "mediaSingle"):
        node = text("word")
        for _ in range(3000):
            node = block(kind, node)
        assert "word" in to_markdown(doc(node))
        assert "word" in to_markdown(doc(paragraph(node)))
        assert "word" in to_markdown(doc(block("table", block("tableRow", block("tableCell", node)))))


_json = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=True), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["type", "attrs", "content", "marks", "text", "x"]), inner, max_size=4),
    ),
    max_leaves=8,
)
_kinds = [
    *("doc", "paragraph", "heading", "text", "table", "tableRow", "tableCell", "tableHeader", "codeBlock", "rule"),
    *("bulletList", "orderedList", "listItem", "taskList", "taskItem", "blockTaskItem", "decisionList", "status"),
    *("decisionItem", "panel", "expand", "media", "mediaSingle", "mediaGroup", "mention", "emoji", "date", "caption"),
    *("inlineCard", "blockCard", "embedCard", "extension", "inlineExtension", "layoutSection", "hardBreak", "odd"),
]
_attrs = st.dictionaries(
    st.sampled_from(["level", "order", "colspan", "rowspan", "url", "id", "text", "timestamp", "language", "data"]),
    st.one_of(_json, st.sampled_from(["https://x.y", "1", 2, -1, 1e300])),
    max_size=3,
)
_nodes = st.recursive(
    st.fixed_dictionaries({"type": st.sampled_from(_kinds)}, optional={"text": _json, "attrs": _attrs, "marks": _json}),
    lambda inner: st.fixed_dictionaries(
        {"type": st.sampled_from(_kinds), "content": st.lists(st.one_of(inner, inner, _json), max_size=4)},
        optional={"attrs": st.one_of(_attrs, _json), "marks": _json, "text": _json},
    ),
    max_leaves=10,
)


@given(st.one_of(_json, _nodes))
def test_anything_is_read_without_raising(document):
    """Wrong values and unknown nodes are no reason to fail, and what is written can be read."""
    from_markdown(to_markdown(document))


def _letters(value):
    return re.sub(r"\s+", "", value)


@needs_recordings
@pytest.mark.parametrize(
    ("name", "document"), [pytest.param(name, document, id=name) for name, document in recordings()]
)
def test_recorded_documents_keep_their_text(name, document):
    """Every text of a real document is in its markdown, and is still there after reading it back."""
    source = to_markdown(document)
    again = _letters(plain(from_markdown(source)["content"]))
    missing = [leaf for leaf in leaves(document) if _letters(leaf) not in again]
    hidden = ("11111111-", "com.atlassian", "http", ":")
    assert [leaf for leaf in missing if not leaf.startswith(hidden)] == [], name
    assert to_markdown(from_markdown(source)) == to_markdown(from_markdown(to_markdown(from_markdown(source))))
