"""createIssue, getIssue and updateIssue: what goes out, what comes back, what Jira refuses."""

from __future__ import annotations

import json

import pytest

_CREATE = {"projectKey": "DEV", "issueType": "Bug", "summary": "It breaks"}
_DEFAULT_COLUMNS = [
    "id", "key", "url", "summary", "status", "statusCategory", "statusId", "statusCategoryKey", "assignee",
    "assigneeAccountId", "reporter", "reporterAccountId", "priority", "priorityId", "issuetype", "issuetypeId",
    "description", "created", "updated", "project", "projectKey", "projectId", "labels", "components", "componentIds",
]  # fmt: skip


def _row(envelope):
    assert "error" not in envelope, envelope
    (row,) = envelope["output1"]["data"]
    return row


def test_a_created_issue_is_what_was_asked_for(run, sim):
    """Every input of createIssue arrives in Jira, the description as a document."""
    somebody = next(iter(run("searchIssues", jql="assignee is not EMPTY AND project = DEV")["output1"]["data"]))
    created = _row(
        run(
            "createIssue",
            **_CREATE,
            description="Failed **again**:\n\n```python\nassert 1 == 2\n```",
            priority="High",
            labels=["automation", "bug"],
            assigneeAccountId=somebody["assigneeAccountId"],
        )
    )
    assert created["url"] == f"{sim.site.url}/browse/{created['key']}"
    sent = json.loads(next(entry.body for entry in sim.requests_to("/rest/api/3/issue") if entry.method == "POST"))
    assert sent["fields"]["description"]["type"] == "doc"
    row = _row(run("getIssue", issueKey=created["key"]))
    assert row["summary"] == "It breaks"
    assert row["description"] == "Failed **again**:\n\n```python\nassert 1 == 2\n```"
    assert (row["priority"], row["labels"], row["issuetype"]) == ("High", ["automation", "bug"], "Bug")
    assert row["assigneeAccountId"] == somebody["assigneeAccountId"]


def test_only_what_was_given_is_sent(run, sim):
    """Optional inputs that are missing, null or empty are not sent at all."""
    _row(run("createIssue", **_CREATE, description="", priority=None, labels=""))
    sent = json.loads(sim.requests_to("/rest/api/3/issue")[-1].body)
    assert set(sent["fields"]) == {"project", "issuetype", "summary"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"issueType": "Nonsense"}, "issuetype"),
        ({"projectKey": "NOPE"}, "project"),
        ({"priority": "Someday"}, "priority"),
        ({"assigneeAccountId": "000000:unknown"}, "assignee"),
    ],
)
def test_jiras_refusals_name_the_field(run, change, field):
    """What Jira refuses answers jira_invalid with its text under the field."""
    error = run("createIssue", **{**_CREATE, **change})["error"]
    assert (error["code"], error["status"]) == ("jira_invalid", 400)
    assert field in error["errors"]


def test_issue_types_and_priorities_by_id(run, sim):
    """Digits mean an id."""
    issue_type = _raw(run)["fields"]["issuetype"]["id"]
    run("createIssue", **{**_CREATE, "issueType": issue_type})
    assert json.loads(sim.requests_to("/rest/api/3/issue")[-1].body)["fields"]["issuetype"] == {"id": issue_type}


def _raw(run):
    return run("getIssue", issueKey="DEV-1", raw=True)["output1"]["data"][0]["_raw"]


def test_the_default_fields_are_the_documented_twelve(run, sim):
    """Without fields, getIssue asks for twelve fields and answers their columns in order."""
    output = run("getIssue", issueKey="DEV-1")["output1"]
    assert [column["name"] for column in output["metadata"]["columns"]] == _DEFAULT_COLUMNS
    asked = sim.requests_to("/rest/api/3/issue")[0].query["fields"][0]
    assert asked == (
        "summary,status,assignee,reporter,priority,issuetype,description,created,updated,project,labels,components"
    )


@pytest.mark.parametrize("fields", ["summary, status", ["summary", "status"], ("summary", "status")])
def test_fields_as_text_or_list(run, fields):
    """Fields may be one text with commas or a list."""
    row = _row(run("getIssue", issueKey="DEV-1", fields=fields))
    assert list(row) == ["id", "key", "url", "summary", "status", "statusCategory", "statusId", "statusCategoryKey"]


def test_a_key_in_small_letters_is_the_same_key(run):
    """dev-1 is DEV-1."""
    assert _row(run("getIssue", issueKey="dev-1"))["key"] == "DEV-1"


