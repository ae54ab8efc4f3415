"""listChangelog over a simulated site: every change, and only those that are asked for."""

from __future__ import annotations

import json

import pytest

from vantage_jira_plugin.client import JiraClient
from vantage_jira_plugin.operations import FETCH_CHANGELOGS
from vantage_jira_plugin.reading import changelogs
from vantage_jira_plugin.simulator import Fault

_DEV = "project = DEV ORDER BY key ASC"


def _output(envelope):
    assert "error" not in envelope, envelope
    return envelope["output1"]


def test_every_changed_field_is_a_row(run, sim):
    """The changes of all issues, in the query's order, the oldest first."""
    rows = _output(run("listChangelog", jql=_DEV))["data"]
    issues = [issue for issue in sim.site.issues.values() if issue.key.startswith("DEV-")]
    assert len(rows) == sum(len(change.items) for issue in issues for change in issue.changes) > 0
    numbers = [int(row["issueKey"].rpartition("-")[2]) for row in rows]
    assert numbers == sorted(numbers)
    for issue in issues:
        moments = [row["at"] for row in rows if row["issueId"] == str(issue.id)]
        assert moments == sorted(moments)


def test_changes_of_some_fields_are_asked_for_alone(run, sim):
    """Fields by name travel as ids; what changelogs know under no id is looked for in all changes."""
    rows = _output(run("listChangelog", jql=_DEV, fields="Status"))["data"]
    assert {row["field"] for row in rows} == {"status"}
    assert json.loads(sim.requests_to("/rest/api/3/changelog/bulkfetch")[-1].body)["fieldIds"] == ["status"]
    rows = _output(run("listChangelog", jql=_DEV, fields=["Link", "status"]))["data"]
    assert {row["field"] for row in rows} >= {"status"}
    assert "fieldIds" not in json.loads(sim.requests_to("/rest/api/3/changelog/bulkfetch")[-1].body)


def test_changes_of_the_parent_are_found_under_the_fields_name(run, sim):
    """Changelogs call them otherwise, and give no id of the field."""
    child, parent = [issue for issue in sim.site.issues.values() if issue.key.startswith("DEV-")][:2]
    sim.site.change_issue(child, {"parent": parent.id}, next(iter(sim.site.accounts)))
    rows = _output(run("listChangelog", jql=_DEV, fields="parent"))["data"]
    assert [(row["issueKey"], row["field"], row["toId"]) for row in rows] == [
        (child.key, "IssueParentAssociation", str(parent.id))
    ]


def test_a_field_that_nobody_knows_sends_no_search(run, sim):
    """It is refused by its name, with what is near."""
    error = run("listChangelog", jql=_DEV, fields="Statsu")["error"]
    assert (error["code"], list(error["errors"])) == ("input_invalid", ["fields"])
    assert sim.requests_to("/rest/api/3/search") == []


def test_changes_have_a_span(run):
    """`since` belongs to it, `until` does not."""
    rows = _output(run("listChangelog", jql=_DEV))["data"]
    moments = sorted(row["at"] for row in rows)
    first, last = moments[len(moments) // 3], moments[2 * len(moments) // 3]
    span = _output(run("listChangelog", jql=_DEV, since=first, until=last))["data"]
    assert sorted(row["at"] for row in span) == [moment for moment in moments if first <= moment < last]


@pytest.fixture
def vanishing(monkeypatch, sim):
    """Return a function that lets something happen before the changelogs of issues are read, page by page.

    It takes what is to happen and before which of the requests.
    """

    def prepare(happen, *, before=1):
        call, asked = JiraClient.call, []

        def watched(jira, operation, *args, **given):
            if operation is FETCH_CHANGELOGS:
                asked.append(operation)
                if len(asked) == before:
                    happen()
            return call(jira, operation, *args, **given)

        monkeypatch.setattr(JiraClient, "call", watched)

    return prepare


def _changed(sim, count, *fields):
    """Return issues that were edited, so that they were updated after they were created."""
    issues = [issue for issue in sim.site.issues.values() if issue.key.startswith("DEV-")][:count]
    for issue in issues:
        sim.site.change_issue(issue, dict.fromkeys(fields or ("summary",), "edited"), sim.site.default_account_id)
    return issues


@pytest.mark.parametrize("fields", [{}, {"fields": "status"}, {"fields": "Link"}], ids=["all", "one", "special"])
def test_an_issue_that_went_is_missed_aloud(run, sim, vanishing, fields):
    """Jira's changelogs say nothing of what was deleted since it was found: the table says that it is not whole."""
    issue = _changed(sim, 1)[0]
    vanishing(lambda: sim.site.delete_issue(issue))
    output = _output(run("listChangelog", jql=_DEV, **fields))
    metadata = output["metadata"]
    assert (metadata["complete"], metadata["incompleteReason"]) == (False, "issue_not_found")
    assert metadata["warnings"] == [
        "1 of the issues found were deleted or hidden before all of their changes were read"
    ]
    assert issue.key not in {row["issueKey"] for row in output["data"]}


def test_issues_that_were_hidden_are_missed_aloud(run, sim, vanishing):
    """A project that the account may not see any more has no changes, and no table says that nothing happened in it."""
    _changed(sim, 3)
    vanishing(lambda: sim.site.deny(sim.site.default_account_id, "BROWSE_PROJECTS", "DEV"))
    metadata = _output(run("listChangelog", jql=_DEV))["metadata"]
    assert (metadata["count"], metadata["incompleteReason"]) == (0, "issue_not_found")


def test_an_issue_that_went_between_pages_is_missed_aloud(run, sim, vanishing, monkeypatch):
    """Its first changes were on a page that was read, the others are not to be had any more."""
    monkeypatch.setattr(changelogs, "_PAGE_SIZE", 2)
    issue = _changed(sim, 1)[0]
    for summary in ("again", "and again"):
        sim.clock.advance(60)
        sim.site.change_issue(issue, {"summary": summary}, sim.site.default_account_id)
    jql = f"key = {issue.key}"
    whole = _output(run("listChangelog", jql=jql))
    assert whole["metadata"]["complete"] is True
    vanishing(lambda: sim.site.delete_issue(issue), before=2)
    output = _output(run("listChangelog", jql=jql))
    assert output["data"] == whole["data"][: len(output["data"])]
    assert 0 < len(output["data"]) < len(whole["data"])
    assert output["metadata"]["incompleteReason"] == "issue_not_found"


def test_issues_without_wanted_changes_are_no_doubt(run, sim):
    """Those that nobody touched are not asked for, nor are those that have other changes."""
    _changed(sim, 3)
    metadata = _output(run("listChangelog", jql=_DEV, fields="status"))["metadata"]
    assert (metadata["complete"], metadata["warnings"]) == (True, [])
    assert sim.requests_to("/rest/api/3/issue/bulkfetch") == []


def test_what_jira_cannot_answer_is_doubted(run, sim):
    """An issue without changes that was updated, and that Jira says that it could not answer, may be gone."""
    issue = next(issue for issue in sim.site.issues.values() if issue.key.startswith("DEV-") and not issue.changes)
    issue.values["updated"] = sim.clock()
    body = {"issues": [], "issueErrors": [{"id": str(issue.id), "errorMessage": "not now"}]}
    sim.faults.add(Fault("answer", path="/issue/bulkfetch", times=2, status=200, body=body))
    metadata = _output(run("listChangelog", jql=_DEV))["metadata"]
    assert metadata["incompleteReason"] == "issues_unanswered"
    assert "whether 1 issues are still there could not be read" in metadata["warnings"][0]
