"""Markdown to ADF: blocks, and where ADF allows them. Inline text lives in `inline.py`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from itertools import count
from typing import TYPE_CHECKING, Any

from markdown_it.common.utils import unescapeAll

from vantage_jira_plugin.adf.inline import inline_nodes, labels, merged, strong, text_node, text_nodes, trimmed
from vantage_jira_plugin.adf.parser import parse
from vantage_jira_plugin.adf.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it.token import Token

#: What stands for a rule where ADF allows none.
_RULE_TEXT = "\N{EM DASH}" * 3

#: A checkbox at the start of a list item. Source: https://github.github.com/gfm/#task-list-items-extension-
_CHECKBOX = re.compile(r"\[([ xX])\](?=\s|$)")


class Place(Enum):
    """Where a block stands. A quote and a list item hold fewer kinds of blocks than the document.

    Source: definitions `doc_node`, `blockquote_node`, `listItem_node` of
    https://unpkg.com/@atlaskit/adf-schema@57.7.22/json-schema/v1/full.json
    """

    DOCUMENT = "document"
    QUOTE = "quote"
    ITEM = "item"


@dataclass(frozen=True)
class _Block:
    token: Token
    children: list[_Block] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return self.token.type.removesuffix("_open")

    @property
    def lines(self) -> list[int]:
        return self.token.map or [-1, -2]


def from_markdown(text: str) -> dict[str, Any]:
    """Return markdown as an ADF document that Jira accepts: `{"version": 1, "type": "doc", "content": [...]}`.

    CommonMark with tables, strikethrough and task lists; HTML stays text. A line end inside a paragraph is a
    line break, as GitHub reads issues: reports and stack traces rely on it, and ADF has no soft break. What
    ADF does not allow at a place is rebuilt from what it allows there, without losing text. The same text
    gives the same document.
    """
    tokens = parse(clean(text))
    used = {label for token in tokens for label in labels(token.children or [])}
    return {"version": 1, "type": "doc", "content": _Conversion(used).blocks(_tree(tokens), Place.DOCUMENT)}


def _tree(tokens: list[Token]) -> list[_Block]:
    roots: list[_Block] = []
    open_blocks = [roots]
    for token in tokens:
        if token.nesting < 0:
            open_blocks.pop()
            continue
        block = _Block(token)
        open_blocks[-1].append(block)
        if token.nesting > 0:
            open_blocks.append(block.children)
    return roots


class _Conversion:
    """One document on its way to ADF; holds the running numbers of its tasks."""

    def __init__(self, used_labels: set[str]) -> None:
        self._unseen_labels = used_labels
        self._task_numbers = count(1)
        self._list_numbers = count(1)

    def blocks(self, blocks: list[_Block], place: Place) -> list[dict[str, Any]]:
        result: list[dict[str, Any]] = []
        literal: list[str] = []
        last_line = -1
        for block in blocks:
            if block.kind == "definition":
                if self._is_used(block):
                    continue
                if last_line != block.lines[0]:
                    result += _literal_paragraph(literal)
                    literal = []
                literal.append(block.token.content)
                last_line = block.lines[1]
                continue
            if literal and block.kind == "paragraph" and block.lines[0] == last_line:
                lines = [*text_nodes("\n".join(literal)), {"type": "hardBreak"}, *_inline(block)]
                result.append(_paragraph(merged(lines)))
            else:
                result += _literal_paragraph(literal)
                result += self._block(block, place)
            literal = []
        return result + _literal_paragraph(literal)

    def _is_used(self, block: _Block) -> bool:
        """Tell whether something refers to a definition; the first one of a label counts."""
        label = block.token.meta["id"]
        if label not in self._unseen_labels:
            return False
        self._unseen_labels.remove(label)
        return True

    def _block(self, block: _Block, place: Place) -> list[dict[str, Any]]:
        in_document = place is Place.DOCUMENT
        match block.kind:
            case "heading" if in_document:
                level = int(block.token.tag[1:])
                result = [{"type": "heading", "attrs": {"level": level}, "content": _inline(block)}]
            case "heading":
                result = [_paragraph(merged(strong(_inline(block))))]
            case "hr":
                result = [{"type": "rule"} if in_document else _paragraph([text_node(_RULE_TEXT)])]
            case "fence" | "code_block":
                result = [_code(block.token)]
            case "blockquote" if in_document:
                quoted = self.blocks(block.children, Place.QUOTE) or [_paragraph([])]
                result = [{"type": "blockquote", "content": quoted}]
            case "blockquote":
                result = self.blocks(block.children, place)
            case "bullet_list" | "ordered_list":
                result = [self._list(block, place)]
            case "table" if in_document:
                result = [_table(block)]
            case "table":
                result = [_row_paragraph(row) for row in _rows(block)]
            case _:
                result = [_paragraph(_inline(block))]
        return result

    def _list(self, block: _Block, place: Place) -> dict[str, Any]:
        if place is not Place.QUOTE and _is_task_list(block):
            return self._task_list(block)
        items = [{"type": "listItem", "content": self._item(item)} for item in block.children]
        if block.kind == "bullet_list":
            return {"type": "bulletList", "content": items}
        return {"type": "orderedList", "attrs": {"order": int(block.token.attrs.get("start", 1))}, "content": items}

    def _item(self, item: _Block) -> list[dict[str, Any]]:
        content = self.blocks(item.children, Place.ITEM)
        # Readers of older schemas want text or code first.
        if not content or content[0]["type"] not in {"paragraph", "codeBlock"}:
            content.insert(0, _paragraph([]))
        return content

    def _task_list(self, block: _Block) -> dict[str, Any]:
        attrs = {"localId": f"task-list-{next(self._list_numbers)}"}
        content: list[dict[str, Any]] = []
        for item in block.children:
            state, nodes = _task(item.children[0]) or ("TODO", [])
            task = {"localId": f"task-{next(self._task_numbers)}", "state": state}
            content.append({"type": "taskItem", "attrs": task, "content": nodes})
            content += [self._task_list(nested) for nested in item.children[1:]]
        return {"type": "taskList", "attrs": attrs, "content": content}


def _is_task_list(block: _Block) -> bool:
    """Tell whether ADF can hold a list as tasks: a checkbox and one paragraph each, nothing below but tasks."""
    return block.kind == "bullet_list" and all(
        item.children
        and item.children[0].kind == "paragraph"
        and _task(item.children[0]) is not None
        and all(_is_task_list(nested) for nested in item.children[1:])
        for item in block.children
    )


def _task(paragraph: _Block) -> tuple[str, list[dict[str, Any]]] | None:
    """Return a task's state and text, or None where there is no checkbox."""
    source = paragraph.children[0].token.content
    match = _CHECKBOX.match(source)
    nodes = _inline(paragraph) if match else []
    # A checkbox that reads as a link is none.
    if match is None or nodes[0].get("marks") or not nodes[0].get("text", "").startswith(match.group(0)):
        return None
    text = nodes[0]["text"][len(match.group(0)) :]
    rest = [text_node(text), *nodes[1:]] if text else nodes[1:]
    return "TODO" if match.group(1) == " " else "DONE", trimmed(rest)


