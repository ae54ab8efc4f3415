from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reading.recorded import needs_recordings, recorded
from tests.reading.strategies import json_values
from vantage_jira_plugin.errors import InputError
from vantage_jira_plugin.fields.names import FieldCatalogue
from vantage_jira_plugin.reading.changes import CHANGE_COLUMNS, ChangeFilter, change_rows
from vantage_jira_plugin.reading.span import Span

_SITE = "https://example.atlassian.net"
_CATALOGUE = FieldCatalogue.from_json(
    [
        {"id": "status", "name": "Zustand", "custom": False, "schema": {"type": "status"}},
        {"id": "customfield_10020", "name": "Sprint", "custom": True, "schema": {"type": "array"}},
    ]
)
_EVERY = ChangeFilter()
_HISTORY = {
    "id": "10100",
    "author": {"accountId": "5b", "displayName": "Ann"},
    "created": "2026-04-28T15:31:13.533+0200",
    "items": [
        {"field": "status", "fieldId": "status", "from": "1", "fromString": "Open", "to": "3", "toString": "Done"},
        {"field": "Link", "from": None, "fromString": None, "to": "DEV-2", "toString": "This issue blocks DEV-2"},
        {
            "field": "duedate",
            "fieldId": "duedate",
            "from": None,
            "fromString": None,
            "to": "2026-01-31",
            "toString": "",
        },
    ],
}


def _rows(wanted=_EVERY, history=None):
    return list(change_rows(_HISTORY if history is None else history, "10001", "DEV-1", _SITE, wanted))


def _of(*fields):
    return ChangeFilter.of(fields, _CATALOGUE, Span())


def test_each_changed_field_is_a_row():
    """What people read and what Jira keeps stand side by side."""
    first, link, due = _rows()
    assert first == {
        "id": "10100",
        "issueId": "10001",
        "issueKey": "DEV-1",
        "url": f"{_SITE}/browse/DEV-1",
        "at": "2026-04-28T13:31:13.533Z",
        "author": "Ann",
        "authorAccountId": "5b",
        "field": "status",
        "fieldId": "status",
        "from": "Open",
        "fromId": "1",
        "to": "Done",
        "toId": "3",
    }
    assert list(first) == [column["name"] for column in CHANGE_COLUMNS]
    assert (link["fieldId"], link["from"], link["to"], link["toId"]) == (None, None, "This issue blocks DEV-2", "DEV-2")
    assert (due["to"], due["toId"]) == ("2026-01-31", "2026-01-31")


@pytest.mark.parametrize(
    ("fields", "found", "asked"),
    [
        ((), ["status", "Link", "duedate"], ()),
        (("Zustand",), ["status"], ("status",)),
        (("status", "Sprint"), ["status"], ("status", "customfield_10020")),
        (("link",), ["Link"], ()),
        (("Link", "Due date"), ["Link", "duedate"], ()),
        (("customfield_10020",), [], ("customfield_10020",)),
    ],
)
def test_fields_are_named_by_name_id_or_as_changelogs_do(fields, found, asked):
    """Jira is only asked for fields alone where none of the changes could lack its id."""
    wanted = _of(*fields)
    assert [row["field"] for row in _rows(wanted)] == found
    assert wanted.asked == asked


def test_a_change_without_an_id_is_found_by_its_name():
    """Old changes of custom fields carry the name alone."""
    history = {"items": [{"field": "Sprint", "to": "1", "toString": "Sprint 1"}, {"field": "Rank"}]}
    assert [row["field"] for row in _rows(_of("customfield_10020"), history)] == ["Sprint"]


@pytest.mark.parametrize("field_id", [{}, {"fieldId": "Attachment"}, {"fieldId": "attachment"}])
def test_what_is_no_field_is_found_whatever_its_id(field_id):
    """Attachments come under an id that no list of fields has; a custom field of the name is another thing."""
    custom = {"field": "Attachment", "fieldId": "customfield_10077"}
    history = {"items": [{"field": "Attachment", "to": "10300", "toString": "a.png", **field_id}, custom]}
    assert [row["to"] for row in _rows(_of("attachment"), history)] == ["a.png"]


def test_a_field_that_nobody_knows_is_refused():
    """A misspelt name would give an empty table that looks whole."""
    with pytest.raises(InputError) as caught:
        _of("statsu")
    assert list(caught.value.errors) == ["fields"]


def test_changes_of_another_time_are_left_out():
    """A history has one moment, that of all its changes."""
    at = "2026-04-28T13:31:13.533Z"
    assert len(_rows(ChangeFilter(span=Span(since=at)))) == len(_HISTORY["items"])
    assert _rows(ChangeFilter(span=Span(until=at))) == []


_VALUES = json_values("id", "displayName")
_NAMES = ("field", "fieldId", "fieldtype", "from", "fromString", "to", "toString")
_ITEMS = st.lists(st.dictionaries(st.sampled_from(_NAMES), _VALUES, max_size=4) | _VALUES, max_size=3)


@given(st.fixed_dictionaries({"items": _ITEMS | _VALUES}, optional=dict.fromkeys(("id", "created", "author"), _VALUES)))
def test_any_history_is_rows_of_the_declared_columns(history):
    """Whatever Jira answers, each change is a row, and cells are flat."""
    items = history["items"]
    rows = _rows(_EVERY, history)
    assert len(rows) == (sum(isinstance(item, dict) for item in items) if isinstance(items, list) else 0)
    for row in rows:
        assert list(row) == [column["name"] for column in CHANGE_COLUMNS]
        assert all(cell is None or isinstance(cell, str) for cell in row.values())


@needs_recordings
def test_a_recorded_changelog_is_rows():
    """A live changelog of 2026, through the gateway."""
    histories = recorded("cloud-v3-oauth-gateway/nango-get-issue-changelog.json")[0]["body"]["values"]
    rows = [row for history in histories for row in _rows(_EVERY, history)]
    assert len(rows) == sum(len(history["items"]) for history in histories) > 0
    assert all(row["at"] and row["field"] and row["author"] for row in rows)
