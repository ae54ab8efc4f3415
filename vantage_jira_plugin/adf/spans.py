"""A paragraph's ADF nodes as one line of markdown after the other. Knows no blocks."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from vantage_jira_plugin.adf.escaping import code_source, escaped
from vantage_jira_plugin.adf.links import is_accepted, is_plain_address
from vantage_jira_plugin.adf.marks import BREAK, MARKS, Piece, merged, source_of
from vantage_jira_plugin.adf.shortcut import simple_source
from vantage_jira_plugin.adf.text import (
    Node,
    attribute,
    attributes,
    children,
    clean,
    iso_date,
    leaves,
    type_of,
    visible_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

#: How deep inline nodes are followed; ADF itself nests none. Deeper text is kept without marks.
_MAX_DEPTH = 8

_ENTITY = re.compile(r"&(?=#|[a-z0-9]+;)", re.IGNORECASE)

#: Nesting of round brackets in a link target that needs no backslashes.
_MAX_BRACKETS = 3


@dataclass(frozen=True)
class _Link:
    href: str
    title: str


def is_inline(node: Node) -> bool:
    """Tell whether a node belongs inside a paragraph."""
    kind = node.get("type")
    return (type(kind) is str and kind in _INLINE) or isinstance(node.get("text"), str)


def inline_source(nodes: Iterable[Node], *, in_cell: bool = False) -> str:
    """Return a paragraph's nodes as markdown: line breaks as line ends, nothing escaped for the block around."""
    nodes = nodes if type(nodes) is list else list(nodes)
    source = simple_source(nodes)
    if source is None:
        source = source_of(_pieces(list(_flat(nodes, 0))), in_cell=in_cell)
    elif "\n" not in source:
        return source.strip()
    lines = [line.rstrip() or "\\" for line in source.split("\n")]
    while lines and lines[-1] == "\\":
        lines.pop()
    return "\n".join(lines).strip()


def text_source(text: str) -> str:
    """Return plain text as markdown that shows exactly it."""
    return inline_source([{"type": "text", "text": text}])


def with_breaks(source: str) -> str:
    """Return inline markdown with hard breaks at its line ends."""
    if "\n" not in source:
        return source
    lines = source.split("\n")
    return "\n".join([*(line if line == "\\" else line + "  " for line in lines[:-1]), lines[-1]])


def _flat(nodes: Iterable[Node], depth: int) -> Iterable[Node]:
    """Yield text and inline nodes; other nodes are replaced by what is inside, a line break between blocks."""
    for number, node in enumerate(nodes):
        if is_inline(node):
            yield node
        elif depth >= _MAX_DEPTH:
            yield {"type": "text", "text": " ".join(leaves(node))}
        elif inside := children(node):
            if number:
                yield {"type": "hardBreak"}
            yield from _flat(inside, depth + 1)
        elif text := visible_text(node):
            yield {"type": "text", "text": text}


def _pieces(nodes: Sequence[Node]) -> list[Piece]:
    pieces: list[Piece] = []
    for link, group in groupby(nodes, key=_link):
        inside = [piece for node in group for piece in _node_pieces(node)]
        pieces += inside if link is None else _link_pieces(inside, link)
    return merged(pieces)


def _link(node: Node) -> _Link | None:
    marks = node.get("marks")
    for mark in marks if isinstance(marks, list) else []:
        if isinstance(mark, dict) and type_of(mark) == "link" and (href := attribute(mark, "href")):
            return _Link(clean(href), clean(attribute(mark, "title")))
    return None


def _node_pieces(node: Node) -> list[Piece]:
    kind = type_of(node)
    writer = _INLINE.get(kind)
    if writer is not None:
        return writer(node)
    text = clean(visible_text(node))
    given = node.get("marks")
    marks = frozenset(
        type_of(mark) for mark in (given if isinstance(given, list) else []) if isinstance(mark, dict) and type_of(mark)
    )
    if "code" in marks and text:
        return [Piece(text, source=code_source(text), code=True)]
    return _lines(text, marks & frozenset(MARKS))


def _lines(text: str, marks: frozenset[str] = frozenset()) -> list[Piece]:
    parts = text.split("\n")
    return [
        piece
        for number, part in enumerate(parts)
        for piece in ([Piece(BREAK)] if number else []) + ([Piece(part, marks)] if part else [])
    ]