def _inline(block: _Block) -> list[dict[str, Any]]:
    return [node for child in block.children for node in inline_nodes(child.token.children or [])]


def _paragraph(nodes: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "paragraph", "content": nodes}


def _literal_paragraph(lines: list[str]) -> list[dict[str, Any]]:
    return [_paragraph(trimmed(text_nodes("\n".join(lines))))] if lines else []


def _code(token: Token) -> dict[str, Any]:
    text = token.content.removesuffix("\n")
    language = unescapeAll(token.info).split()
    node: dict[str, Any] = {"type": "codeBlock", "content": [text_node(text)] if text else []}
    return {**node, "attrs": {"language": clean(language[0])}} if language else node


def _rows(table: _Block) -> Iterator[list[_Block]]:
    for part in table.children:
        for row in part.children:
            yield row.children


def _table(table: _Block) -> dict[str, Any]:
    rows: list[dict[str, Any]] = []
    for cells in _rows(table):
        content = [
            {
                "type": "tableHeader" if cell.kind == "th" else "tableCell",
                "content": [_paragraph(_inline(cell))],
            }
            for cell in cells
        ]
        rows.append({"type": "tableRow", "content": content})
    # A table without a heading is written with an empty one.
    if len(rows) > 1 and not any(cell["content"][0]["content"] for cell in rows[0]["content"]):
        rows = rows[1:]
    return {"type": "table", "content": rows}


def _row_paragraph(cells: list[_Block]) -> dict[str, Any]:
    nodes: list[dict[str, Any]] = []
    for number, cell in enumerate(cells):
        content = _inline(cell)
        nodes += [text_node(" | ")] if number else []
        nodes += strong(content) if cell.kind == "th" else content
    return _paragraph(trimmed(merged(nodes)))
