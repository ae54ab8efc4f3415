from __future__ import annotations

import pytest

from vantage_jira_plugin.fields.info import FieldInfo
from vantage_jira_plugin.fields.system import SYSTEM_FIELDS
from vantage_jira_plugin.reading.column_names import ColumnNames
from vantage_jira_plugin.reading.columns import SYSTEM_COLUMN_NAMES, other_columns, system_columns

_PLAIN = "com.atlassian.jira.plugin.system.customfieldtypes"
_SPRINT = "com.pyxis.greenhopper.jira:gh-sprint"


def _column(schema_type, items=None, custom_type=None):
    field = FieldInfo("customfield_1", "customfield_1", "X", True, True, schema_type, items, custom_type)
    return other_columns(field, ColumnNames("X", "X accountId" if schema_type == "user" else None))


@pytest.mark.parametrize(
    ("schema", "column_type", "value", "expected"),
    [
        (("option",), "string", {"value": "High"}, "High"),
        (("array", "option"), "list", [{"value": "A"}, {"value": "B"}], ["A", "B"]),
        (("option-with-child",), "string", {"value": "EU", "child": {"value": "FR"}}, "EU > FR"),
        (("user",), "string", {"displayName": "Ann", "accountId": "5b"}, "Ann"),
        (("array", "user"), "list", [{"displayName": "Ann"}, {"accountId": "5b"}], ["Ann", "5b"]),
        (("group",), "string", {"name": "admins"}, "admins"),
        (("array", "group"), "list", [{"name": "admins"}], ["admins"]),
        (("version",), "string", {"name": "1.0"}, "1.0"),
        (("array", "version"), "list", [{"name": "1.0"}], ["1.0"]),
        (("project",), "string", {"key": "DEV", "name": "Development"}, "Development"),
        (("number", None, f"{_PLAIN}:float"), "number", 3.0, 3.0),
        (("number",), "number", {"value": 3}, None),
        (("date",), "date", "2026-01-31", "2026-01-31"),
        (("datetime",), "datetime", "2026-01-31T10:30:00.000+0100", "2026-01-31T09:30:00.000Z"),
        (("string", None, f"{_PLAIN}:url"), "string", "https://example.com", "https://example.com"),
        (("array", "string", f"{_PLAIN}:labels"), "list", ["a", "b"], ["a", "b"]),
        (("array", "json", _SPRINT), "list", [{"id": 1, "name": "Sprint 1"}], ["Sprint 1"]),
        (("array", "string", _SPRINT), "list", ["x.Sprint@1[id=1,name=Sprint 1,goal=]"], ["Sprint 1"]),
        (("any", None, "com.pyxis.greenhopper.jira:gh-epic-link"), "string", "DEV-9", "DEV-9"),
        (("any", None, "com.atlassian.jpo:jpo-custom-field-parent"), "string", {"showField": False}, None),
        (("team", None, f"{_PLAIN}:atlassian-team"), "string", {"id": "7-a", "name": "Blue"}, "Blue"),
        (("sd-servicelevelagreement",), "string", {"ongoingCycle": {}}, "running"),
        (("sd-customerrequesttype",), "string", {"requestType": {"name": "Help"}}, "Help"),
        (("array", "sd-customerorganization"), "list", [{"id": "1", "name": "Acme"}], ["Acme"]),
        (("sd-feedback",), "integer", {"rating": 4}, 4),
        (("array", "number"), "list", [1, 2.5, "x"], [1, 2.5]),
        (("boolean",), "boolean", False, False),
        (("any",), "string", {"a": [1]}, '{"a":[1]}'),
        ((None,), "string", ["a", "b"], "a, b"),
    ],
)
def test_a_custom_field_is_read_by_its_schema(schema, column_type, value, expected):
    """The type comes from the schema, the cell is what people read."""
    column = _column(*schema)[0]
    assert column.type == column_type
    assert column.read(value) == expected
    assert column.read(None) == ([] if column_type == "list" else None)


