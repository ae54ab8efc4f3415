from __future__ import annotations

import pytest

from vantage_jira_plugin.writing.keyproperty import IDEMPOTENCY_PROPERTY, carries, mark_of, property_of


def test_what_is_written_is_recognised():
    """Both shapes in which Jira shows properties carry the key that was sent."""
    (sent,) = property_of("k")
    assert carries({"properties": {sent["key"]: sent["value"]}}, "k")
    assert carries({"properties": [{"key": "other", "value": 1}, sent]}, "k")
    assert mark_of("k") == "the property vantage.idempotencyKey = k"


@pytest.mark.parametrize(
    "thing",
    [
        {},
        {"properties": None},
        {"properties": {}},
        {"properties": {IDEMPOTENCY_PROPERTY: "k"}},
        {"properties": {IDEMPOTENCY_PROPERTY: {"key": "K"}}},
        {"properties": {"other": {"key": "k"}}},
        {"properties": [5, {"value": {"key": "k"}}, {"key": IDEMPOTENCY_PROPERTY}]},
    ],
)
def test_anything_else_is_not(thing):
    """Another key, another property or another shape is not it."""
    assert not carries(thing, "k")
