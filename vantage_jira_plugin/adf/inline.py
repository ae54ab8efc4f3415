"""A paragraph's tokens as ADF inline nodes. Knows no blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.adf.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from markdown_it.token import Token

#: markdown-it's opening tokens that are ADF marks without attributes.
_MARKS = {"strong_open": "strong", "em_open": "em", "s_open": "strike"}

#: The order in which marks are written.
_RANK = {"link": 0, "strong": 1, "em": 2, "strike": 3, "code": 4}

#: The only mark besides `code` that code text may carry. Source: definition `code_inline_node` of
#: https://unpkg.com/@atlaskit/adf-schema@57.7.22/json-schema/v1/full.json
_BESIDES_CODE = "link"


def text_node(text: str, marks: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """Return one text node, its marks in the order that all nodes use."""
    node: dict[str, Any] = {"type": "text", "text": text}
    if marks:
        node["marks"] = sorted(marks, key=lambda mark: _RANK[mark["type"]])
    return node


def text_nodes(text: str, marks: Sequence[dict[str, Any]] = ()) -> list[dict[str, Any]]:
    """Return text as nodes, a line break between its lines."""
    nodes: list[dict[str, Any]] = []
    for number, line in enumerate(clean(text).split("\n")):
        if number:
            nodes.append({"type": "hardBreak"})
        if line:
            nodes.append(text_node(line, marks))
    return nodes


def inline_nodes(tokens: Iterable[Token]) -> list[dict[str, Any]]:
    """Return the ADF nodes of a paragraph's tokens: text merged, edges trimmed."""
    nodes: list[dict[str, Any]] = []
    marks: list[dict[str, Any]] = []
    for token in tokens:
        if token.type in _MARKS:
            marks.append({"type": _MARKS[token.type]})
        elif token.type == "link_open":
            marks.append(_link(token, "href"))
        elif token.nesting < 0:
            marks.pop()
        elif token.type == "hardbreak":
            nodes.append({"type": "hardBreak"})
        elif token.type == "mention":
            # Without a text of ours, Jira shows the person's current name.
            nodes.append({"type": "mention", "attrs": {"id": token.meta["id"]}})
        elif token.type == "code_inline":
            links = [mark for mark in marks if mark["type"] == _BESIDES_CODE]
            nodes += text_nodes(token.content, [*_distinct(links), {"type": "code"}])
        elif token.type == "image":
            # The link around an image wins over the image's own: text carries one link only.
            around = any(mark["type"] == "link" for mark in marks)
            own = [] if around else [_link(token, "src")]
            alt = _plain(token.children or []) or str(token.attrs["src"])
            nodes += text_nodes(alt, [*_distinct(marks), *own])
        else:
            nodes += text_nodes(token.content, _distinct(marks))
    return trimmed(merged(nodes))


def labels(tokens: Iterable[Token]) -> set[str]:
    """Return the labels of the link definitions that tokens refer to."""
    found: set[str] = set()
    for token in tokens:
        if "label" in token.meta:
            found.add(token.meta["label"])
        found |= labels(token.children or [])
    return found


def merged(nodes: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Join neighbouring text nodes that carry the same marks."""
    result: list[dict[str, Any]] = []
    for node in nodes:
        last = result[-1] if result else None
        if last and last["type"] == node["type"] == "text" and last.get("marks") == node.get("marks"):
            result[-1] = {**last, "text": last["text"] + node["text"]}
        else:
            result.append(node)
    return result


def trimmed(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Drop white space at the ends of a paragraph and before its line breaks, and breaks at its end."""
    result: list[dict[str, Any]] = []
    ends_line = True
    for node in reversed(nodes):
        if node["type"] == "text" and ends_line and not _is_code(node):
            node = {**node, "text": node["text"].rstrip()}  # noqa: PLW2901 - the shortened node stands for it
            if not node["text"]:
                continue
        if node["type"] == "hardBreak" and not result:
            continue
        ends_line = node["type"] == "hardBreak"
        result.append(node)
    while result and result[-1]["type"] == "text" and not _is_code(result[-1]):
        first = result.pop()
        if text := first["text"].lstrip():
            result.append({**first, "text": text})
            break
    result.reverse()
    return result


def strong(nodes: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the nodes with their text strong, code excepted: code text carries no other mark."""
    return [
        text_node(node["text"], _distinct([*node.get("marks", []), {"type": "strong"}]))
        if node["type"] == "text" and not _is_code(node)
        else node
        for node in nodes
    ]


def _is_code(node: dict[str, Any]) -> bool:
    return any(mark["type"] == "code" for mark in node.get("marks", []))


def _distinct(marks: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({mark["type"]: mark for mark in marks}.values())


def _link(token: Token, target: str) -> dict[str, Any]:
    attrs = {"href": clean(str(token.attrs[target]))}
    if title := token.attrs.get("title"):
        attrs["title"] = clean(str(title))
    return {"type": "link", "attrs": attrs}


def _plain(tokens: Iterable[Token]) -> str:
    return "".join(
        "\n" if token.type == "hardbreak" else _plain(token.children) if token.children else token.content
        for token in tokens
    )
