"""ADF to markdown: blocks. Inline text lives in `spans.py`, tables in `tables.py`."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

from vantage_jira_plugin.adf.escaping import heading_source, item_source, paragraph_source
from vantage_jira_plugin.adf.spans import card_address, inline_source, is_inline, text_source, with_breaks
from vantage_jira_plugin.adf.tables import table_source
from vantage_jira_plugin.adf.text import Node, attribute, attributes, children, clean, leaves, type_of, visible_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

#: Nodes open at once, where a list counts two (list and item). Deeper text is kept without its structure.
MAX_DEPTH = 60

#: The largest number of a list item. Source: https://spec.commonmark.org/0.31.2/#ordered-list-marker
_MAX_NUMBER = 999_999_999

#: A list that may follow text without an empty line between.
_INTERRUPTING_LIST = re.compile(r"(?:[-*]|1[.)]) \S")

_LIST = re.compile(r"(?:[-*]|[0-9]{1,9}[.)])(?: |$)", re.MULTILINE)

#: A language that a code fence can name as it is.
_LANGUAGE = re.compile(r"[^\s`\\&~]+")

_BULLETS = frozenset({"bulletList", "taskList", "decisionList"})

#: Lists of one family read as one list where they follow each other.
_FAMILIES: Mapping[str, str] = dict.fromkeys(_BULLETS, "bullet") | {"orderedList": "ordered"}

_MAX_LEVEL = 6


def to_markdown(document: object) -> str:
    """Return an ADF document as markdown.

    Reads leniently: unknown nodes keep their text, wrong values are passed over, nothing is raised. A plain
    string (a text of REST v2) is returned as it is; nothing (None) is empty text.
    """
    if isinstance(document, str):
        return document
    if isinstance(document, list | tuple):
        return _blocks([node for node in document if isinstance(node, dict)], 0)
    return _blocks([document], 0) if isinstance(document, dict) else ""


def _blocks(nodes: Iterable[Node], depth: int) -> str:
    return "\n\n".join(_block_list(nodes, depth))


def _block_list(nodes: Iterable[Node], depth: int) -> list[str]:
    """Return the blocks as markdown; neighbouring lists get markers that keep them apart."""
    result: list[str] = []
    last: str | None = None
    alternate = False
    for block in _grouped(nodes):
        family = _FAMILIES.get(type_of(block))
        other = family is not None and family == last and not alternate
        if source := _block(block, depth, alternate=other):
            result.append(source)
            last, alternate = family, other
    return result


def _grouped(nodes: Iterable[Node]) -> list[Node]:
    """Return nodes as blocks: inline nodes that stand where blocks belong make a paragraph."""
    blocks = list(nodes)
    if not any([is_inline(block) for block in blocks]):  # noqa: C419 - a list is faster, and this is asked of every node
        return blocks
    nodes, blocks = blocks, []
    for inline, group in groupby(nodes, key=is_inline):
        found = list(group)
        blocks += [{"type": "paragraph", "content": found}] if inline else found
    return blocks


def _block(node: Node, depth: int, *, alternate: bool) -> str:
    kind = type_of(node)
    if depth > MAX_DEPTH:
        return paragraph_source(with_breaks(text_source(" ".join(leaves(node)))))
    if kind in _BULLETS:
        return _bullets(node, depth, "*" if alternate else "-")
    if kind == "orderedList":
        return _ordered(node, depth, ")" if alternate else ".")
    writer = _BLOCKS.get(kind)
    if writer is not None:
        return writer(node, depth)
    if inside := children(node):
        return _blocks(inside, depth + 1)
    return _paragraph({"content": [{"type": "text", "text": visible_text(node)}]}, depth)


def _paragraph(node: Node, _: int) -> str:
    return with_breaks(paragraph_source(inline_source(children(node))))


def _heading(node: Node, _: int) -> str:
    level = attributes(node).get("level")
    marks = "#" * int(max(1, min(level, _MAX_LEVEL))) if isinstance(level, int | float) else "#"
    # A heading has one line.
    space = {"type": "text", "text": " "}
    nodes = [space if type_of(child) == "hardBreak" else child for child in children(node)]
    lines = [line for line in inline_source(nodes).split("\n") if line not in {"", "\\"}]
    return f"{marks} {heading_source(' '.join(line.strip() for line in lines))}" if lines else ""


def _quote(node: Node, depth: int) -> str:
    return _quoted(_blocks(children(node), depth + 1))


def _quoted(source: str) -> str:
    return "\n".join(f"> {line}" if line else ">" for line in source.split("\n"))


def _panel(node: Node, depth: int) -> str:
    kind = attribute(node, "panelType")
    label = kind.capitalize() if kind and kind != "custom" else attribute(node, "panelIconText") or "Panel"
    title = attribute(node, "title")
    return _quoted(_labelled(f"{label}: {title}" if title else label, node, depth))


def _expand(node: Node, depth: int) -> str:
    return _labelled(attribute(node, "title"), node, depth)


def _labelled(label: str, node: Node, depth: int) -> str:
    title = {"type": "text", "text": label, "marks": [{"type": "strong"}]}
    heading = [_paragraph({"content": [title]}, depth)] if label.strip() else []
    return "\n\n".join([*heading, *_block_list(children(node), depth + 1)])


def _code(node: Node, _: int) -> str:
    text = clean("".join(leaves(children(node))))
    longest = max((len(run) for run in re.findall("`+", text)), default=0) if "`" in text else 0
    fence = "`" * max(3, longest + 1)
    language = attribute(node, "language")
    opening = fence + language if _LANGUAGE.fullmatch(language) else fence
    return f"{opening}\n{text}\n{fence}" if text else f"{opening}\n{fence}"


def _table(node: Node, _: int) -> str:
    return table_source(node)


def _rule(_: Node, __: int) -> str:
    return "---"


def _media_single(node: Node, depth: int) -> str:
    marks = node.get("marks")
    links = marks if isinstance(marks, list) else []
    media: list[Node] = [
        {**child, "marks": links} if type_of(child) == "media" and links else child for child in children(node)
    ]
    return _blocks(media, depth + 1)


def _media_group(node: Node, depth: int) -> str:
    return "\n\n".join(_paragraph({"content": [media]}, depth) for media in children(node))


def _card(node: Node, depth: int) -> str:
    card = {"type": "inlineCard", "attrs": {"url": card_address(node)}}
    return _paragraph({"content": [card]}, depth)


def _extension(node: Node, depth: int) -> str:
    return _paragraph({"content": [{**node, "type": "inlineExtension"}]}, depth)


def _sync_block(_: Node, __: int) -> str:
    return "[synced block]"


def _bullets(node: Node, depth: int, marker: str) -> str:
    """Write a list of bullets, tasks or decisions; a task list inside one belongs to the task before it."""
    items: list[tuple[str, list[Node]]] = []
    for child in children(node):
        if type_of(child) == "taskList" and type_of(node) == "taskList":
            if items:
                items[-1][1].append(child)
            else:
                items += [("", [nested]) for nested in children(child)]
            continue
        items.append((_label(child), _item_blocks(child)))
    written = [_item(marker, label, blocks, depth) for label, blocks in items]
    return _listed(written)


def _listed(items: list[str]) -> str:
    """Write items below each other; with empty lines between where one has some inside, as markdown reads it."""
    tight = "\n".join(items)
    return "\n\n".join(items) if "\n\n" in tight else tight


def _label(item: Node) -> str:
    match type_of(item):
        case "taskItem" | "blockTaskItem":
            return "[x] " if attributes(item).get("state") == "DONE" else "[ ] "
        case "decisionItem":
            return "**Decision:** "
        case _:
            return ""


def _item_blocks(item: Node) -> list[Node]:
    inside = children(item)
    return _grouped(inside if inside or not visible_text(item) else [item])


def _ordered(node: Node, depth: int, delimiter: str) -> str:
    order = attributes(node).get("order")
    first = int(order) if isinstance(order, int | float) and 0 <= order <= _MAX_NUMBER else 1
    items = children(node)
    written = [
        _item(f"{min(first + number, _MAX_NUMBER)}{delimiter}", None, _item_blocks(item), depth)
        for number, item in enumerate(items)
    ]
    return _listed(written)


def _item(marker: str, label: str | None, blocks: list[Node], depth: int) -> str:
    """Write one item; `label` is None where the list has no checkboxes to be mistaken for."""
    starts_with_text = bool(blocks) and type_of(blocks[0]) == "paragraph"
    lead = _paragraph(blocks[0], depth) if starts_with_text else ""
    others = blocks[1:] if starts_with_text else blocks
    rest = _block_list(others, depth + 2) if others else []
    lead = (item_source(lead) if label == "" else (label or "") + lead).rstrip()
    if lead:
        tight = rest and _INTERRUPTING_LIST.match(rest[0])
        body = lead + ("\n" if tight else "\n\n" if rest else "") + "\n\n".join(rest)
    else:
        body = ("\n" if rest and _LIST.match(rest[0]) else "") + "\n\n".join(rest)
    if body.startswith("---"):
        body = "___" + body[3:]
    if "\n" not in body:
        return f"{marker} {body}".rstrip(" ")
    indent = " " * (len(marker) + 1)
    first, *lines = body.split("\n")
    return "\n".join([f"{marker} {first}".rstrip(" "), *(indent + line if line else "" for line in lines)])


_BLOCKS: Mapping[str, Callable[[Node, int], str]] = {
    "paragraph": _paragraph,
    "caption": _paragraph,
    "heading": _heading,
    "blockquote": _quote,
    "panel": _panel,
    "expand": _expand,
    "nestedExpand": _expand,
    "codeBlock": _code,
    "table": _table,
    "rule": _rule,
    "mediaSingle": _media_single,
    "mediaGroup": _media_group,
    "blockCard": _card,
    "embedCard": _card,
    "extension": _extension,
    "syncBlock": _sync_block,
}
