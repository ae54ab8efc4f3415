from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.adf.documents import doc, link, markdown_texts, needs_schema, paragraph, plain, text, validator
from vantage_jira_plugin.adf import from_markdown, to_markdown
from vantage_jira_plugin.adf.parser import MAX_CONTAINERS

BREAK = {"type": "hardBreak"}


def content(source):
    """Return the blocks of a text."""
    return from_markdown(source)["content"]


def item(*blocks):
    """Return a list item."""
    return {"type": "listItem", "content": list(blocks)}


def bullets(*items):
    """Return a bullet list."""
    return {"type": "bulletList", "content": list(items)}


def cells(kind, *values):
    """Return a table row."""
    row = [{"type": kind, "content": [value if isinstance(value, dict) else paragraph(value)]} for value in values]
    return {"type": "tableRow", "content": row}


@pytest.mark.parametrize("source", ["", " ", "\n\n", "\t \n", "\x00"])
def test_no_text_is_an_empty_document(source):
    """Nothing but white space makes a document without content."""
    assert from_markdown(source) == doc()


@pytest.mark.parametrize(
    ("source", "nodes"),
    [
        ("**a** *b* ~~c~~", [text("a", "strong"), " ", text("b", "em"), " ", text("c", "strike")]),
        ("***a***", [text("a", "strong", "em")]),
        ("**a `b` c**", [text("a ", "strong"), text("b", "code"), text(" c", "strong")]),
        ("[a **b**](http://x.y)", [text("a ", link("http://x.y")), text("b", link("http://x.y"), "strong")]),
        ("[`a`](http://x.y)", [text("a", link("http://x.y"), "code")]),
        ('[a](http://x.y "t")', [text("a", link("http://x.y", title="t"))]),
        ("<https://x.y>", [text("https://x.y", link("https://x.y"))]),
        ("<a@b.cd>", [text("a@b.cd", link("mailto:a@b.cd"))]),
        ("[a](/browse/A-1) [b](#c)", [text("a", link("/browse/A-1")), " ", text("b", link("#c"))]),
        ("[a][1]\n\n[1]: http://x.y", [text("a", link("http://x.y"))]),
        ("![alt](http://x.y/p.png)", [text("alt", link("http://x.y/p.png"))]),
        ("![](http://x.y/p.png)", [text("http://x.y/p.png", link("http://x.y/p.png"))]),
        ("[![a](http://x.y/p.png)](http://z.z)", [text("a", link("http://z.z"))]),
        ("hi [~accountid:5b10:a-b]!", ["hi ", {"type": "mention", "attrs": {"id": "5b10:a-b"}}, "!"]),
        (r"\*a\* \[~accountid:1]", ["*a* [~accountid:1]"]),
        ("a &amp; b &lt;", ["a & b <"]),
        ("a\nb", ["a", BREAK, "b"]),
        ("a  \nb\\\nc", ["a", BREAK, "b", BREAK, "c"]),
        ("Error:\n    at foo (x.js:1)\n\tat bar", ["Error:", BREAK, "    at foo (x.js:1)", BREAK, "\tat bar"]),
    ],
)
def test_inline_markdown(source, nodes):
    """Marks, links, mentions and line breaks come out as ADF has them."""
    assert content(source) == [paragraph(*nodes)]


@pytest.mark.parametrize(
    "source",
    [
        "snake_case and 2 * 3 * 4",
        r"C:\path\to",
        "List<T> and <div> and <std::string>",
        "foo[0](x) and [x](javascript:alert(1)) and [y](data:text/html,z) and ![z](file:///etc/passwd)",
        "[INFO]: started",
        "handlers[0]() and [a](<>) and ![b]( )",
        "<vbscript:x>",
        "a | b",
        "#hash and 1.5 and 1986. x"[1:],
        "<br>",
        "see https://x.y today",
    ],
)
def test_plain_text_stays(source):
    """What only looks like markdown comes through unharmed."""
    assert content(source) == [paragraph(source)]


