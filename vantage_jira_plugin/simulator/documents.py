"""Whether a value is a valid Atlassian document (ADF). The rules are tables in `document_rules`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeGuard

from .document_rules import ATTRIBUTES, CHILDREN, CONTENT_OPTIONAL, MARKS, NODE_MARKS, PLACE_MARKS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .document_rules import Attributes

__all__ = ["is_document"]

#: Deepest nesting that is looked at; deeper documents are refused. Chosen here.
_DEEPEST = 200


def is_document(value: Any) -> TypeGuard[dict[str, Any]]:
    """Return whether a value is a complete, valid Atlassian document."""
    return (
        isinstance(value, dict)
        and set(value) == {"type", "version", "content"}
        and value["type"] == "doc"
        and value["version"] == 1
        and not isinstance(value["version"], bool)
        and _content_fits(value, 0)
    )


def _content_fits(node: Mapping[str, Any], depth: int) -> bool:
    kind = node["type"]
    names, fewest, most = CHILDREN[kind]
    content = node.get("content")
    if content is None:
        return "content" not in node and kind in CONTENT_OPTIONAL
    if not isinstance(content, list) or not fewest <= len(content) <= most or depth > _DEEPEST:
        return False
    allowed = names.split()
    if kind == "mediaSingle" and [child.get("type") for child in content if isinstance(child, dict)] not in (
        ["media"],
        ["media", "caption"],
    ):
        return False
    return all(_node_fits(child, kind, allowed, depth + 1) for child in content)


def _node_fits(node: Any, parent: str, allowed: list[str], depth: int) -> bool:
    if not isinstance(node, dict) or node.get("type") not in allowed:
        return False
    kind = node["type"]
    known = {"type", "attrs", "marks"}
    if kind == "text":
        if not isinstance(node.get("text"), str) or not node["text"]:
            return False
        known.add("text")
    if kind in CHILDREN:
        known.add("content")
    if not known >= set(node) and kind != "mediaSingle":
        return False
    return (
        _attributes_fit(node, ATTRIBUTES[kind])
        and _marks_fit(node, PLACE_MARKS.get((parent, kind), NODE_MARKS.get(kind)))
        and (kind not in CHILDREN or _content_fits(node, depth))
    )


def _attributes_fit(node: Mapping[str, Any], alternatives: tuple[Attributes, ...]) -> bool:
    if "attrs" not in node:
        # A nested expand is the one node whose attributes must be there though none is required.
        needed = alternatives and all(any(name.endswith("!") for name in attributes) for attributes in alternatives)
        return node["type"] != "nestedExpand" and (not needed or node["type"] == "mediaSingle")
    attrs = node["attrs"]
    return isinstance(attrs, dict) and any(_attributes_match(attrs, names) for names in alternatives)


def _attributes_match(attrs: Mapping[str, Any], expected: Attributes) -> bool:
    checks = {name.removesuffix("!"): check for name, check in expected.items()}
    required = {name.removesuffix("!") for name in expected if name.endswith("!")}
    return required <= set(attrs) <= set(checks) and all(checks[name](value) for name, value in attrs.items())


def _marks_fit(node: Mapping[str, Any], alternatives: tuple[str, ...] | None) -> bool:
    if "marks" not in node:
        return True
    marks = node["marks"]
    if alternatives is None or not isinstance(marks, list) or not all(map(_mark_fits, marks)):
        return False
    names = {mark["type"] for mark in marks}
    return any(names <= set(alternative.split()) for alternative in alternatives)


def _mark_fits(mark: Any) -> bool:
    if not isinstance(mark, dict) or not isinstance(mark.get("type"), str) or mark["type"] not in MARKS:
        return False
    expected = MARKS[mark["type"]]
    if expected is None:
        return set(mark) == {"type"}
    attrs = mark.get("attrs")
    return set(mark) == {"type", "attrs"} and isinstance(attrs, dict) and _attributes_match(attrs, expected)
