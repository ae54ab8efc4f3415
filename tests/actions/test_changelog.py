"""listChangelog over a simulated site: every change, and only those that are asked for."""

from __future__ import annotations

import json

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
