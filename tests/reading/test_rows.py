from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reading.recorded import needs_recordings, recorded
from tests.reading.strategies import json_values
from vantage_jira_plugin.fields.names import FieldCatalogue
from vantage_jira_plugin.fields.system import DEFAULT_ISSUE_FIELDS, SYSTEM_FIELDS
from vantage_jira_plugin.reading.rows import browse_url, issue_table

_SITE = "https://example.atlassian.net"
_TYPES = {
    "string": str | None,
    "integer": int | None,
    "number": int | float | None,
    "boolean": bool | None,
    "datetime": str | None,
    "date": str | None,
    "list": list,
}
_STATUS = ["status", "statusCategory", "statusId", "statusCategoryKey"]
_SCHEMAS = [
    ("string", None, None),
    ("any", None, None),
    ("number", None, None),
    ("date", None, None),
    ("datetime", None, None),
    ("boolean", None, None),
    ("user", None, None),
    ("option-with-child", None, None),
    ("sd-servicelevelagreement", None, None),
    ("array", "option", None),
    ("array", "number", None),
    ("array", "json", "com.pyxis.greenhopper.jira:gh-sprint"),
    ("any", None, "com.atlassian.jpo:jpo-custom-field-parent"),
]


def _custom(number, name, schema_type="string", items=None, custom_type=None):
    field_id = f"customfield_{number}"
    schema = {"type": schema_type, "items": items, "custom": custom_type, "customId": number}
    return {
        "id": field_id,
        "key": field_id,
        "name": name,
        "custom": True,
        "navigable": True,
        "schema": schema,
    }


def _assert_flat(table, row):
    assert list(row) == [column["name"] for column in table.columns]
    for column in table.columns:
        cell = row[column["name"]]
        assert isinstance(cell, _TYPES[column["type"]]), (column, cell)
        assert not isinstance(cell, bool) or column["type"] == "boolean"
        if isinstance(cell, list):
            assert all(isinstance(member, str | int | float) for member in cell)
    json.dumps(row, allow_nan=False)


def test_the_default_table_has_fixed_columns():
    """The columns people rely on, in order, without asking the site."""
    table = issue_table(DEFAULT_ISSUE_FIELDS, None)
    assert [(column["name"], column["type"]) for column in table.columns] == [
        ("id", "string"),
        ("key", "string"),
        ("url", "string"),
        ("summary", "string"),
        ("status", "string"),
        ("statusCategory", "string"),
        ("statusId", "string"),
        ("statusCategoryKey", "string"),
        ("assignee", "string"),
        ("assigneeAccountId", "string"),
        ("reporter", "string"),
        ("reporterAccountId", "string"),
        ("priority", "string"),
        ("priorityId", "string"),
        ("issuetype", "string"),
        ("issuetypeId", "string"),
        ("description", "string"),
        ("created", "datetime"),
        ("updated", "datetime"),
        ("project", "string"),
        ("projectKey", "string"),
        ("projectId", "string"),
        ("labels", "list"),
        ("components", "list"),
        ("componentIds", "list"),
    ]
    assert table.request_fields == DEFAULT_ISSUE_FIELDS


def test_titles_are_what_people_see():
    """A title names the field, not its id."""
    catalogue = FieldCatalogue.from_json([_custom(10016, "Story Points", "number")])
    columns = issue_table(["duedate", "Story Points", "status"], catalogue).columns
    assert [column["title"] for column in columns] == [
        "Id",
        "Key",
        "URL",
        "Due date",
        "Story Points",
        "Status",
        "Status Category",
        "Status id",
        "Status Category key",
    ]


def test_columns_do_not_depend_on_the_catalogue_of_another_language():
    """Asking the site or not gives the same table of system fields."""
    catalogue = FieldCatalogue.from_json([{"id": "summary", "name": "Zusammenfassung", "custom": False}])
    assert issue_table(["summary"], catalogue).columns == issue_table(["summary"], None).columns


