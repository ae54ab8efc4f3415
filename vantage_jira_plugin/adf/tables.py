"""An ADF table as a markdown table: one line per row, spans filled with empty cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vantage_jira_plugin.adf.spans import inline_source, text_source
from vantage_jira_plugin.adf.text import Node, attributes, children, leaves, type_of

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Rows or columns that one cell may cover; larger numbers are no table that people see.
_MAX_SPAN = 50

#: How deep the blocks of a cell are followed; deeper text is kept without its structure.
_MAX_DEPTH = 12

_BREAK = "<br>"


def table_source(table: Node) -> str:
    """Return a table as markdown, or empty text where it has no cells."""
    rows = [children(row) for row in children(table)]
    lines = _grid(rows)
    if not any(lines):
        return ""
    width = max(len(line) for line in lines)
    has_heading = all(type_of(cell) == "tableHeader" for cell in rows[0]) and bool(rows[0])
    heading = lines.pop(0) if has_heading else []
    table_lines = [_line(heading, width), _line(["---"] * width, width)]
    return "\n".join([*table_lines, *(_line(line, width) for line in lines)])


def _line(cells: list[str], width: int) -> str:
    return "| " + " | ".join([*cells, *[""] * (width - len(cells))]) + " |"


def _grid(rows: list[list[Node]]) -> list[list[str]]:
    lines: list[list[str]] = []
    covered: dict[int, int] = {}
    for row in rows:
        line: list[str] = []
        below: dict[int, int] = {}
        for cell in row:
            _skip(line, covered)
            column, width = len(line), _span(cell, "colspan")
            if (height := _span(cell, "rowspan")) > 1:
                below.update(dict.fromkeys(range(column, column + width), height - 1))
            line += [_cell(cell), *[""] * (width - 1)]
        _skip(line, covered)
        lines.append(line)
        covered = {column: left - 1 for column, left in covered.items() if left > 1} | below
    return lines


def _skip(line: list[str], covered: dict[int, int]) -> None:
    while len(line) in covered:
        line.append("")


def _span(cell: Node, name: str) -> int:
    value = attributes(cell).get(name)
    return max(1, min(int(value), _MAX_SPAN)) if isinstance(value, int) else 1


def _cell(cell: Node) -> str:
    parts = [part for part in _parts(children(cell), 0) if part]
    return _BREAK.join(parts).replace("|", "\\|")


def _parts(nodes: Iterable[Node], depth: int) -> Iterable[str]:
    """Yield a cell's blocks as single lines."""
    for node in nodes:
        kind = type_of(node)
        if depth > _MAX_DEPTH:
            yield text_source(" ".join(leaves(node))).replace("\n", " ")
        elif kind == "codeBlock":
            lines = "".join(leaves(node)).split("\n")
            code = [{"type": "text", "text": line, "marks": [{"type": "code"}]} for line in lines if line.strip()]
            yield _BREAK.join(inline_source([line]) for line in code)
        elif kind in {"bulletList", "orderedList", "taskList", "decisionList"}:
            yield from _items(node, depth)
        elif inside := [child for child in children(node) if children(child)]:
            yield from _parts(inside, depth + 1)
        else:
            yield _inline(children(node) or [node])


def _inline(nodes: Iterable[Node]) -> str:
    # A lone backslash is a break on a line without text.
    return _BREAK.join("" if line == "\\" else line for line in inline_source(nodes, in_cell=True).split("\n"))


def _items(node: Node, depth: int) -> Iterable[str]:
    for number, item in enumerate(children(node), start=1):
        if type_of(item) == type_of(node):
            yield from _items(item, depth + 1) if depth <= _MAX_DEPTH else _parts([item], depth + 1)
            continue
        lines = [line for line in _parts([item], depth + 1) if line]
        marker = f"{number}\\." if type_of(node) == "orderedList" else "\N{BULLET}"
        if type_of(node) == "taskList":
            marker = "\N{BALLOT BOX WITH CHECK}" if attributes(item).get("state") == "DONE" else "\N{BALLOT BOX}"
        yield _BREAK.join([f"{marker} {' '.join(lines[:1])}".rstrip(), *lines[1:]])
