"""One issue as a synchronisation takes it."""

from __future__ import annotations

import pytest

from vantage_jira_plugin.errors import JiraUnavailableError
from vantage_jira_plugin.fields.names import FieldCatalogue
from vantage_jira_plugin.fields.system import SYSTEM_FIELDS
from vantage_jira_plugin.reading.rows import issue_table
from vantage_jira_plugin.syncing.items import Plan, identity

_SITE = "https://acme.atlassian.net"


def _plan(*fields):
    return Plan(issue_table(fields, FieldCatalogue(tuple(SYSTEM_FIELDS.values()))), _SITE)


@pytest.mark.parametrize(
    ("fields", "sent"),
    [
        (("summary",), ("summary", "created", "updated")),
        (("summary", "updated"), ("summary", "updated", "created")),
        (("key",), ("key", "created", "updated")),
        (("*all",), ("*all",)),
        (("*navigable", "-comment", "-updated"), ("*navigable", "-comment")),
        (("-created",), ("*navigable",)),
    ],
)
def test_times_are_always_asked_for(fields, sent):
    """Whatever the caller wants, Jira tells when an issue was created and changed."""
    assert _plan(*fields).request_fields == sent


def test_an_item_has_the_row_and_the_times():
    """The row says when the issue changed, though that is no column of its own, and has every column."""
    issue = {
        "id": "10001",
        "key": "DEV-1",
        "fields": {
            "summary": "S",
            "created": "1970-01-01T00:00:01.000+0000",
            "updated": "1970-01-01T01:00:02.000+0100",
        },
    }
    plan = _plan("summary", "labels")
    item = plan.item(issue)
    assert (item.id, item.key, item.created_ms, item.updated_ms) == (10001, "DEV-1", 1000, 2000)
    assert list(item.row) == [column["name"] for column in plan.columns]
    assert item.row["changedAt"] == "1970-01-01T00:00:02.000Z"
    assert (item.row["summary"], item.row["labels"], item.row["inQuery"]) == ("S", [], True)


def test_a_row_of_what_is_gone_has_nothing_but_its_identity():
    """Id and key, and an address only where there still is one."""
    plan = _plan("summary", "labels")
    row = plan.gone(1, "DEV-1", change="deleted", changed_at="now", visible=False)
    assert list(row) == [column["name"] for column in plan.columns]
    assert {name: value for name, value in row.items() if value not in (None, [])} == {
        "id": "1",
        "key": "DEV-1",
        "change": "deleted",
        "changedAt": "now",
        "inQuery": False,
    }
    assert plan.gone(1, "DEV-1", change="left", changed_at=None, visible=True)["url"] == f"{_SITE}/browse/DEV-1"


@pytest.mark.parametrize("issue", [{}, {"id": "1"}, {"key": "A-1"}, {"id": "x", "key": "A-1"}, {"id": "1", "key": 7}])
def test_an_issue_without_identity_is_not_jiras(issue):
    """An issue without id or key is no answer of Jira's: it is never passed over."""
    with pytest.raises(JiraUnavailableError):
        identity(issue)