def test_a_custom_field_is_a_column_of_its_name_wherever_it_stands():
    """Two fields of one name keep their columns whichever of them is asked for, in whatever order."""
    catalogue = FieldCatalogue.from_json([_custom(10002, "Team"), _custom(10001, "Team"), _custom(1, "Status")])
    issue = {"fields": {"customfield_10001": "Blue", "customfield_10002": "Red", "customfield_1": "x"}}
    both = issue_table(["customfield_10002", "customfield_10001", "customfield_1", "status"], catalogue)
    assert list(both.row(issue, None).items())[3:] == [
        ("Team (customfield_10002)", "Red"),
        ("Team", "Blue"),
        ("Status (customfield_1)", "x"),
        ("status", None),
        ("statusCategory", None),
        ("statusId", None),
        ("statusCategoryKey", None),
    ]
    one = issue_table(["customfield_10002"], catalogue)
    assert one.row(issue, None)["Team (customfield_10002)"] == "Red"


@pytest.mark.parametrize("name", ["key", "URL", "_raw", "statusCategory", "assigneeAccountId", "DueDate"])
def test_a_custom_field_hides_no_column_of_the_plugin(name):
    """A custom field may be called like any other column."""
    catalogue = FieldCatalogue.from_json([_custom(7, name)])
    table = issue_table(["customfield_7"], catalogue)
    assert [column["name"] for column in table.columns] == ["id", "key", "url", f"{name} (customfield_7)"]


def test_the_status_category_is_one_column():
    """As a companion and as a field it is the same."""
    category = {"key": "done", "name": "Done"}
    issue = {"fields": {"status": {"name": "Closed", "statusCategory": category}, "statusCategory": category}}
    for wanted in (["status", "statusCategory"], ["statusCategory", "status"]):
        table = issue_table(wanted, None)
        assert sorted(table.row(issue, None)) == ["id", "key", *sorted(_STATUS), "url"]
        assert table.row(issue, None)["statusCategory"] == "Done"


def test_an_empty_issue_has_every_column():
    """Where Jira tells nothing, cells are empty, not missing."""
    table = issue_table(DEFAULT_ISSUE_FIELDS, None)
    row = table.row({}, _SITE)
    _assert_flat(table, row)
    assert [cell for cell in row.values() if cell] == []


def test_the_key_is_also_a_field():
    """Who asks for `issuekey` finds the key under that name, though Jira does not list it in `fields`."""
    row = issue_table(["issuekey"], None).row({"id": "1", "key": "DEV-1"}, None)
    assert row == {"id": "1", "key": "DEV-1", "url": None, "issuekey": "DEV-1"}


def test_an_issue_links_to_its_page():
    """The address is made of the site's, with or without a slash at its end."""
    assert browse_url(f"{_SITE}/", "DEV-1") == f"{_SITE}/browse/DEV-1"
    assert browse_url(None, "DEV-1") is None
    assert browse_url(_SITE, None) is None
    assert browse_url(_SITE, "../x?y") == f"{_SITE}/browse/..%2Fx%3Fy"


_WIDE = FieldCatalogue.from_json(
    [
        *({"id": field_id, "name": field.name, "custom": False} for field_id, field in SYSTEM_FIELDS.items()),
        *(_custom(number, f"Field {number}", *schema) for number, schema in enumerate(_SCHEMAS, start=1)),
        {"id": "newfield", "name": "New", "custom": False, "schema": {"type": "user"}},
    ]
)
_WIDE_TABLE = issue_table(["*all"], _WIDE)
_FIELD_IDS = [field.id for field in _WIDE.all()]


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "id": json_values(),
            "key": json_values(),
            "fields": st.dictionaries(st.sampled_from(_FIELD_IDS), json_values(), max_size=6) | json_values(),
        },
    )
)
def test_any_issue_is_a_flat_row_of_the_declared_columns(issue):
    """Whatever stands in any field, the row has exactly the declared columns and types."""
    _assert_flat(_WIDE_TABLE, _WIDE_TABLE.row(issue, _SITE))


