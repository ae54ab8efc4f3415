"""Which characters of plain text need a backslash in markdown, and only those. Knows no ADF."""

from __future__ import annotations

import re
import unicodedata
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: Where text would start a link, an address, an entity, a mention or a line break of a table cell.
_OPENING = re.compile(
    r"\](?=\([\s<]*(?:https?:|ftps?:|mailto:|tel:|[/#\\&]))"
    r"|!(?=\[)"
    r"|<(?=(?:https?|ftps?|mailto|tel):|[^\s<>@]+@|br[ \t]*/?>)"
    r"|&(?=\#x?[0-9a-f]{1,7};|[a-z][a-z0-9]{1,31};)"
    r"|\[(?=~accountid:)",
    re.IGNORECASE,
)

_BRACKET = re.compile(r"[\[\]]")

#: A backslash counts only before ASCII punctuation and at the end of a line. Source: https://spec.commonmark.org/0.31.2/#backslash-escapes
_BACKSLASH = re.compile(r"\\(?=[!-/:-@\[-`{-~]|\s*\Z)")

#: Runs that may open or close emphasis (`*`, `_`) or, two and more, strikethrough (`~`).
_RUN = re.compile(r"\*+|_+|~+")

#: A line that would start another block: heading, quote, list item, rule or the line below a table's heading.
#: Source: https://spec.commonmark.org/0.31.2/#leaf-blocks, https://github.github.com/gfm/#tables-extension-
_BLOCK_START = re.compile(
    r"(?P<space>[ \t]*)"
    r"(?:(?P<number>[0-9]{1,9})(?=[.)](?:[ \t]|$))"
    r"|(?=\#{1,6}(?:[ \t]|$)|>|[-+*](?:[ \t]|$)"
    r"|(?P<rule>[-*_])[ \t]*(?:(?P=rule)[ \t]*){2,}$|=+[ \t]*$|[-:|][-:| \t]*$|~{3}))"
)

#: What would be read as a link definition at the start of a paragraph.
_DEFINITION = re.compile(r"(\[(?:[^\[\]\\]|\\.)*\]):", re.DOTALL)

_CHECKBOX = re.compile(r"\[[ xX]\](?=\s|$)")

_CLOSING_HASHES = re.compile(r"(^|[ \t])(#+)[ \t]*$")


class Run(NamedTuple):
    """A run of delimiter characters in text and what it could do to its neighbours."""

    start: int
    end: int
    opens: bool
    closes: bool


def is_space(char: str) -> bool:
    """Tell whether markdown takes a character for white space; the end of the text counts as such."""
    return char in "\t\n\f\r\v" or unicodedata.category(char) == "Zs"


def is_punctuation(char: str) -> bool:
    """Tell whether markdown takes a character for punctuation."""
    return char != "" and unicodedata.category(char)[0] in "PS"


def runs(text: str, seams: Iterable[int]) -> list[Run]:
    """Return the delimiter runs of a paragraph's text.

    At a seam, where marks start or end, delimiters will stand: a run that touches one may do anything.

    Source: https://spec.commonmark.org/0.31.2/#emphasis-and-strong-emphasis
    """
    touching = set(seams)
    found: list[Run] = []
    for match in _RUN.finditer(text):
        start, end = match.span()
        before, after = text[start - 1 : start], text[end : end + 1]
        left = not is_space(after) and (not is_punctuation(after) or is_space(before) or is_punctuation(before))
        right = not is_space(before) and (not is_punctuation(before) or is_space(after) or is_punctuation(after))
        if match.group(0) == "~":
            opens = closes = False
        elif match.group(0)[0] == "_":
            opens = left and (not right or is_punctuation(before))
            closes = right and (not left or is_punctuation(after))
        else:
            opens, closes = left, right
        if not touching.isdisjoint(range(start, end + 1)):
            opens = closes = True
        found.append(Run(start, end, opens, closes))
    return found


def run_escapes(text: str, seams: Sequence[int], marked: str) -> set[int]:
    """Return the positions of delimiter characters that need a backslash.

    Args:
        text: a paragraph's text without its marks.
        seams: where marks start or end.
        marked: the delimiter characters that the paragraph's marks use.
    """
    by_char: dict[str, list[Run]] = {}
    for run in runs(text, seams):
        by_char.setdefault(text[run.start], []).append(run)
    positions: set[int] = set()
    for char, found in by_char.items():
        opened = accumulate((run.opens for run in found), lambda seen, opens: seen or opens, initial=False)
        pairs = any(run.closes and seen for run, seen in zip(found, opened, strict=False))
        if char in marked or pairs:
            positions.update(at for run in found if run.opens or run.closes for at in range(run.start, run.end))
    return positions


def escaped(text: str, escapes: Iterable[int], *, backticks: bool, brackets: bool) -> str:
    """Return a piece of text with backslashes where needed.

    Args:
        text: the piece.
        escapes: positions in it that are known to need one.
        backticks: whether code may start at a backtick.
        brackets: whether brackets count, as they do inside a link's text.
    """
    positions = {match.start() for match in _OPENING.finditer(text)}
    positions |= {match.start() for match in _BACKSLASH.finditer(text)}
    if brackets:
        positions |= {match.start() for match in _BRACKET.finditer(text)}
    if backticks:
        positions |= {at for at, char in enumerate(text) if char == "`"}
    positions.update(escapes)
    return "".join("\\" + char if at in positions else char for at, char in enumerate(text)) if positions else text


def code_source(text: str) -> str:
    """Return text as inline code, delimited by more backticks than it holds in a row."""
    text = text.replace("\n", " ")
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1) if longest else "`"
    padded = text.startswith("`") or text.endswith("`") or (text[0] == text[-1] == " " and text.strip(" ") != "")
    return f"{fence} {text} {fence}" if padded else f"{fence}{text}{fence}"


def paragraph_source(source: str) -> str:
    """Return inline markdown that reads as one paragraph, whatever its lines start with."""
    if "\n" not in source and source[:1].isalpha():
        return source  # no block starts with a letter
    lines = source.split("\n")
    for number, line in enumerate(lines):
        match = _BLOCK_START.match(line)
        if match is None:
            continue
        if match["rule"]:
            lines[number] = re.sub(r"([*_]|-.*)", r"\\\1", line)
            continue
        at = match.end("number") if match["number"] else match.end("space")
        tildes = len(line) - at - len(line[at:].lstrip("~"))
        lines[number] = line[:at] + ("\\~" * tildes or "\\") + line[at + tildes :]
    source = "\n".join(lines)
    definition = _DEFINITION.match(source)
    if definition is None:
        return source
    if source.startswith("[~accountid:"):
        return definition.group(1) + "\\" + source[definition.end(1) :]
    return "\\" + source


def item_source(source: str) -> str:
    """Return a list item's text that is not taken for a task."""
    return "\\" + source if _CHECKBOX.match(source) else source


def heading_source(source: str) -> str:
    """Return a heading's text whose last `#` stays."""
    return _CLOSING_HASHES.sub(r"\1\\\2", source)
