from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.asking import NOON, Asking, document, new_asking

_DOCUMENT_EXPECTED = "Operation value must be an Atlassian Document (see the Atlassian Document Format)"


@pytest.fixture
def ask() -> Asking:
    """The seeded site."""
    return new_asking()


def test_an_issue_has_all_of_its_fields(ask: Asking) -> None:
    """Every field is there without being asked for, and times are in the site's zone."""
    fields = ask("GET", "/issue/DEV-3").body["fields"]
    assert fields["status"]["name"] == "Done"
    assert fields["customfield_10010"] == 8.0
    assert [sprint["name"] for sprint in fields["customfield_10020"]] == ["DEV Sprint 1"]
    assert [child["key"] for child in fields["subtasks"]] == ["DEV-10", "DEV-11"]
    assert fields["created"].endswith("+0200")
    assert fields["assignee"]["displayName"] == "Priya Raman"
    assert "parent" not in ask("GET", "/issue/DEV-1").body["fields"]


def test_fields_of_other_projects_are_not_there(ask: Asking) -> None:
    """An issue has the custom fields of its own project only."""
    fields = ask("GET", "/issue/OPS-4").body["fields"]
    assert "customfield_10010" not in fields
    assert [option["value"] for option in fields["customfield_10017"]] == ["Mail", "Storage"]


@pytest.mark.parametrize(
    ("wanted", "there", "missing"),
    [
        ("summary", {"summary"}, {"status", "comment"}),
        ("summary,status", {"summary", "status"}, {"comment"}),
        ("-comment", {"summary", "attachment"}, {"comment"}),
        ("*navigable", {"summary", "status"}, {"comment", "attachment"}),
        ("*all,-summary", {"comment"}, {"summary"}),
        ("*navigable,comment", {"comment", "status"}, {"attachment"}),
        ("nothing-such", set(), {"summary"}),
    ],
)
def test_fields_are_chosen(ask: Asking, wanted: str, there: set[str], missing: set[str]) -> None:
    """`fields` takes names, wildcards and exclusions, and passes over what it does not know."""
    fields = set(ask("GET", "/issue/DEV-3", fields=wanted).body["fields"])
    assert there <= fields
    assert not missing & fields


def test_expansions(ask: Asking) -> None:
    """Names, schemas, changes (newest first) and rendered text come when asked for."""
    plain = ask("GET", "/issue/DEV-6").body
    assert not {"names", "schema", "changelog", "renderedFields"} & set(plain)
    body = ask("GET", "/issue/DEV-6", expand="names,schema,changelog,renderedFields").body
    assert body["names"]["customfield_10010"] == "Story Points"
    assert body["schema"]["customfield_10010"]["type"] == "number"
    assert "parent" not in body["schema"]
    created = [history["created"] for history in body["changelog"]["histories"]]
    assert created == sorted(created, reverse=True)
    assert body["renderedFields"]["description"].startswith("<p>Steps: ")


def test_unknown_parameters_are_passed_over(ask: Asking) -> None:
    """A parameter that Jira does not know changes nothing."""
    assert ask("GET", "/issue/DEV-1", colour="red").status == 200


def test_a_created_issue_is_there_at_once(ask: Asking) -> None:
    """Creating answers id, key and address; reading shows what was sent and what Jira adds."""
    created = ask.create(
        summary="  New ",
        description=document("Hello"),
        labels=["b", "a", "b"],
        priority={"name": "High"},
        customfield_10011={"value": "Minor"},
        customfield_10018={"accountId": ask.person("Jun")},
    )
    assert created["self"].endswith(f"/rest/api/3/issue/{created['id']}")
    fields = ask("GET", f"/issue/{created['key']}").body["fields"]
    assert fields["summary"] == "New"
    assert fields["description"] == document("Hello")
    assert fields["labels"] == ["a", "b"]
    assert fields["priority"]["name"] == "High"
    assert fields["reporter"]["displayName"] == fields["creator"]["displayName"] == "Mara Lindqvist"
    assert fields["status"]["name"] == "To Do"
    assert fields["customfield_10018"]["displayName"] == "Jun Watanabe"