@given(st.sampled_from(_FIELD_IDS), json_values("statusCategory", "comments", "worklogs", "votes", "watchCount"))
def test_any_value_in_any_field_is_flat(field_id, value):
    """Each field alone takes any JSON value."""
    _assert_flat(_WIDE_TABLE, _WIDE_TABLE.row({"fields": {field_id: value}}, None))


@needs_recordings
def test_a_recorded_cloud_issue_reads_as_people_see_it():
    """A live issue of 2026, through the gateway."""
    issue = recorded("cloud-v3-oauth-gateway/nango-get-issue.json")[0]["body"]
    fields = [*DEFAULT_ISSUE_FIELDS, "timespent", "progress", "watches", "worklog", "timetracking"]
    table = issue_table(fields, None)
    row = table.row(issue, "https://nango-team-test.atlassian.net")
    _assert_flat(table, row)
    assert row["url"] == "https://nango-team-test.atlassian.net/browse/KAN-2"
    assert row["status"] == "In Review"
    assert row["statusCategory"] == "In Progress"
    assert row["description"].strip() == "This is a test issue created for testing the delete-comment action"
    assert row["created"] == "2026-04-28T13:31:13.533Z"
    assert (row["project"], row["projectKey"]) == ("My Kanban Project", "KAN")
    assert (row["timespent"], row["progress"], row["watches"], row["worklogCount"]) == (32400, 100, 1, 8)
    assert row["timetracking"] == "1d 1h spent, 0m left"


@needs_recordings
@pytest.mark.parametrize(
    "path",
    [
        "cloud-v3-oauth-gateway/nango-issues.json",
        "cloud-v3/airbyteio-issues.json",
        "cloud-v3/jupiterone-stepsCloud-POST-rest-api-3-search-1.json",
        "server-v2/jupiterone-fetchIssuesPage-POST-rest-api-2-search-1.json",
    ],
)
def test_recorded_pages_are_flat_with_all_fields(path):
    """Every issue of a recorded page is a row, with each field of the site that has one."""
    data = recorded(path)
    bodies = [exchange["body"] for exchange in data] if isinstance(data, list) else [data.get("body", data)]
    issues = [issue for body in bodies for issue in body["issues"]]
    table = issue_table(["*all"], FieldCatalogue.from_json(recorded("cloud-v3/airbyteio-issue_fields.json")))
    assert issues
    for issue in issues:
        _assert_flat(table, table.row(issue, _SITE))


@needs_recordings
def test_recorded_sprints_are_names():
    """A sprint of a live board is a list of its name."""
    catalogue = FieldCatalogue.from_json([_custom(10020, "Sprint", *_SCHEMAS[-2])])
    issue = recorded("cloud-v2/jirametrics-SP-14.json")
    assert issue_table(["sprint"], catalogue).row(issue, None)["Sprint"] == ["Scrum Sprint 3"]


@needs_recordings
def test_every_public_field_is_a_column():
    """All fields of 14 public sites are planned, with one name each, and read anything."""
    for fields in recorded("fields-and-types/publicjira-jira_field_information.json").values():
        table = issue_table(["*all"], FieldCatalogue.from_json(fields))
        names = [column["name"].casefold() for column in table.columns]
        assert len(set(names)) == len(names)
        asked = {field["id"]: {"unexpected": [field["id"]]} for field in fields}
        _assert_flat(table, table.row({"id": "1", "key": "X-1", "fields": asked}, _SITE))


@needs_recordings
def test_public_tracker_issues_are_flat():
    """Issues of a public tracker, of the older version of the API, are rows too."""
    table = issue_table(list(SYSTEM_FIELDS), None)
    issues = recorded("public-tracker/tidev-issues-01.jsonl")
    for issue in issues:
        row = table.row(issue, _SITE)
        _assert_flat(table, row)
        assert row["description"] == (issue["fields"].get("description") or None)
        assert row["issuelinks"] == [] or " " in row["issuelinks"][0]