def test_blocks():
    """Headings, rules, code and quotes have their ADF counterparts."""
    source = "# A *b*\n\nC\n---\n\n***\n\n~~~python x\n  a\n\n~~~\n\n    b\n\n> c\n"
    assert content(source) == [
        {"type": "heading", "attrs": {"level": 1}, "content": [text("A "), text("b", "em")]},
        {"type": "heading", "attrs": {"level": 2}, "content": [text("C")]},
        {"type": "rule"},
        {"type": "codeBlock", "content": [text("  a\n")], "attrs": {"language": "python"}},
        {"type": "codeBlock", "content": [text("b")]},
        {"type": "blockquote", "content": [paragraph("c")]},
    ]


def test_lists():
    """Lists keep their kind, nesting and first number."""
    source = "- a\n\n  b\n  1. c\n- ```\n  d\n  ```\n\n3) e\n"
    ordered = {"type": "orderedList", "attrs": {"order": 1}, "content": [item(paragraph("c"))]}
    code = {"type": "codeBlock", "content": [text("d")]}
    assert content(source) == [
        bullets(item(paragraph("a"), paragraph("b"), ordered), item(code)),
        {"type": "orderedList", "attrs": {"order": 3}, "content": [item(paragraph("e"))]},
    ]


def test_list_item_starts_with_text():
    """An item that is empty or starts with a list gets an empty paragraph first."""
    assert content("-\n- - a") == [bullets(item(paragraph()), item(paragraph(), bullets(item(paragraph("a")))))]


def test_tasks():
    """A list of checkboxes is a task list; ids follow from positions, so the same text gives the same document."""

    def task(number, state, *nodes):
        attrs = {"localId": f"task-{number}", "state": state}
        return {"type": "taskItem", "attrs": attrs, "content": list(nodes)}

    nested = {"type": "taskList", "attrs": {"localId": "task-list-2"}, "content": [task(2, "DONE", text("b"))]}
    source = "- [ ] **a**\n  - [x] b\n- [X]\n"
    expected = [task(1, "TODO", text("a", "strong")), nested, task(3, "DONE")]
    assert content(source) == [{"type": "taskList", "attrs": {"localId": "task-list-1"}, "content": expected}]


@pytest.mark.parametrize(
    ("source", "first"),
    [
        ("- [ ] a\n- b", "[ ] a"),
        ("- [ ] a\n  - b", "[ ] a"),
        ("- [ ] a\n\n  b", "[ ] a"),
        ("- \\[ ] a", "[ ] a"),
        ("1. [x] a", "[x] a"),
        ("- [ ]a", "[ ]a"),
    ],
)
def test_lists_that_adf_cannot_hold_as_tasks_keep_their_checkboxes_as_text(source, first):
    """A list with anything but one-paragraph tasks stays a list."""
    [found] = content(source)
    assert found["type"] in {"bulletList", "orderedList"}
    assert found["content"][0]["content"][0] == paragraph(first)


def test_table():
    """A table has a heading row, and cells of one paragraph each."""
    [table] = content("| a | b |\n|---|:-:|\n| **c**<br>d | e\\|f |\n| g |")
    assert table["content"] == [
        cells("tableHeader", "a", "b"),
        cells("tableCell", paragraph(text("c", "strong"), BREAK, "d"), "e|f"),
        cells("tableCell", "g", paragraph()),
    ]


def test_cells_beyond_the_last_column_are_kept():
    """A row with too many cells puts the rest into its last cell."""
    [table] = content("> x\n\n|a|b|\n|-|-|\n|c|d|e|f|")[1:]
    assert table["content"][1] == cells("tableCell", "c", "d | e | f")


def test_table_with_an_empty_heading_has_none():
    """An empty heading row is markdown's way to write a table without one."""
    [table] = content("| | |\n|-|-|\n|a|b|")
    assert table["content"] == [cells("tableCell", "a", "b")]


