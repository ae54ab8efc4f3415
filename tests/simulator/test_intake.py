from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.asking import Asking, document, new_asking
from vantage_jira_plugin.simulator.intake import Intake, ValueRefusal


@pytest.fixture
def ask() -> Asking:
    """The seeded site."""
    return new_asking()


def _read(ask: Asking, field_id: str, value: Any) -> Any:
    return Intake(ask.site, ask.site.projects["10001"]).read(ask.site.fields[field_id], value)


@pytest.mark.parametrize(
    ("field_id", "value", "kept"),
    [
        ("customfield_10017", [{"value": "Mail"}, {"id": "10042"}, {"value": "Mail"}], ("10041", "10042")),
        ("customfield_10021", ["b", "a", "b", ""], ("a", "b")),
        ("customfield_10022", "2026-11-24T13:00:00.000+0100", 1_795_521_600.0),
        ("customfield_10022", "", None),
        ("customfield_10023", "https://example.com/runbook", "https://example.com/runbook"),
        ("customfield_10012", "", None),
        ("customfield_10015", "2026-11-24", "2026-11-24"),
        ("customfield_10015", "", None),
        ("customfield_10020", "2", (2,)),
        ("labels", [], ()),
        ("assignee", {"accountId": None}, None),
        ("priority", None, None),
        ("environment", document("x"), document("x")),
    ],
)
def test_values_are_kept_by_kind(ask: Asking, field_id: str, value: Any, kept: Any) -> None:
    """Values of every kind are read into what the site keeps; empty ones clear the field."""
    assert _read(ask, field_id, value) == kept


@pytest.mark.parametrize(
    ("field_id", "value", "text"),
    [
        ("customfield_10017", {"value": "Mail"}, "data was not an array"),
        ("customfield_10022", "yesterday", "Operation value must be a string in the format"),
        ("customfield_10022", 5, "Operation value must be a string in the format"),
        ("customfield_10023", "example.com", "Incorrect url format"),
        ("customfield_10012", "x" * 256, "exceeds the allowed limit of 255 characters"),
        ("customfield_10010", float("inf"), "Operation value must be a number"),
        ("labels", ["x" * 256], "exceeds the maximum length for a single label"),
        ("description", document("x" * 32_768), "exceeds the allowed limit of 32,767 characters"),
        ("parent", "DEV-1", "data was not an object"),
        ("issuetype", "Bug", "Specify a valid issue type"),
    ],
)
def test_wrong_values_are_refused(ask: Asking, field_id: str, value: Any, text: str) -> None:
    """Values of the wrong shape or length are refused with Jira's text."""
    with pytest.raises(ValueRefusal) as caught:
        _read(ask, field_id, value)
    assert text in str(caught.value)


def test_minus_one_assigns_to_the_default(ask: Asking) -> None:
    """The account id -1 stands for the project's default assignee, here its lead."""
    assert _read(ask, "assignee", {"accountId": "-1"}) == ask.person("Tomas")


def test_every_kind_is_read_shown_and_logged(ask: Asking) -> None:
    """A value of each kind comes back as Jira shows it, and its change is told in words."""
    created = ask.create(project={"key": "OPS"})
    sent = {
        "customfield_10001": ask("GET", "/issue/DEV-1").body["fields"]["customfield_10001"]["id"],
        "customfield_10015": "2026-12-01",
        "customfield_10017": [{"value": "Mail"}, {"value": "Storage"}],
        "customfield_10021": ["one", "two"],
        "customfield_10022": "2026-11-24T12:00:00.000+0000",
        "customfield_10023": "https://example.com",
        "components": [{"name": "Network"}],
        "issuetype": {"name": "Bug"},
        "environment": document("Rack 4", "Row 2"),
    }
    assert ask("PUT", f"/issue/{created['key']}", {"fields": sent}).status == 204
    shown = ask("GET", f"/issue/{created['key']}").body["fields"]
    assert shown["customfield_10001"]["name"] == "Instruments"
    assert shown["customfield_10022"] == "2026-11-24T13:00:00.000+0100"
    assert [option["value"] for option in shown["customfield_10017"]] == ["Mail", "Storage"]
    assert shown["environment"] == document("Rack 4", "Row 2")
    items = ask("GET", f"/issue/{created['key']}/changelog").body["values"][0]["items"]
    assert {item["field"]: item["toString"] for item in items} == {
        "Team": "Instruments",
        "Start date": "2026-12-01 00:00:00.0",
        "Affected systems": "Mail,Storage",
        "Tags": "one two",
        "Outage began": "2026-11-24T13:00:00.000+0100",
        "Runbook": "https://example.com",
        "components": "Network",
        "issuetype": "Bug",
        "environment": "Rack 4\nRow 2",
    }
    assert ask.keys("Tags = one and Runbook ~ example") == [created["key"]]
    assert ask.keys("Tags = one and Runbook = 'https://example.com'") == [created["key"]]


def test_sets_take_and_give_members(ask: Asking) -> None:
    """`add` and `remove` change sets member by member, wrong members and operations are refused."""
    key = ask.create(project={"key": "OPS"}, components=[{"name": "Network"}])["key"]
    update: dict[str, Any] = {
        "components": [{"add": {"name": "Databases"}}, {"remove": {"name": "Network"}}],
        "customfield_10017": [{"set": [{"value": "Mail"}]}, {"add": {"value": "Billing"}}],
        "summary": [{"set": "Set"}],
    }
    assert ask("PUT", f"/issue/{key}", {"update": update}).status == 204
    fields = ask("GET", f"/issue/{key}").body["fields"]
    assert [component["name"] for component in fields["components"]] == ["Databases"]
    assert {option["value"] for option in fields["customfield_10017"]} == {"Mail", "Billing"}
    wrong = {"components": [{"add": {"name": "Nope"}}], "nope": [{"set": 1}]}
    assert set(ask("PUT", f"/issue/{key}", {"update": wrong}).body["errors"]) == {"components", "nope"}
    for update in ({"labels": "a"}, {"labels": ["a"]}, {"labels": [{"add": "a", "remove": "b"}]}):
        assert ask("PUT", f"/issue/{key}", {"update": update}).status == 400