#: Field, value, Jira's text.
_REFUSED: list[tuple[str, Any, str]] = [
    ("summary", None, "You must specify a summary of the issue."),
    ("summary", "  ", "You must specify a summary of the issue."),
    ("summary", "a\nb", "The summary is invalid because it contains newline characters."),
    ("summary", "x" * 256, "Summary can't exceed 255 characters."),
    ("summary", 7, "Operation value must be a string"),
    ("description", "plain text", _DOCUMENT_EXPECTED),
    ("description", {"type": "doc", "version": 1}, _DOCUMENT_EXPECTED),
    ("description", document(""), _DOCUMENT_EXPECTED),
    ("customfield_10014", "plain text", _DOCUMENT_EXPECTED),
    ("labels", ["two words"], "The label 'two words' contains spaces which is invalid."),
    ("labels", "bare", "data was not an array"),
    ("labels", [1], "string expected at index 0"),
    ("priority", {"name": "Extreme"}, "Priority name 'Extreme' is not valid"),
    ("priority", {"id": "99"}, "Priority id '99' is not valid"),
    ("priority", "High", "Specify the Priority (id or name) in string format"),
    ("components", [{"name": "Nope"}], "Component name 'Nope' is not valid"),
    ("fixVersions", [{"id": "9"}], "Version id '9' is not valid"),
    ("duedate", "2026-02-30", "Operation value must be a string in the format 'yyyy-MM-dd'"),
    ("duedate", 5, "Operation value must be a string in the format 'yyyy-MM-dd'"),
    ("assignee", {"accountId": "nobody"}, "User 'nobody' does not exist."),
    ("assignee", "mara", "Operation value must be an object"),
    ("parent", {"key": "DEV-999"}, "Could not find issue by id or key."),
    ("customfield_10010", "3", "Operation value must be a number"),
    ("customfield_10010", True, "Operation value must be a number"),
    ("customfield_10011", {"value": "Mild"}, "Option value 'Mild' is not valid"),
    ("customfield_10011", {"id": "1"}, "Option id '1' is not valid"),
    ("customfield_10011", "Minor", "Could not find valid 'id' or 'value' in the Parent Option object."),
    ("customfield_10012", 5, "Operation value must be a string"),
    ("customfield_10020", [{"id": 2}], "Number value expected as the Sprint id."),
    ("customfield_10020", 99, "Sprint with ID '99' does not exist."),
    ("customfield_10001", "nope", "Team ID 'nope' is not valid."),
    ("nope", 1, "Field 'nope' cannot be set. It is not on the appropriate screen, or unknown."),
    ("status", {"name": "Done"}, "Field 'status' cannot be set. It is not on the appropriate screen, or unknown."),
    (
        "customfield_10017",
        [{"value": "Mail"}],
        "Field 'customfield_10017' cannot be set. It is not on the appropriate screen, or unknown.",
    ),
]


@pytest.mark.parametrize(("name", "value", "text"), _REFUSED)
def test_wrong_values_are_refused_by_field(ask: Asking, name: str, value: Any, text: str) -> None:
    """Each wrong value is refused with Jira's text under its field, and nothing is created."""
    before = len(ask.site.issues)
    assert ask.refused(**{name: value}) == {name: text}
    assert len(ask.site.issues) == before


def test_an_inactive_account_is_not_assignable(ask: Asking) -> None:
    """Issues go to active people only."""
    sam = ask.person("Sam")
    assert ask.refused(assignee={"accountId": sam}) == {"assignee": f"User '{sam}' cannot be assigned issues."}


def test_every_wrong_field_is_told_at_once(ask: Asking) -> None:
    """A create with three faults names three fields."""
    assert set(ask.refused(summary="", description="x", labels=["a b"])) == {"summary", "description", "labels"}


def test_project_and_type_come_first(ask: Asking) -> None:
    """Without a project, a type, or with ones that do not fit, nothing else is looked at."""
    invalid = {"project": "Specify a valid project ID or key"}
    assert ask.refused(project={"key": "NOPE"}, summary="") == invalid
    assert ask.refused(project={"key": "HR"}) == invalid
    assert ask.refused(issuetype=None) == {"issuetype": "Specify an issue type"}
    assert ask.refused(issuetype={"name": "Poem"}) == {"issuetype": "Specify a valid issue type"}
    assert ask.refused(project={"key": "OPS"}, issuetype={"name": "Story"}) == {
        "issuetype": "The issue type selected is invalid."
    }


def test_creating_needs_its_permission(ask: Asking) -> None:
    """Who may browse but not create is told so with 403."""
    ask.site.deny(ask.account_id, "CREATE_ISSUES", "DEV")
    fields = {"project": {"key": "DEV"}, "issuetype": {"name": "Task"}, "summary": "x"}
    assert ask("POST", "/issue", {"fields": fields}).status == 403


def test_hierarchy_is_kept(ask: Asking) -> None:
    """Sub-tasks need a parent of their project, and parents are one level up."""
    sub = {"name": "Sub-task"}
    assert ask.refused(issuetype=sub) == {
        "issuetype": "Issue type is a sub-task but parent issue key or id not specified."
    }
    assert ask.refused(issuetype=sub, parent={"key": "DEV-1"}) == {
        "parentId": "Given parent work item does not belong to appropriate hierarchy."
    }
    assert ask.refused(issuetype=sub, parent={"key": "OPS-3"}) == {
        "project": "Sub-tasks must be created in the same project as the parent."
    }
    created = ask.create(issuetype=sub, parent={"key": "DEV-4"})
    assert ask("GET", f"/issue/{created['key']}").body["fields"]["parent"]["key"] == "DEV-4"


