"""ADF to plain text: every word, no marks. Markdown lives in `to_markdown.py`."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from vantage_jira_plugin.adf.spans import card_address, is_inline
from vantage_jira_plugin.adf.text import Node, attribute, attributes, children, clean, leaves, type_of, visible_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

#: Blocks open at once. Deeper text is kept without its structure.
_MAX_DEPTH = 60
#: Lists of a list item are set in so far.
_INDENT = "  "
_LISTS = frozenset({"bulletList", "orderedList", "taskList", "decisionList"})


def to_plain(document: object) -> str:
    """Return an ADF document as plain text that has every word of it.

    Paragraphs are apart by an empty line, items and rows by a line end, cells by a tab. The address of a link follows
    its text where the two differ. Reads leniently, as `to_markdown` does: nothing is raised, and a plain string is
    returned as it is.
    """
    if isinstance(document, str):
        return document
    if isinstance(document, list | tuple):
        return _blocks([node for node in document if isinstance(node, dict)], 0)
    return _blocks([document], 0) if isinstance(document, dict) else ""


def _blocks(nodes: Iterable[Node], depth: int, between: str = "\n\n") -> str:
    """Return blocks as text; inline nodes that stand where blocks belong make a paragraph."""
    nodes = list(nodes)
    if not any(map(is_inline, nodes)):
        return between.join(text for node in nodes if (text := _block(node, depth)))
    texts: list[str] = []
    for inline, group in groupby(nodes, key=is_inline):
        found = list(group)
        texts += [_inline(found)] if inline else [_block(node, depth) for node in found]
    return between.join(text for text in texts if text)


def _block(node: Node, depth: int) -> str:
    kind = type_of(node)
    if depth > _MAX_DEPTH:
        return clean(" ".join(leaves(node)))
    if kind in _LISTS:
        return _list(node, depth)
    if kind == "codeBlock":
        return clean("".join(leaves(children(node))))
    if kind == "table":
        return "\n".join(_row(row, depth) for row in children(node))
    inside = children(node)
    # A panel without a title is told by its icon; an expand is called by its title.
    title = clean(attribute(node, "title")) if inside else ""
    body = _blocks(inside, depth + 1) if inside else _inline([node])
    return f"{title}\n\n{body}".strip() if title else body


def _list(node: Node, depth: int) -> str:
    lines: list[str] = []
    order = attributes(node).get("order")
    number = int(order) if isinstance(order, int) else 1
    for item in children(node):
        if type_of(item) in _LISTS:  # tasks of the task before
            lines.append(_set_in(_block(item, depth + 1), _INDENT))
            continue
        marker = f"{number}. " if type_of(node) == "orderedList" else "- "
        if type_of(node) == "taskList":
            marker = "[x] " if attributes(item).get("state") == "DONE" else "[ ] "
        number += 1
        body = _blocks(children(item) or [item], depth + 2, "\n")
        lines.append(f"{marker}{_set_in(body, ' ' * len(marker)).lstrip()}".rstrip())
    return "\n".join(lines)


def _set_in(text: str, indent: str) -> str:
    return "\n".join(indent + line if line else "" for line in text.split("\n"))


def _row(row: Node, depth: int) -> str:
    cells = (_blocks(children(cell) or [cell], depth + 3, " ") for cell in children(row))
    return "\t".join(cell.replace("\n", " ").replace("\t", " ") for cell in cells).rstrip()


def _inline(nodes: Iterable[Node]) -> str:
    """Return inline nodes as text; those that one link covers are followed by its address once."""
    parts: list[str] = []
    for address, group in groupby(nodes, key=_address):
        text = "".join(clean(_visible(node)) for node in group)
        parts.append(text if not address or address in {text, f"mailto:{text}"} else f"{text} ({address})")
    return "".join(parts).strip("\n")


def _address(node: Node) -> str:
    """Return where a node links to, or nothing."""
    marks = node.get("marks")
    links = (mark for mark in marks if isinstance(mark, dict)) if isinstance(marks, list) else ()
    return next((clean(attribute(mark, "href")) for mark in links if type_of(mark) == "link"), "")


def _visible(node: Node) -> str:
    """Return what people see of an inline node."""
    writer = _INLINE.get(type_of(node))
    return writer(node) if writer is not None else visible_text(node)


def _mention(node: Node) -> str:
    return "@" + (attribute(node, "text").strip("@ ") or attribute(node, "id"))


def _media(node: Node) -> str:
    name = attribute(node, "alt") or attribute(node, "__fileName") or attribute(node, "url") or attribute(node, "id")
    return f"[attachment: {name}]" if name else "[attachment]"


_INLINE: Mapping[str, Callable[[Node], str]] = {
    "mention": _mention,
    "emoji": lambda node: attribute(node, "text") or attribute(node, "shortName"),
    "inlineCard": card_address,
    "blockCard": card_address,
    "embedCard": card_address,
    "media": _media,
    "mediaInline": _media,
    "extension": lambda node: attribute(node, "text") or f"[{attribute(node, 'extensionKey') or 'extension'}]",
    "inlineExtension": lambda node: attribute(node, "text") or f"[{attribute(node, 'extensionKey') or 'extension'}]",
    "syncBlock": lambda _: "[synced block]",
    "rule": lambda _: "",
}
