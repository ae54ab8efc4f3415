"""The markdown of paragraphs in which nothing needs a backslash, as most are. `spans.py` writes any paragraph.

Both write the same; this one is there for tables of many issues, and leaves whatever is not plain to the other.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vantage_jira_plugin.adf.escaping import code_source, is_punctuation, is_space
from vantage_jira_plugin.adf.links import is_plain_address
from vantage_jira_plugin.adf.text import attributes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vantage_jira_plugin.adf.text import Node

__all__ = ["simple_source"]

#: Text that markdown takes as it is, wherever it stands in a line: nothing opens or closes a mark, code, a link, an
#: entity or an address, and nothing has to be cleaned.
_PLAIN = re.compile("[^\x00-\x1f\x7f-\x9f\\\\`*_~\\[\\]<>&\ud800-\udfff\ufffe\uffff]+")
#: Code that has nothing to be cleaned and no backtick.
_CODE = re.compile("[^\x00-\x1f\x7f-\x9f`\ud800-\udfff\ufffe\uffff]+")
_DELIMITERS = {"strong": "**", "em": "_", "strike": "~~"}
#: How neighbours see what is written as code or as a link: as punctuation.
_ATOM = "]"
_BREAK = "\n"


def simple_source(nodes: Sequence[Node]) -> str | None:
    """Return a paragraph's nodes as markdown, a line end for each break; None where they are not simple."""
    parts: list[str] = []
    before = ""
    last = len(nodes) - 1
    kind = ""
    for at, node in enumerate(nodes):
        text, former = node.get("text"), kind
        if node.get("type") == "hardBreak":
            if before in {"", _BREAK}:
                return None
            parts.append(_BREAK)
            before, kind = _BREAK, ""
            continue
        if node.get("type") != "text" or type(text) is not str:
            return None
        marks = node.get("marks")
        if not marks:
            if not _PLAIN.fullmatch(text):
                return None
            parts.append(text)
            before, kind = text[-1], ""
            continue
        kind = _only_mark(marks)
        if not kind or former:
            return None  # marks that touch or overlap each other
        source = _marked(text, kind, marks, before, "" if at == last else _first(nodes[at + 1]))
        if source is None:
            return None
        parts.append(source)
        before = text[-1] if kind in _DELIMITERS else _ATOM
    return "".join(parts)


def _only_mark(marks: object) -> str:
    """Return the type of the one mark of a node; empty where there are several, or it is none that is known here."""
    mark = marks[0] if isinstance(marks, list) and len(marks) == 1 else None
    kind = mark.get("type") if isinstance(mark, dict) else None
    return kind if isinstance(kind, str) and (kind in _DELIMITERS or kind in {"code", "link"}) else ""


def _first(node: Node) -> str:
    """Return how a node begins, as the one before it sees it."""
    if node.get("type") == "hardBreak":
        return _BREAK
    text = node.get("text")
    if type(text) is not str or not text:
        return ""
    return text[0] if _only_mark(node.get("marks")) not in {"code", "link"} else _ATOM


def _marked(text: str, kind: str, marks: object, before: str, after: str) -> str | None:
    """Return marked text as markdown, where its neighbours let it be."""
    if kind == "code":
        return code_source(text) if _CODE.fullmatch(text) and "]:" not in text else None
    if not _PLAIN.fullmatch(text):
        return None
    if kind == "link":
        return None if before == "!" else _linked(text, marks)
    if not (_holds(text[0], before) and _holds(text[-1], after)):
        return None
    delimiter = _DELIMITERS[kind]
    if kind == "em" and not all(is_space(char) or is_punctuation(char) for char in (before, after)):
        delimiter = "*"  # inside a word an underscore is a letter
    return f"{delimiter}{text}{delimiter}"


def _holds(edge: str, outside: str) -> bool:
    """Tell whether a delimiter between these two characters is read as one.

    Source: https://spec.commonmark.org/0.31.2/#left-flanking-delimiter-run
    """
    if edge.isalnum():
        return True
    return not is_space(edge) and (not is_punctuation(edge) or is_space(outside) or is_punctuation(outside))


def _linked(text: str, marks: object) -> str | None:
    mark = marks[0] if isinstance(marks, list) else None
    given = attributes(mark) if isinstance(mark, dict) else {}
    href = given.get("href")
    if not isinstance(href, str) or given.get("title") or not is_plain_address(href) or "&#" in href:
        return None
    if not text.strip():
        return None
    return f"<{text}>" if text == href else f"[{text}]({href})"