def _link_pieces(inside: list[Piece], link: _Link) -> list[Piece]:
    text = "".join(piece.text for piece in inside)
    if not text.strip():
        return inside
    if not is_accepted(link.href):
        return [*inside, Piece(f" ({link.href})")]
    # What reads as a link definition cannot be escaped inside code.
    inside = [
        replace(piece, source=None, code=False) if piece.code and "]:" in piece.text else piece for piece in inside
    ]
    shared = frozenset.intersection(*(piece.marks for piece in inside))
    plain = not link.title and all(piece.source is None for piece in inside)
    if plain and text == link.href and is_plain_address(text):
        return [Piece(text, shared, source=f"<{text}>")]
    label = source_of(merged(replace(piece, marks=piece.marks - shared) for piece in inside), in_link=True)
    source = f"[{with_breaks(label)}]({_target(link)})"
    return [Piece(text, shared, source=source)]


def _target(link: _Link) -> str:
    href = link.href.strip().replace("\n", "%0A").replace("\\", "\\\\")
    href = _ENTITY.sub(r"\\&", href)
    if re.search(r"[\s<>\x00-\x20]", href):
        href = "<" + re.sub(r"([<>])", r"\\\1", href) + ">"
    elif not _balanced(href):
        href = re.sub(r"([()])", r"\\\1", href)
    if not link.title:
        return href
    title = _ENTITY.sub(r"\\&", re.sub(r'([\\"])', r"\\\1", " ".join(link.title.split())))
    return f'{href} "{title}"'


def _balanced(href: str) -> bool:
    depth = 0
    for char in href:
        depth += (char == "(") - (char == ")")
        if not 0 <= depth <= _MAX_BRACKETS:
            return False
    return depth == 0


def _break(_: Node) -> list[Piece]:
    return [Piece(BREAK)]


def _mention(node: Node) -> list[Piece]:
    name, account_id = attribute(node, "text"), attribute(node, "id")
    if name.strip("@ "):
        return _lines(clean("@" + name.lstrip("@")))
    if re.fullmatch(r"[A-Za-z0-9:_-]{1,128}", account_id):
        return [Piece(account_id, source=f"[~accountid:{account_id}]")]
    return _lines(clean("@" + account_id))


def _status(node: Node) -> list[Piece]:
    return _lines(clean(f"[{attribute(node, 'text')}]"))


def _date(node: Node) -> list[Piece]:
    return _lines(clean(iso_date(attribute(node, "timestamp"))))


def _emoji(node: Node) -> list[Piece]:
    return _lines(clean(attribute(node, "text") or attribute(node, "shortName")))


def card_address(node: Node) -> str:
    """Return the address a card shows, else the name its data gives."""
    data = attributes(node).get("data")
    given: Mapping[str, object] = data if isinstance(data, dict) else {}
    source = attributes(node).get("datasource")
    named = source.get("id") if isinstance(source, dict) else None
    found = (attribute(node, "url"), given.get("url"), given.get("name"), named)
    return next((text for text in found if isinstance(text, str) and text), "")


def _card(node: Node) -> list[Piece]:
    address = clean(card_address(node))
    return _link_pieces(_lines(address), _Link(address, "")) if is_accepted(address) else _lines(address)


def _media(node: Node) -> list[Piece]:
    alt = clean(attribute(node, "alt")).replace("\n", " ")
    address = clean(attribute(node, "url"))
    if is_accepted(address):
        label = escaped(alt, (), backticks=True, brackets=True)
        return [Piece(alt or address, source=f"![{label}]({_target(_Link(address, ''))})")]
    name = alt or clean(attribute(node, "__fileName") or attribute(node, "id"))
    return _lines(f"[attachment: {name}]" if name else "[attachment]")


def _extension(node: Node) -> list[Piece]:
    return _lines(clean(attribute(node, "text") or f"[{attribute(node, 'extensionKey') or 'extension'}]"))


_INLINE: Mapping[str, Callable[[Node], list[Piece]]] = {
    "hardBreak": _break,
    "mention": _mention,
    "status": _status,
    "date": _date,
    "emoji": _emoji,
    "inlineCard": _card,
    "media": _media,
    "mediaInline": _media,
    "inlineExtension": _extension,
    "placeholder": lambda node: _lines(clean(attribute(node, "text"))),
}
