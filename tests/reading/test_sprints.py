from __future__ import annotations

from hypothesis import given

from tests.reading.recorded import needs_recordings, recorded
from tests.reading.strategies import json_values
from vantage_jira_plugin.fields.names import FieldCatalogue
from vantage_jira_plugin.reading.sprints import SPRINT_COLUMNS, sprint_field_ids, sprint_row, sprints_of

_TYPE = "com.pyxis.greenhopper.jira:gh-sprint"
_OLD = (
    "com.atlassian.greenhopper.service.sprint.Sprint@1[id=7,rapidViewId=3,state=CLOSED,name=A, b=c,"
    "startDate=2016-05-01T09:00:00.000+02:00,endDate=<null>,completeDate=<null>,goal=]"
)


def _field(number, custom_type=None):
    field_id = f"customfield_{number}"
    return {"id": field_id, "name": f"F{number}", "custom": True, "schema": {"type": "array", "custom": custom_type}}


def test_sprint_fields_are_known_by_their_type():
    """Neither the name nor the id says so, which differ by site and language."""
    assert sprint_field_ids(FieldCatalogue.from_json([_field(1), _field(2, _TYPE)])) == ("customfield_2",)
    assert sprint_field_ids(FieldCatalogue.from_json([_field(1)])) == ()


def test_a_sprint_is_a_row():
    """Dates are UTC, and a goal that is empty is none."""
    sprint = {
        "id": 12,
        "name": "Blue 2",
        "state": "active",
        "boardId": 3,
        "goal": "",
        "startDate": "2026-04-28T13:31:13.533Z",
        "endDate": "2026-05-12T13:31:13.533Z",
    }
    assert sprint_row(sprint, 4) == {
        "id": "12",
        "name": "Blue 2",
        "state": "active",
        "boardId": "3",
        "goal": None,
        "startDate": "2026-04-28T13:31:13.533Z",
        "endDate": "2026-05-12T13:31:13.533Z",
        "completeDate": None,
        "issueCount": 4,
    }
    assert list(sprint_row(sprint, 4)) == [column["name"] for column in SPRINT_COLUMNS]


def test_a_sprint_of_an_old_site_is_a_row():
    """The text form tells the same."""
    (sprint,) = sprints_of({"fields": {"customfield_2": [_OLD]}}, ("customfield_2",)).values()
    row = sprint_row(sprint, 1)
    assert (row["id"], row["name"], row["state"], row["boardId"]) == ("7", "A, b=c", "closed", "3")
    assert (row["startDate"], row["endDate"], row["goal"]) == ("2016-05-01T07:00:00.000Z", None, None)


@given(json_values("customfield_2", "state"))
def test_any_value_is_sprints_or_none(value):
    """Whatever stands in the field, what has an id is a row and the rest is nothing."""
    for sprint in sprints_of({"fields": {"customfield_2": value}}, ("customfield_2",)).values():
        assert list(sprint_row(sprint, 1)) == [column["name"] for column in SPRINT_COLUMNS]


@needs_recordings
def test_recorded_sprints_are_found():
    """The sprint of a live board has its state and dates."""
    issue = recorded("cloud-v2/jirametrics-SP-14.json")
    (sprint,) = sprints_of(issue, ("customfield_10020",)).values()
    assert sprint_row(sprint, 1)["name"] == "Scrum Sprint 3"
