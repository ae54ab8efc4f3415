"""The characters of a document: which may be sent, which it holds, how many. No markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

Node = Mapping[str, object]

#: Colours and cursor moves that test runners print for terminals; without their escape character the rest
#: would be litter. Source: ECMA-48, section 5.4 (control sequences).
_TERMINAL_SEQUENCE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")

#: What neither XML 1.0 nor Jira's database takes: control characters except tab and line feed.
#: Source: https://www.w3.org/TR/xml/#charsets
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")

#: Control characters that separate words.
_SEPARATING = re.compile("[\x0b\x0c\x85]")

#: Any of these, and the line ends that become others; most texts have none.
_UNCLEAN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

#: Half of a surrogate pair: JSON can carry it, UTF-8 cannot.
_SURROGATE = re.compile("[\ud800-\udfff]")

#: The end of the range that Python's dates cover, in milliseconds since 1970.
_MAX_TIMESTAMP_MILLISECONDS = 253_402_300_799_999

#: Where a node without text of its own keeps what people see, first match first.
_VISIBLE_ATTRIBUTES = ("text", "shortName", "alt", "title", "url")


def clean(text: str) -> str:
    """Drop or replace the characters that Jira refuses; line ends become line feeds."""
    if not _UNCLEAN.search(text):
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _TERMINAL_SEQUENCE.sub("", text)
    text = _SEPARATING.sub(" ", text)
    text = _CONTROL.sub("", text)
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)


def type_of(node: Node) -> str:
    """Return a node's type, empty where it has none."""
    found = node.get("type")
    return found if type(found) is str else ""


def attributes(node: Node) -> Mapping[str, object]:
    """Return a node's attributes, empty where it has none."""
    found = node.get("attrs")
    return found if isinstance(found, Mapping) else {}


def attribute(node: Node, name: str) -> str:
    """Return one attribute as text, empty where it is missing or no scalar."""
    value = attributes(node).get(name)
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def children(node: Node) -> list[Node]:
    """Return the nodes inside a node; whatever is not a node is left out."""
    found = node.get("content")
    if type(found) is not list and not isinstance(found, list | tuple):
        return []
    # JSON has dicts alone, and asking for the type is much faster than for an abstract one.
    return [child for child in found if type(child) is dict or isinstance(child, Mapping)]


def iso_date(timestamp: str) -> str:
    """Return the date of a `date` node, UTC; what is no timestamp is returned as it is.

    Source: `date` holds milliseconds since 1970 as text,
    https://developer.atlassian.com/cloud/jira/platform/apis/document/nodes/date/
    """
    if not re.fullmatch(r"-?[0-9]{1,15}", timestamp) or abs(int(timestamp)) > _MAX_TIMESTAMP_MILLISECONDS:
        return timestamp
    moment = timedelta(milliseconds=int(timestamp))
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    if moment < datetime(1, 1, 1, tzinfo=UTC) - epoch:
        return timestamp
    return (epoch + moment).date().isoformat()


def visible_text(node: Node) -> str:
    """Return what people see of one node, its children left out."""
    text = node.get("text")
    if isinstance(text, str):
        return text
    if type_of(node) == "hardBreak":
        return "\n"
    if type_of(node) == "date":
        return iso_date(attribute(node, "timestamp"))
    return next((found for name in _VISIBLE_ATTRIBUTES if (found := attribute(node, name))), "")


def leaves(document: object) -> Iterator[str]:
    """Yield every visible text of a document in reading order, at any depth of nesting."""
    pending = [document]
    while pending:
        node = pending.pop()
        if type(node) is dict or isinstance(node, Mapping):
            if text := visible_text(node):
                yield text
            pending.extend(reversed(children(node)))
        elif isinstance(node, list | tuple):
            pending.extend(reversed(node))


def text_length(document: object) -> int:
    """Count the characters that Jira holds against its limit of 32,767 for a text field.

    An approximation: how Jira counts is not documented, only that it measures a text form of its own, not the
    JSON. This counts UTF-16 units, as Java does, of the visible text, and one for each block that holds text;
    marks, link targets and table lines are left out. Keep a margin. A plain string counts as it is.
    """
    if isinstance(document, str):
        return len(document.encode("utf-16-le", "surrogatepass")) // 2
    length = 0
    pending = [document]
    while pending:
        node = pending.pop()
        if isinstance(node, Mapping):
            length += len(visible_text(node).encode("utf-16-le", "surrogatepass")) // 2
            inside = children(node)
            length += any(visible_text(child) and "content" not in child for child in inside)
            pending.extend(inside)
        elif isinstance(node, list | tuple):
            pending.extend(node)
    return length
