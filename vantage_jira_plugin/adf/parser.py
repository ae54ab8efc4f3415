"""The markdown reader: markdown-it with the rules this connector needs. Knows no ADF."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt
from markdown_it.rules_block import blockquote, list_block, reference, table
from markdown_it.rules_block.table import escapedSplit
from markdown_it.rules_inline import image, link

from vantage_jira_plugin.adf.links import is_accepted

if TYPE_CHECKING:
    from collections.abc import Callable

    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

    BlockRule = Callable[[StateBlock, int, int, bool], bool]
    InlineRule = Callable[[StateInline, bool], bool]

#: Containers open at once, where a list counts two (list and item) and a quote one. Deeper markers are read
#: as text, so nothing is lost and no recursion runs away.
MAX_CONTAINERS = 24

#: markdown-it's own limit; beyond it markdown-it drops text, so the limit above has to stay well below.
_MAX_NESTING = MAX_CONTAINERS + 6

#: A mention as Jira Cloud's wiki markup and REST v2 write it. The id is the account id, see
#: https://developer.atlassian.com/cloud/jira/platform/apis/document/nodes/mention/
_MENTION = re.compile(r"\[~accountid:([A-Za-z0-9:_-]{1,128})\]")

_BREAK = re.compile(r"<br[ \t]*/?>", re.IGNORECASE)

#: What follows a link's text where there is no target.
_NO_TARGET = re.compile(r"\([ \t\n]*(?:\)|<>)")

#: Set in the environment of an inline parse where text holds `[...]()`.
_MISSING_TARGETS = "missing_targets"

#: Set in the environment of an inline parse where `<br>` stands for a line break.
_IN_CELL = "cell"


class _Markdown(MarkdownIt):
    """markdown-it with this connector's idea of a link."""

    def validateLink(self, url: str) -> bool:  # noqa: N802 - markdown-it's name
        return is_accepted(url)

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802 - markdown-it's name
        return link


def _limited(rule: BlockRule) -> BlockRule:
    def limited(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's signature
        return state.level < MAX_CONTAINERS and rule(state, start_line, end_line, silent)

    return limited


def _cells(state: StateBlock, line: int) -> list[str]:
    text = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].strip()
    cells = escapedSplit(text)
    if cells and not cells[0]:
        cells = cells[1:]
    if cells and not cells[-1]:
        cells = cells[:-1]
    return cells


def _whole_table(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's signature
    """Read a table; cells beyond the last column join it, where GFM would drop them."""
    first = len(state.tokens)
    if not table(state, start_line, end_line, silent):
        return False
    if silent:
        return True
    row: list[Token] = []
    line = start_line
    for token in state.tokens[first:]:
        if token.type == "tr_open" and token.map:
            row, line = [], token.map[0]
        elif token.type == "inline":
            row.append(token)
        elif token.type == "tr_close" and row:
            extra = [cell.strip() for cell in _cells(state, line)[len(row) :]]
            row[-1].content = " | ".join([row[-1].content, *extra]) if extra else row[-1].content
    return True


def _kept_reference(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's signature
    """Read a link definition and keep its text, for the case that nothing refers to it."""
    if not reference(state, start_line, end_line, silent):
        return False
    if not silent:
        state.tokens[-1].content = state.getLines(start_line, state.line, state.blkIndent, False).strip()
    return True


def _line_end(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's signature
    r"""Read a line end as a line break that keeps the next line's indentation: reports depend on it."""
    escaped = state.src.startswith("\\\n", state.pos)
    if not escaped and state.src[state.pos] != "\n":
        return False
    if not silent:
        if not escaped:
            state.pending = state.pending.rstrip(" \t")
        state.push("hardbreak", "br", 0)
    state.pos += 2 if escaped else 1
    return True


def _targeted(rule: InlineRule, opening: str) -> InlineRule:
    """Leave links without a target alone: `handlers[0]()` is code, not a link to nowhere."""

    def targeted(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's signature
        if not state.src.startswith(opening, state.pos):
            return False
        if state.env.get(_MISSING_TARGETS):
            last = state.pos + len(opening) - 1
            end = state.md.helpers.parseLinkLabel(state, last, opening == "[")
            if end >= 0 and _NO_TARGET.match(state.src, end + 1, state.posMax):
                return False
        return rule(state, silent)

    return targeted


def _cell_break(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's signature
    if state.src[state.pos] != "<" or not state.env.get(_IN_CELL):
        return False
    match = _BREAK.match(state.src, state.pos, state.posMax)
    if match is None:
        return False
    if not silent:
        state.push("hardbreak", "br", 0)
    state.pos = match.end()
    return True


def _mention(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's signature
    match = _MENTION.match(state.src, state.pos, state.posMax)
    if match is None:
        return False
    if not silent:
        token = state.push("mention", "", 0)
        token.content = match.group(0)
        token.meta = {"id": match.group(1)}
    state.pos = match.end()
    return True


@cache
def _parser() -> MarkdownIt:
    options = {"html": False, "maxNesting": _MAX_NESTING, "inline_definitions": True, "store_labels": True}
    markdown = _Markdown("commonmark", options).enable(["table", "strikethrough"])
    markdown.disable(["html_block", "html_inline"])
    markdown.core.ruler.enableOnly(["normalize", "block"])
    blocks, inlines = markdown.block.ruler, markdown.inline.ruler
    blocks.at("blockquote", _limited(blockquote), {"alt": ["paragraph", "reference", "blockquote", "list"]})
    blocks.at("list", _limited(list_block), {"alt": ["paragraph", "reference", "blockquote"]})
    blocks.at("table", _whole_table, {"alt": ["paragraph", "reference"]})
    blocks.at("reference", _kept_reference)
    inlines.at("newline", _line_end)
    inlines.at("link", _targeted(link, "["))
    inlines.at("image", _targeted(image, "!["))
    inlines.before("escape", "line_end", _line_end)
    inlines.before("link", "mention", _mention)
    inlines.before("autolink", "cell_break", _cell_break)
    # The first parse fills markdown-it's caches of rules, which two threads must not do at once.
    markdown.inline.parse("x", markdown, {}, markdown.parse("x"))
    return markdown


def parse(text: str) -> list[Token]:
    """Return markdown-it's tokens, where each `inline` token's children are parsed too.

    Besides markdown-it's own types there are `mention` (`meta["id"]`) and `definition` (a link definition,
    `meta["id"]` its label, `content` its source).
    """
    markdown = _parser()
    env: dict[str, object] = {}
    tokens = markdown.parse(text, env)
    in_cell = False
    for token in tokens:
        if token.type in {"th_open", "td_open"}:
            in_cell = True
        elif token.type in {"th_close", "td_close"}:
            in_cell = False
        elif token.type == "inline":
            env[_IN_CELL] = in_cell
            env[_MISSING_TARGETS] = _NO_TARGET.search(token.content) is not None
            token.children = markdown.inline.parse(token.content, markdown, env, [])
    return tokens
