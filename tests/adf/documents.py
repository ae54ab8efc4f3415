"""What the tests of this room share: the schema, the recordings, and generators of documents."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import strategies as st
from jsonschema_rs import Draft4Validator

if TYPE_CHECKING:
    from collections.abc import Iterator

SHARED = Path(__file__).resolve().parents[3] / "shared" / "jira"
SCHEMA = SHARED / "spec" / "adf-schema-full.json"
RECORDED = SHARED / "recorded" / "adf"

needs_schema = pytest.mark.skipif(not SCHEMA.exists(), reason="the shared ADF schema is not here")
needs_recordings = pytest.mark.skipif(not RECORDED.exists(), reason="the shared recordings are not here")


@cache
def validator() -> Draft4Validator:
    """Return the check of Atlassian's schema."""
    return Draft4Validator(json.loads(SCHEMA.read_text()))


def doc(*blocks):
    """Return a document."""
    return {"version": 1, "type": "doc", "content": list(blocks)}


def paragraph(*nodes):
    """Return a paragraph; strings are plain text."""
    return {"type": "paragraph", "content": [text(node) if isinstance(node, str) else node for node in nodes]}


def text(value, *marks):
    """Return a text node; strings are marks without attributes."""
    node = {"type": "text", "text": value}
    if marks:
        node["marks"] = [mark if isinstance(mark, dict) else {"type": mark} for mark in marks]
    return node


def link(href, **attrs):
    """Return a link mark."""
    return {"type": "link", "attrs": {"href": href, **attrs}}


def plain(node) -> str:
    """Return all text of a document, one line per paragraph-like block."""
    if isinstance(node, list):
        return "".join(plain(child) for child in node)
    if node["type"] == "text":
        return node["text"]
    if node["type"] == "hardBreak":
        return "\n"
    ends = "\n" if node["type"] in {"paragraph", "heading", "codeBlock", "taskItem"} else ""
    return plain(node.get("content", [])) + ends


def canonical(node):
    """Return a document without what does not count: local ids, the order of marks, seams between equal texts."""
    if isinstance(node, list):
        merged: list = []
        for child in map(canonical, node):
            last = merged[-1] if merged else None
            if last and last["type"] == child["type"] == "text" and last.get("marks") == child.get("marks"):
                last["text"] += child["text"]
            else:
                merged.append(child)
        return merged
    result = dict(node)
    if "attrs" in result:
        result["attrs"] = {name: value for name, value in result["attrs"].items() if name != "localId"}
    if "marks" in result:
        result["marks"] = sorted(result["marks"], key=json.dumps)
    if "content" in result:
        result["content"] = canonical(result["content"])
    return result


def recordings() -> Iterator[tuple[str, dict]]:
    """Yield the recorded documents with their names."""
    for path in sorted(RECORDED.glob("extmd-*.json")):
        yield path.name, json.loads(path.read_text())
    for path in sorted(RECORDED.glob("*.jsonl")):
        for number, line in enumerate(path.read_text().splitlines()):
            if line.strip():
                yield f"{path.name}#{number}", json.loads(line)["doc"]


#: Characters that mean something in markdown, and some that do not.
MARKDOWN = "ab1 .*_~`#>+-=|\\[]()<>!:&;/\"'{}x\n\täß—😀\u00a0"

markdown_texts = st.one_of(
    st.text(max_size=60),
    st.text(alphabet=MARKDOWN, max_size=60),
    st.lists(
        st.sampled_from(
            [
                "- ", "  ", "    ", "1. ", "2) ", "> ", "# ", "```\n", "~~~", "| a | b |\n", "|---|---|\n", "\n",
                "\n\n", "**", "*", "_", "__", "~~", "`", "[", "]", "(", ")", "](http://x.y)", "![", "<http://a.b>",
                "[x] ", "[ ] ", "[a]: http://c.d\n", "[a]", "[~accountid:5b10]", "<br>", "\\", "&amp;", "&#10;",
                "&#32;", "word", "Zwei ", "3", "---", "===", "***\n", "\t", ":", "!", "\x00", "\x1b[31m", "\r\n",
                "javascript:", "a@b.cd",
            ]
        ),
        max_size=25,
    ).map("".join),
)  # fmt: skip

_hrefs = st.sampled_from(
    ["https://example.com", "http://a.b/c?d=e&f=g#h", "https://x.y/a_(b)", "mailto:a@b.cd", "/browse/A-1", "#top"]
)