def test_all_fields(run):
    """*all reads every field of the site, flat."""
    row = _row(run("getIssue", issueKey="DEV-1", fields="*all"))
    assert {"summary", "Story Points", "duedate"} <= set(row)
    assert not any(isinstance(cell, dict) for cell in row.values())


def test_an_issue_that_is_not_there(run):
    """not_found, in words, with the trace id to give to Atlassian's support."""
    error = run("getIssue", issueKey="DEV-99999")["error"]
    assert (error["code"], error["status"], error["retryable"]) == ("not_found", 404, False)
    assert "permission" in error["message"]
    assert error["traceId"]


def test_an_update_changes_what_was_given(run, sim):
    """Given values change, empty texts change nothing, null clears."""
    before = _row(run("createIssue", **_CREATE, description="old", labels=["a"], priority="High"))
    row = _row(
        run(
            "updateIssue", issueKey=before["key"], summary="", description=None, labels=["b", "c"], duedate="2026-12-31"
        )
    )
    assert (row["key"], row["id"], row["updated"]) == (
        before["key"],
        before["id"],
        ["description", "labels", "duedate"],
    )
    after = _row(run("getIssue", issueKey=before["key"], fields="summary,description,labels,priority,duedate"))
    assert (after["summary"], after["description"], after["labels"]) == ("It breaks", None, ["b", "c"])
    assert (after["priority"], after["duedate"]) == ("High", "2026-12-31")


def test_null_clears_labels_assignee_and_due_date(run, sim):
    """null is how a value is cleared; labels become an empty list."""
    key = _row(run("createIssue", **_CREATE, labels=["a"]))["key"]
    _row(run("updateIssue", issueKey=key, labels=None, assigneeAccountId=None, duedate=None))
    sent = json.loads(sim.requests_to("/rest/api/3/issue")[-1].body)
    assert sent == {"fields": {"labels": [], "assignee": None, "duedate": None}}


@pytest.mark.parametrize("name", ["summary", "issueType"])
def test_what_cannot_be_cleared_is_refused(run, sim, name):
    """An issue always has a summary and a type."""
    error = run("updateIssue", issueKey="DEV-1", **{name: None})["error"]
    assert (error["code"], list(error["errors"])) == ("input_invalid", [name])
    assert sim.requests == []


def test_nothing_to_change_sends_nothing(run, sim):
    """An update without a change answers so, and sends nothing."""
    output = run("updateIssue", issueKey="DEV-1", summary="")["output1"]
    assert output["data"] == [{"id": None, "key": "DEV-1", "url": None, "updated": []}]
    assert output["metadata"]["warnings"]
    assert sim.requests == []


def test_a_project_that_may_not_be_seen(run):
    """Issues of a project that the account may not browse are not found, not empty."""
    assert run("getIssue", issueKey="HR-1")["error"]["code"] == "not_found"
    keys = [row["key"] for row in run("getAccessibleProjects")["output1"]["data"]]
    assert "HR" not in keys


def test_projects_page_by_page(run):
    """maxRows cuts the list of projects, and its token leads on without a gap or a repeat."""
    whole = [row["key"] for row in run("getAccessibleProjects")["output1"]["data"]]
    first = run("getAccessibleProjects", maxRows=1)["output1"]
    assert (first["metadata"]["complete"], first["metadata"]["incompleteReason"]) == (False, "maxRows")
    token = first["metadata"]["nextPageToken"]
    rest = run("getAccessibleProjects", nextPageToken=token)["output1"]
    assert [row["key"] for row in first["data"] + rest["data"]] == whole
    assert rest["metadata"]["complete"] is True


def test_updated_names_inputs(run):
    """What was changed is named as the inputs are."""
    row = _row(run("updateIssue", issueKey="DEV-1", issueType="Bug", assigneeAccountId=None))
    assert row["updated"] == ["issueType", "assigneeAccountId"]


def test_projects_that_are_left_out_cost_no_request_each(connect, sim):
    """With allowedProjects a short list ends with a token, rather than asking for one project at a time."""
    connection = connect(allowedProjects=["OPS"])
    output = connection.execute("getAccessibleProjects", {"maxRows": 1}, {}, {})["output1"]
    assert len(sim.requests_to("/rest/api/3/project/search")) == 1
    assert (output["metadata"]["complete"], output["metadata"]["incompleteReason"]) == (False, "maxRows")
    token = output["metadata"]["nextPageToken"]
    rest = connection.execute("getAccessibleProjects", {"nextPageToken": token}, {}, {})["output1"]
    assert [row["key"] for row in output["data"] + rest["data"]] == ["OPS"]