def test_a_custom_field_of_one_user_has_its_account_id():
    """A name is for people, an account id for the next step."""
    main, companion = _column("user")
    assert main.column == {"name": "X", "type": "string", "title": "X"}
    assert companion.column == {"name": "X accountId", "type": "string", "title": "X account id"}
    assert companion.read({"displayName": "Ann", "accountId": "5b"}) == "5b"


@pytest.mark.parametrize(
    ("field_id", "value", "expected"),
    [
        (
            "status",
            {"name": "In Review", "statusCategory": {"key": "indeterminate", "name": "In Progress"}},
            {"status": "In Review", "statusCategory": "In Progress"},
        ),
        ("statusCategory", {"key": "done", "name": "Done"}, {"statusCategory": "Done"}),
        (
            "assignee",
            {"accountId": "5b", "displayName": "Ann"},
            {"assignee": "Ann", "assigneeAccountId": "5b"},
        ),
        ("reporter", None, {"reporter": None, "reporterAccountId": None}),
        ("creator", {"name": "bob"}, {"creator": "bob", "creatorAccountId": None}),
        ("project", {"key": "DEV", "name": "Development"}, {"project": "Development", "projectKey": "DEV"}),
        (
            "parent",
            {"key": "DEV-1", "fields": {"summary": "Epic"}},
            {"parent": "DEV-1", "parentSummary": "Epic"},
        ),
        ("subtasks", [{"key": "DEV-2", "fields": {}}], {"subtasks": ["DEV-2"]}),
        (
            "issuelinks",
            [{"type": {"outward": "blocks"}, "outwardIssue": {"key": "DEV-3"}}],
            {"issuelinks": ["blocks DEV-3"]},
        ),
        ("attachment", [{"filename": "log.txt", "author": {}}], {"attachment": ["log.txt"]}),
        ("comment", {"comments": [{"body": "hi"}], "total": 7}, {"comment": ["hi"], "commentCount": 7}),
        (
            "worklog",
            {"worklogs": [{"timeSpent": "5m"}], "total": 1},
            {"worklog": ["5m"], "worklogCount": 1},
        ),
        ("votes", {"votes": 2, "hasVoted": False}, {"votes": 2}),
        ("watches", {"watchCount": 3}, {"watches": 3}),
        ("timespent", 32400.0, {"timespent": 32400}),
        ("workratio", -1, {"workratio": -1}),
        ("progress", {"progress": 1, "total": 4}, {"progress": 25}),
        (
            "timetracking",
            {"originalEstimate": "1d", "originalEstimateSeconds": 28800},
            {
                "timetracking": "1d estimated",
                "originalEstimateSeconds": 28800,
                "remainingEstimateSeconds": None,
                "timeSpentSeconds": None,
            },
        ),
        ("duedate", "2026-01-31", {"duedate": "2026-01-31"}),
        ("security", {"id": "1", "name": "Staff"}, {"security": "Staff"}),
        ("security", "10001", {"security": "10001"}),
        ("components", [{"name": "API"}, {"name": "Web"}], {"components": ["API", "Web"]}),
        ("issuerestriction", {"issuerestrictions": {}, "shouldDisplay": True}, {"issuerestriction": []}),
    ],
)
def test_a_system_field_has_its_columns(field_id, value, expected):
    """Each system field is a column of its id, with few and useful companions."""
    columns = system_columns(field_id)
    assert {column.name: column.read(value) for column in columns} == expected
    assert columns[0].name == field_id


def test_companions_stand_beside_no_field_of_the_same_name():
    """Column names of system fields are unique, but for the status category, which is both."""
    names = [column.name for field_id in SYSTEM_FIELDS for column in system_columns(field_id)]
    assert sorted([*SYSTEM_COLUMN_NAMES, "statusCategory"]) == sorted(names)
