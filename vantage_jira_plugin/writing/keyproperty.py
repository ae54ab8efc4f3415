"""The property that carries an idempotency key in Jira: written with an issue, a comment or a worklog. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["IDEMPOTENCY_PROPERTY", "carries", "mark_of", "property_of"]

#: Property that carries the idempotency key of the write that made an issue, a comment or a worklog.
IDEMPOTENCY_PROPERTY = "vantage.idempotencyKey"


def property_of(key: str) -> list[dict[str, Any]]:
    """Return `properties` of the body that creates an issue, a comment or a worklog.

    Source: OpenAPI file, schemas IssueUpdateDetails, Comment and Worklog, `properties`.
    """
    return [{"key": IDEMPOTENCY_PROPERTY, "value": {"key": key}}]


def mark_of(key: str) -> str:
    """Return for people what something carries that was made under a key."""
    return f"the property {IDEMPOTENCY_PROPERTY} = {key}"


def carries(thing: Mapping[str, Any], key: str) -> bool:
    """Tell whether something that was read with this property carries the key.

    Shapes: `{"properties": {name: value}}` of an issue, `{"properties": [{"key": name, "value"}]}` of anything else.
    """
    properties = thing.get("properties")
    if isinstance(properties, list):
        entries = (entry for entry in properties if isinstance(entry, dict))
        value = next((entry.get("value") for entry in entries if entry.get("key") == IDEMPOTENCY_PROPERTY), None)
    else:
        value = properties.get(IDEMPOTENCY_PROPERTY) if isinstance(properties, dict) else None
    return isinstance(value, dict) and value.get("key") == key