def test_blocks_are_rebuilt_where_adf_does_not_allow_them():
    """Headings, rules, quotes, tables and tasks in quotes and items keep their text."""
    source = "> # a `b`\n> ***\n> > c\n>\n> |d|e|\n> |-|-|\n> |f|g|\n>\n> - [ ] h\n"
    assert content(source) == [
        {
            "type": "blockquote",
            "content": [
                paragraph(text("a ", "strong"), text("b", "code")),
                paragraph("———"),
                paragraph("c"),
                paragraph(text("d", "strong"), " | ", text("e", "strong")),
                paragraph("f | g"),
                bullets(item(paragraph("[ ] h"))),
            ],
        }
    ]


def test_link_definitions_that_nothing_refers_to_are_text():
    """A log line that reads as a definition is not lost, and stays in one paragraph with its neighbours."""
    source = "[INFO]: http://a.b\n[x]: http://c.d\n[WARN]: http://e.f\ndone [x]"
    assert content(source) == [
        paragraph("[INFO]: http://a.b"),
        paragraph("[WARN]: http://e.f", BREAK, "done ", text("x", link("http://c.d"))),
    ]
    assert content("a\n\n[B]: http://b.c\n\n[B]: http://d.e") == [
        paragraph("a"),
        paragraph("[B]: http://b.c"),
        paragraph("[B]: http://d.e"),
    ]


def test_characters_that_jira_refuses():
    """Control characters are dropped, terminal colours with them; half a surrogate pair is replaced."""
    assert content("a\x00b\x1b[31mred\x1b[0m\x07 \ud800 c\x0cd\r\ne&#10;f") == [
        paragraph("abred \N{REPLACEMENT CHARACTER} c d", BREAK, "e", BREAK, "f")
    ]


@pytest.mark.parametrize(
    "source",
    [
        "> " * 1000 + "word",
        "- " * 1000 + "word",
        "".join("  " * level + "- word\n" for level in range(500)),
        "".join("   " * level + "1. word\n" for level in range(300)),
        "> - " * 400 + "word",
        "[" * 3000 + "word" + "]" * 3000,
        "**_" * 2000 + "word" + "_**" * 2000,
        "![" * 3000 + "word" + "](http://x.y)" * 3000,
    ],
    ids=["quotes", "items", "lists", "numbers", "mixed", "brackets", "emphasis", "images"],
)
def test_deep_nesting_is_flattened(source):
    """Nesting has a limit, beyond which markers are text: no recursion error, no text lost."""
    document = from_markdown(source)
    assert plain(document["content"]).count("word") == source.count("word")
    assert _depth(document) < 4 * MAX_CONTAINERS
    assert "word" in to_markdown(document)


def _depth(value):
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(_depth, inside), default=0)


@needs_schema
@given(markdown_texts)
def test_every_document_is_valid(source):
    """Whatever the text, the document keeps Atlassian's schema and can be sent."""
    document = from_markdown(source)
    validator().validate(document)
    json.dumps(document, ensure_ascii=False).encode()
    assert document == from_markdown(source)


@needs_schema
@pytest.mark.parametrize(
    "source", ["> " * 100 + "a", "- " * 100 + "a", "> - [ ] a\n>\n>   > # b", "- | a |\n  |---|\n"]
)
def test_nested_documents_are_valid(source):
    """Nesting keeps the schema, too."""
    validator().validate(from_markdown(source))


@given(st.lists(st.from_regex(r"[A-Za-zäß0-9]{1,8}", fullmatch=True), max_size=12), st.data())
def test_words_are_kept_in_order(words, data):
    """No letter of a word is lost, whatever stands between the words."""
    between = st.sampled_from(
        [" ", "\n", "\n\n", "\n- ", "\n> ", " **", "** ", "\n# ", " | ", "\n|-|\n", " [", "](", " `"]
    )
    source = "".join(word + data.draw(between) for word in words)
    found = plain(content(source))
    at = 0
    for word in words:
        at = found.find(word, at)
        assert at >= 0, (source, found)
        at += len(word)


def test_work_is_bounded_on_hostile_text():
    """Texts known to make readers slow grow the document no faster than themselves."""
    for unit in ("*a ", "[", "[a](", "`a ", "<a@", "~~a", "![", "](", "a**b", "&", "\\", "_a*"):
        source = unit * 4000
        assert len(plain(content(source))) <= len(source) + 1
