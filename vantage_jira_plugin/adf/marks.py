"""Which marks of a paragraph can be written as delimiters, and the text between them. Knows no ADF nodes."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from vantage_jira_plugin.adf.escaping import code_source, escaped, is_punctuation, is_space, run_escapes

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Marks with a delimiter, outermost first where they start at the same place.
MARKS = ("strong", "em", "strike")

#: The text of a piece that is a line break.
BREAK = "\n"

#: What a piece that is no text looks like to its neighbours: punctuation.
_ATOM = "]"


@dataclass(frozen=True)
class Piece:
    """Text with its marks, or markdown that is final (`source`).

    Attributes:
        text: what people see.
        marks: those of `MARKS` that it carries.
        source: its markdown, where that is settled: code, links, mentions.
        code: whether it is code.
    """

    text: str
    marks: frozenset[str] = frozenset()
    source: str | None = None
    code: bool = False


def merged(pieces: Iterable[Piece]) -> list[Piece]:
    """Join neighbouring pieces that are written alike, and leave out empty ones."""
    result: list[Piece] = []
    for piece in pieces:
        last = result[-1] if result else None
        if (
            last
            and last.marks == piece.marks
            and last.source is piece.source is None
            and BREAK not in {last.text, piece.text}
        ):
            result[-1] = replace(last, text=last.text + piece.text)
        elif last and last.code and piece.code:
            result[-1] = replace(last, text=last.text + piece.text, source=code_source(last.text + piece.text))
        elif piece.text:
            result.append(piece)
    return result


def source_of(pieces: list[Piece], *, in_link: bool = False, in_cell: bool = False) -> str:
    """Return a paragraph's pieces as markdown, a line end for each break.

    Args:
        pieces: the paragraph.
        in_link: whether it is the text of a link.
        in_cell: whether it stands in a table, where `<br>` will stand for line ends.
    """
    pieces = _all_tightened(pieces)
    # What was interrupted has new ends.
    pieces = merged(_unglued(_all_tightened(_uncrossed(pieces))))
    plain = "".join(piece.text if piece.source is None else _ATOM * len(piece.text) for piece in pieces)
    starts = [0]
    for piece in pieces:
        starts.append(starts[-1] + len(piece.text))
    seams = [starts[at + 1] for at, (one, two) in enumerate(pairwise(pieces)) if one.marks != two.marks]
    seams += [at for at, piece in ((0, pieces[:1]), (len(plain), pieces[-1:])) if piece and piece[0].marks]
    if in_link or in_cell:
        seams += [
            start + side for start, piece in zip(starts, pieces, strict=False) if piece.text == BREAK for side in (0, 1)
        ]
    marks = frozenset().union(*(piece.marks for piece in pieces))
    marked = ("*_" if marks & {"strong", "em"} else "") + ("~" if "strike" in marks else "")
    escapes = sorted(run_escapes(plain, seams, marked))
    backticks = in_link or any("`" in (piece.source or "") for piece in pieces) or plain.count("`") > 1
    written: list[str] = []
    for at, piece in enumerate(pieces):
        if piece.source is not None:
            written.append(piece.source)
        elif piece.text == BREAK:
            before = written[-1] if written else BREAK
            written.append("\\" + BREAK if before.endswith(BREAK) else BREAK)
        else:
            own = escapes[bisect_left(escapes, starts[at]) : bisect_left(escapes, starts[at + 1])]
            own = [spot - starts[at] for spot in own]
            source = escaped(piece.text, own, backticks=backticks, brackets=in_link)
            following = pieces[at + 1].source if at + 1 < len(pieces) else None
            if piece.text.endswith("!") and following and following.startswith("["):
                source = source[:-1] + "\\!"
            written.append(source)
    return _nested(pieces, written, starts, plain)


def _all_tightened(pieces: list[Piece]) -> list[Piece]:
    for mark in MARKS:
        pieces = merged(_tightened(pieces, mark))
    return pieces


def _tightened(pieces: list[Piece], mark: str) -> Iterable[Piece]:
    """Take a mark off the white space and punctuation at its ends that would keep it from being read.

    Source: https://spec.commonmark.org/0.31.2/#left-flanking-delimiter-run
    """
    at = 0
    before = ""
    while at < len(pieces):
        if mark not in pieces[at].marks:
            yield pieces[at]
            before = _edge(pieces[at], -1)
            at += 1
            continue
        end = at
        while end < len(pieces) and mark in pieces[end].marks:
            end += 1
        after = _edge(pieces[end], 0) if end < len(pieces) else ""
        left, rest = _loosened(pieces[at:end], mark, before, from_end=False)
        right, rest = _loosened(rest, mark, after, from_end=True)
        yield from left
        yield from rest
        yield from right
        before = _edge(pieces[end - 1], -1)
        at = end


def _uncrossed(pieces: list[Piece]) -> list[Piece]:
    """Interrupt the marks that cannot be written where one mark ends inside another.

    A mark that outlives the one around it pauses at white space, where it can start again; without white
    space it ends.
    """
    pieces = list(pieces)
    around: list[str] = []
    at = 0
    while at < len(pieces):
        piece = pieces[at]
        kept = next((number for number, mark in enumerate(around) if mark not in piece.marks), len(around))
        crossing = piece.marks & frozenset(around[kept:])
        if crossing:
            pieces[at : at + 1] = _paused(piece, crossing)
            if pieces[at].text == piece.text:
                _end(pieces, at + 1, crossing)
            piece = pieces[at]
        around = around[:kept]
        opened = piece.marks - frozenset(around)
        around += sorted(opened, key=lambda mark: (-_end_of(pieces, at, len(pieces), mark), MARKS.index(mark)))
        at += 1
    return pieces


def _unglued(pieces: list[Piece]) -> list[Piece]:
    """Leave out `em` inside a word where it touches `strong`: their asterisks would run together."""
    pieces = list(pieces)
    at = 0
    while at < len(pieces):
        end = _end_of(pieces, at, len(pieces), "em")
        if end == at:
            at += 1
            continue
        outside = pieces[max(at - 1, 0) : at] + pieces[end : end + 1]
        before = _edge(pieces[at - 1], -1) if at else ""
        after = _edge(pieces[end], 0) if end < len(pieces) else ""
        strong = ["strong" in piece.marks for piece in pieces[at:end]]
        touching = any(strong) if not all(strong) else False
        touching = touching or any("strong" in piece.marks for piece in outside)
        if touching and not _is_free(before, after):
            _end(pieces, at, frozenset({"em"}))
        at = end
    return pieces


def _paused(piece: Piece, marks: frozenset[str]) -> list[Piece]:
    """Take marks off the white space that a piece starts with, or off all of it where there is none."""
    length = len(piece.text) - len(piece.text.lstrip()) if piece.source is None else 0
    bare = replace(piece, marks=piece.marks - marks)
    if not length:
        return [bare]
    return [replace(bare, text=piece.text[:length]), replace(piece, text=piece.text[length:])]


def _end(pieces: list[Piece], at: int, marks: frozenset[str]) -> None:
    for mark in marks:
        for later in range(at, _end_of(pieces, at, len(pieces), mark)):
            pieces[later] = replace(pieces[later], marks=pieces[later].marks - {mark})


def _edge(piece: Piece, at: int) -> str:
    return piece.text[at] if piece.source is None else _ATOM


def _loosened(pieces: list[Piece], mark: str, outside: str, *, from_end: bool) -> tuple[list[Piece], list[Piece]]:
    """Return the pieces that lose a mark at one end of its range, and those that keep it."""
    loose: list[Piece] = []
    rest = list(pieces)
    while rest:
        piece = rest[-1 if from_end else 0]
        bare = replace(piece, marks=piece.marks - {mark})
        glued = not is_space(outside) and not is_punctuation(outside)
        edge = _edge(piece, -1 if from_end else 0)
        if piece.source is None and (is_space(edge) or (glued and is_punctuation(edge))):
            taken = 1
        elif glued and (piece.source is not None or (mark == "strike" and bare.marks)):
            taken = len(piece.text)
        else:
            break
        kept = piece.text[:-taken] if from_end else piece.text[taken:]
        cut = piece.text[-taken:] if from_end else piece.text[:taken]
        loose.append(replace(bare, text=cut))
        outside = cut[0 if from_end else -1] if piece.source is None else _ATOM
        if kept:
            rest[-1 if from_end else 0] = replace(piece, text=kept)
        else:
            rest.pop(-1 if from_end else 0)
    return (loose[::-1] if from_end else loose), rest


def _nested(pieces: list[Piece], written: list[str], starts: list[int], plain: str) -> str:
    def write(first: int, last: int, within: frozenset[str]) -> str:
        result: list[str] = []
        at = first
        while at < last:
            left = pieces[at].marks - within
            if not left:
                result.append(written[at])
                at += 1
                continue
            ends = {mark: _end_of(pieces, at, last, mark) for mark in MARKS if mark in left}
            mark = max(ends, key=lambda name: ends[name])
            delimiter = _delimiter(mark, plain, starts[at], starts[ends[mark]])
            result.append(delimiter + write(at, ends[mark], within | {mark}) + delimiter)
            at = ends[mark]
        return "".join(result)

    return write(0, len(pieces), frozenset())


def _end_of(pieces: list[Piece], at: int, last: int, mark: str) -> int:
    while at < last and mark in pieces[at].marks:
        at += 1
    return at


def _delimiter(mark: str, plain: str, start: int, end: int) -> str:
    if mark == "strong":
        return "**"
    if mark == "strike":
        return "~~"
    return "_" if _is_free(plain[start - 1 : start] if start else "", plain[end : end + 1]) else "*"


def _is_free(before: str, after: str) -> bool:
    """Tell whether what stands between two characters is no part of a word."""
    return all(is_space(char) or is_punctuation(char) for char in (before, after))