_edge = st.sampled_from("abcXYZ123äß")
_inner = st.text(alphabet="ab1 .*_~`#>+-=|\\[]()<>!:&;/\"'äß😀", max_size=10)
#: Text with any markdown inside; letters at its ends, so that marks around it can be written.
_words = st.builds(lambda first, inner, last: first + inner + last, _edge, _inner, _edge)
#: Text that may start and end with anything but white space.
_rough = st.text(alphabet="ab1 .*_~`#>+-=|\\[]()<>!:&;/\"'äß😀", min_size=1, max_size=14).map(str.strip).filter(bool)

_mark_sets = st.one_of(
    st.sets(st.sampled_from(["strong", "em", "strike"])).map(sorted),
    st.just(["code"]),
)


@st.composite
def marked(draw):
    """Return one text node, perhaps with marks, perhaps a link."""
    marks = [{"type": name} for name in draw(_mark_sets)]
    words = draw(_words)
    # Code inside a link that reads as a link definition loses its code mark.
    if draw(st.integers(0, 4)) == 0 and "]:" not in words:
        marks.append(link(draw(_hrefs)))
    return text(words, *marks)


@st.composite
def lines(draw):
    """Return inline nodes: marked texts between plain ones, with line breaks."""
    nodes = [text(draw(_rough))] if draw(st.booleans()) else [draw(marked())]
    for _ in range(draw(st.integers(0, 3))):
        kind = draw(st.integers(0, 3))
        if kind == 0:
            nodes += [{"type": "hardBreak"}, draw(st.one_of(marked(), _rough.map(text)))]
        elif kind == 1 and len(nodes) and nodes[-1]["type"] != "hardBreak":
            nodes += [text(" "), {"type": "mention", "attrs": {"id": "5b10a2844c20165700ede21g"}}, text(" x")]
        else:
            nodes += [text(" "), draw(marked())]
    return nodes


paragraphs = lines().map(lambda nodes: {"type": "paragraph", "content": nodes})

code_blocks = st.builds(
    lambda content, language: {
        "type": "codeBlock",
        "content": [text(content)] if content else [],
        **({"attrs": {"language": language}} if language else {}),
    },
    st.text(alphabet="ab `~\n\t#-|\\<", max_size=20),
    st.sampled_from(["", "python", "c++", "objective-c"]),
)


def _items(blocks):
    item = st.builds(lambda first, rest: [first, *rest], st.one_of(paragraphs, code_blocks), blocks)
    return st.lists(item.map(lambda content: {"type": "listItem", "content": content}), min_size=1, max_size=3)


def _lists(blocks):
    return st.one_of(
        _items(blocks).map(lambda items: {"type": "bulletList", "content": items}),
        st.builds(
            lambda items, order: {"type": "orderedList", "attrs": {"order": order}, "content": items},
            _items(blocks),
            st.sampled_from([1, 0, 7, 99]),
        ),
    )


_tasks = st.recursive(
    st.builds(
        lambda nodes, state: [{"type": "taskItem", "attrs": {"state": state}, "content": nodes}],
        lines(),
        st.sampled_from(["TODO", "DONE"]),
    ),
    lambda inner: st.builds(
        lambda first, nested: [*first, {"type": "taskList", "attrs": {}, "content": nested}], inner, inner
    ),
    max_leaves=3,
)
task_lists = st.lists(_tasks, min_size=1, max_size=3).map(
    lambda parts: {"type": "taskList", "attrs": {}, "content": [node for part in parts for node in part]}
)

nested_lists = st.recursive(
    _lists(st.just([])),
    lambda inner: _lists(st.lists(st.one_of(paragraphs, code_blocks, inner, task_lists), max_size=2)),
    max_leaves=4,
)

headings = st.builds(
    lambda nodes, level: {"type": "heading", "attrs": {"level": level}, "content": nodes},
    lines().map(lambda nodes: [text(" ") if node["type"] == "hardBreak" else node for node in nodes]),
    st.integers(1, 6),
)


def _row(kind, width):
    cell = st.builds(lambda content: {"type": kind, "content": [content]}, paragraphs)
    return st.lists(cell, min_size=width, max_size=width).map(lambda cells: {"type": "tableRow", "content": cells})


tables = st.integers(1, 3).flatmap(
    lambda width: st.builds(
        lambda head, rows: {"type": "table", "content": [*head, *rows]},
        st.lists(_row("tableHeader", width), max_size=1),
        st.lists(_row("tableCell", width), min_size=1, max_size=2),
    )
)

quotes = st.lists(st.one_of(paragraphs, code_blocks, nested_lists), min_size=1, max_size=3).map(
    lambda blocks: {"type": "blockquote", "content": blocks}
)

documents = st.lists(
    st.one_of(paragraphs, headings, code_blocks, nested_lists, task_lists, tables, quotes, st.just({"type": "rule"})),
    max_size=4,
).map(lambda blocks: doc(*blocks))
