from __future__ import annotations

import pytest

from tests.simulator.asking import Asking, new_asking


@pytest.fixture
def ask() -> Asking:
    """The seeded site."""
    return new_asking()


def test_a_property_is_set_read_and_deleted(ask: Asking) -> None:
    """201 for a new property, 200 for a known one; any JSON is a value."""
    path = "/issue/DEV-1/properties/vantage.run"
    assert ask("PUT", path, {"a": [1, None]}).status == 201
    assert ask("PUT", path, raw=b"null").status == 200
    assert ask("GET", path).body == {"key": "vantage.run", "value": None}
    assert [one["key"] for one in ask("GET", "/issue/DEV-1/properties").body["keys"]] == ["vantage.run"]
    ask("PUT", path, 1)
    assert ask("DELETE", path).status == 204
    assert ask("GET", path).status == ask("DELETE", path).status == 404


def test_wrong_properties_are_refused(ask: Asking) -> None:
    """A value that is no JSON, or too long, is refused, and so is who may not edit."""
    path = "/issue/DEV-1/properties/k"
    assert ask("PUT", path, raw=b"no json").status == 400
    assert ask("PUT", path, raw=b"").status == 400
    assert ask("PUT", path, "x" * 32_768).status == 400
    assert ask("PUT", f"/issue/DEV-1/properties/{'k' * 256}", 1).status == 400
    ask.site.deny(ask.account_id, "EDIT_ISSUES", "DEV")
    assert ask("PUT", path, 1).status == 403