def test_properties_and_updates_come_with_a_create(ask: Asking) -> None:
    """`properties` are stored with the issue, `update` adds to its fields and comments on it."""
    body = {
        "fields": {"project": {"key": "DEV"}, "issuetype": {"name": "Task"}, "summary": "x"},
        "update": {"labels": [{"add": "a"}], "comment": [{"add": {"body": document("Hi")}}]},
        "properties": [{"key": "vantage", "value": {"run": "1"}}],
    }
    key = ask("POST", "/issue", body).body["key"]
    shown = ask("GET", f"/issue/{key}", properties="vantage").body
    assert shown["properties"] == {"vantage": {"run": "1"}}
    assert shown["fields"]["labels"] == ["a"]
    assert shown["fields"]["comment"]["total"] == 1


def test_long_properties_are_refused(ask: Asking) -> None:
    """A property is at most 32,768 characters of JSON under a key of 255."""
    fields = {"project": {"key": "DEV"}, "issuetype": {"name": "Task"}, "summary": "x"}
    for key, value in (("k" * 256, 1), ("k", "x" * 32_768)):
        answer = ask("POST", "/issue", {"fields": fields, "properties": [{"key": key, "value": value}]})
        assert answer.status == 400


@pytest.mark.parametrize("body", [[], "x", {"fields": []}, {"fields": {}, "properties": {}}])
def test_bodies_of_the_wrong_shape_are_refused(ask: Asking, body: Any) -> None:
    """A body that is no issue is refused as a whole, or for its missing project."""
    assert ask("POST", "/issue", body).status == 400


def test_bulk_create_tells_which_failed(ask: Asking) -> None:
    """One good and one bad issue answer 201 with both outcomes by number."""
    good = {"fields": {"project": {"key": "DEV"}, "issuetype": {"name": "Bug"}, "summary": "One"}}
    bad = {"fields": {"project": {"key": "DEV"}, "issuetype": {"name": "Bug"}}}
    answer = ask("POST", "/issue/bulk", {"issueUpdates": [good, bad]})
    assert answer.status == 201
    assert len(answer.body["issues"]) == 1
    assert answer.body["errors"][0]["failedElementNumber"] == 1
    assert set(answer.body["errors"][0]["elementErrors"]["errors"]) == {"summary"}
    assert ask("POST", "/issue/bulk", {"issueUpdates": [bad]}).status == 400
    assert ask("POST", "/issue/bulk", {"issueUpdates": [good] * 51}).status == 400


def _shown_everywhere(ask: Asking, key: str, field: str) -> list[Any]:
    """Return a field as one issue, a search and a bulk fetch show it."""
    one = ask("GET", f"/issue/{key}", fields=field).body
    found = ask("POST", "/search/jql", {"jql": f"key = {key}", "fields": [field]}).body["issues"][0]
    fetched = ask("POST", "/issue/bulkfetch", {"issueIdsOrKeys": [key], "fields": [field]}).body["issues"][0]
    return [issue["fields"][field] for issue in (one, found, fetched)]


def test_an_issue_holds_twenty_worklogs_and_tells_of_all(ask: Asking) -> None:
    """The field shows the first twenty with the true total, wherever the issue comes from."""
    for number in range(23):
        ask.site.add_worklog(ask.site.find_issue("DEV-5"), ask.account_id, started_at=NOON, spent_seconds=60 + number)
    for page in _shown_everywhere(ask, "DEV-5", "worklog"):
        assert (page["startAt"], page["maxResults"], page["total"], len(page["worklogs"])) == (0, 20, 23, 20)
        assert [one["timeSpentSeconds"] for one in page["worklogs"]] == list(range(60, 80))


@pytest.mark.parametrize(("most", "shown"), [(None, 100), (5, 5), (0, 0)])
def test_an_issue_holds_so_many_comments_and_tells_of_all(ask: Asking, most: int | None, shown: int) -> None:
    """The field shows the first hundred, or as many as the site is set to, with the true total."""
    if most is not None:
        ask.site.embedded_comments = most
    for number in range(103):
        ask.site.add_comment(ask.site.find_issue("DEV-5"), ask.account_id, document(str(number)))
    for page in _shown_everywhere(ask, "DEV-5", "comment"):
        assert (page["startAt"], page["maxResults"], page["total"], len(page["comments"])) == (0, shown, 103, shown)
