from __future__ import annotations

import pytest

from vantage_jira_plugin.fields.info import FieldInfo
from vantage_jira_plugin.fields.system import SYSTEM_FIELDS
from vantage_jira_plugin.reading.column_names import ColumnNames
from vantage_jira_plugin.reading.columns import SYSTEM_COLUMN_NAMES, in_format, other_columns, system_columns
from vantage_jira_plugin.reading.companions import companions

_PLAIN = "com.atlassian.jira.plugin.system.customfieldtypes"
_SPRINT = "com.pyxis.greenhopper.jira:gh-sprint"


def _column(schema_type, items=None, custom_type=None):
    field = FieldInfo("customfield_1", "customfield_1", "X", True, True, schema_type, items, custom_type)
    return other_columns(field, ColumnNames("X", tuple(f"X {companion.suffix}" for companion in companions(field))))


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


_BLUE = {"id": 12, "name": "Blue 2", "state": "active"}
_OLD = "com.atlassian.greenhopper.service.sprint.Sprint@1[id=7,rapidViewId=3,state=ACTIVE,name=A, b,goal=<null>]"


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        (("option",), {"id": "101", "value": "High"}, {"X id": "101"}),
        (("array", "option"), [{"id": "1", "value": "A"}, {"value": "B"}], {"X ids": ["1"]}),
        (
            ("option-with-child",),
            {"id": "1", "value": "EU", "child": {"id": "2", "value": "FR"}},
            {"X ids": ["1", "2"]},
        ),
        (("array", "user"), [{"displayName": "Ann", "accountId": "5b"}], {"X ids": ["5b"]}),
        (("array", "version"), [{"id": "5", "name": "1.0"}], {"X ids": ["5"]}),
        (("version",), {"id": "5", "name": "1.0"}, {"X id": "5"}),
        (("group",), {"name": "admins", "groupId": "g-1"}, {"X id": "g-1"}),
        (("array", "group"), [{"name": "admins", "groupId": "g-1"}], {"X ids": ["g-1"]}),
        (("team", None, f"{_PLAIN}:atlassian-team"), {"id": "7-a", "name": "Blue"}, {"X id": "7-a"}),
        (("sd-customerrequesttype",), {"requestType": {"id": "4", "name": "Help"}}, {"X id": "4"}),
        (
            ("array", "json", _SPRINT),
            [{"id": 11, "state": "closed"}, _BLUE],
            {"X ids": ["11", "12"], "X active": "Blue 2"},
        ),
        (("array", "json", _SPRINT), [{"id": 11, "state": "closed"}], {"X ids": ["11"], "X active": None}),
        (("array", "string", _SPRINT), [_OLD], {"X ids": ["7"], "X active": "A, b"}),
        (("array", "string", f"{_PLAIN}:labels"), ["a"], {}),
        (("number",), 3, {}),
    ],
)
def test_what_has_an_id_has_a_column_for_it(schema, value, expected):
    """Options, versions, people, groups, teams and sprints stand beside their ids, and nothing else does."""
    _, *beside = _column(*schema)
    assert {column.name: column.read(value) for column in beside} == expected
    assert {column.name: column.read(None) for column in beside} == {
        column.name: [] if column.type == "list" else None for column in beside
    }


_DOCUMENT = {
    "type": "doc",
    "version": 1,
    "content": [
        {"type": "paragraph", "content": [{"type": "text", "text": "two*stars*", "marks": [{"type": "strong"}]}]}
    ],
}


def test_rich_text_is_markdown_or_plain():
    """Where plain text is asked for, marks and escapes are gone; other columns are read as ever."""
    (description,), (comments, count) = system_columns("description"), system_columns("comment")
    page = {"comments": [{"body": _DOCUMENT}], "total": 1}
    assert description.read(_DOCUMENT) == r"**two\*stars\***"
    assert in_format(description, "plain").read(_DOCUMENT) == "two*stars*"
    assert in_format(comments, "plain").read(page) == ["two*stars*"]
    assert in_format(description, "markdown") is description
    assert in_format(count, "plain") is count


@pytest.mark.parametrize(
    ("field_id", "value", "expected"),
    [
        (
            "status",
            {"name": "In Review", "statusCategory": {"key": "indeterminate", "name": "In Progress"}},
            {
                "status": "In Review",
                "statusCategory": "In Progress",
                "statusId": None,
                "statusCategoryKey": "indeterminate",
            },
        ),
        ("priority", {"id": "2", "name": "High"}, {"priority": "High", "priorityId": "2"}),
        ("issuetype", {"id": "10002", "name": "Bug"}, {"issuetype": "Bug", "issuetypeId": "10002"}),
        ("resolution", {"id": "1", "name": "Done"}, {"resolution": "Done", "resolutionId": "1"}),
        ("statusCategory", {"key": "done", "name": "Done"}, {"statusCategory": "Done"}),
        (
            "assignee",
            {"accountId": "5b", "displayName": "Ann"},
            {"assignee": "Ann", "assigneeAccountId": "5b"},
        ),
        ("reporter", None, {"reporter": None, "reporterAccountId": None}),
        ("creator", {"name": "bob"}, {"creator": "bob", "creatorAccountId": None}),
        (
            "project",
            {"id": "10000", "key": "DEV", "name": "Development"},
            {"project": "Development", "projectKey": "DEV", "projectId": "10000"},
        ),
        (
            "parent",
            {"id": "10001", "key": "DEV-1", "fields": {"summary": "Epic"}},
            {"parent": "DEV-1", "parentSummary": "Epic", "parentId": "10001"},
        ),
        ("subtasks", [{"id": "7", "key": "DEV-2"}], {"subtasks": ["DEV-2"], "subtaskIds": ["7"]}),
        (
            "issuelinks",
            [{"type": {"outward": "blocks"}, "outwardIssue": {"key": "DEV-3"}}],
            {"issuelinks": ["blocks DEV-3"]},
        ),
        (
            "attachment",
            [{"id": "3", "filename": "log.txt", "author": {}}],
            {"attachment": ["log.txt"], "attachmentIds": ["3"]},
        ),
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
        ("security", {"id": "1", "name": "Staff"}, {"security": "Staff", "securityId": "1"}),
        ("security", "10001", {"security": "10001", "securityId": None}),
        (
            "components",
            [{"id": "1", "name": "API"}, {"id": "2", "name": "Web"}],
            {"components": ["API", "Web"], "componentIds": ["1", "2"]},
        ),
        ("fixVersions", [{"id": "5", "name": "1.0"}], {"fixVersions": ["1.0"], "fixVersionIds": ["5"]}),
        ("versions", [], {"versions": [], "versionIds": []}),
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
