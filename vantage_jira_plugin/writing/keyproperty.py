"""The property that carries an idempotency key in Jira: written with an issue or a comment, read back. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["IDEMPOTENCY_PROPERTY", "carries", "property_of"]

#: Issue or comment property that carries the idempotency key of the write that made it.
IDEMPOTENCY_PROPERTY = "vantage.idempotencyKey"


def property_of(key: str) -> list[dict[str, Any]]:
    """Return `properties` of the body that creates an issue or a comment.

    Source: OpenAPI file, schemas IssueUpdateDetails and Comment, `properties`.
    """
    return [{"key": IDEMPOTENCY_PROPERTY, "value": {"key": key}}]


def carries(thing: Mapping[str, Any], key: str) -> bool:
    """Tell whether an issue or a comment, read with this property, carries the key.

    Shapes: an issue has `{"properties": {name: value}}`, a comment `{"properties": [{"key": name, "value"}]}`.
    """
    properties = thing.get("properties")
    if isinstance(properties, list):
        entries = (entry for entry in properties if isinstance(entry, dict))
        value = next((entry.get("value") for entry in entries if entry.get("key") == IDEMPOTENCY_PROPERTY), None)
    else:
        value = properties.get(IDEMPOTENCY_PROPERTY) if isinstance(properties, dict) else None
    return isinstance(value, dict) and value.get("key") == key
