"""Comments and worklogs as tables: whole, in order, and honest where they are not; what all tables of parts share."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from vantage_jira_plugin.actions import ACTIONS
from vantage_jira_plugin.simulator import Fault

_DEV = "project = DEV ORDER BY key ASC"


def _document(words):
    marked = {"type": "text", "text": words, "marks": [{"type": "strong"}]}
    return {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [marked]}]}


@pytest.fixture
def issue(sim):
    """An issue of the simulated site with 130 comments, a minute after each other, and 25 worklogs."""
    issue = next(issue for issue in sim.site.issues.values() if issue.key == "DEV-1")
    author = next(iter(sim.site.accounts))
    began_at = sim.clock() - 130 * 60
    for number in range(130 - len(issue.comments)):
        sim.site.add_comment(issue, author, _document(f"comment {number}"), at=began_at + number * 60)
    for number in range(25):
        started_at = began_at - number * 86_400
        sim.site.add_worklog(
            issue, author, started_at=started_at, spent_seconds=3600, comment=_document(f"work {number}")
        )
    return issue


def _output(envelope):
    assert "error" not in envelope, envelope
    return envelope["output1"]


def _iso(at):
    return datetime.fromtimestamp(at, UTC).isoformat()


def test_all_comments_come_though_issues_hold_but_some(run, sim, issue):
    """An issue with more comments than a page is read to its end: each once, in order, under the query's order."""
    output = _output(run("listComments", jql=_DEV))
    rows = output["data"]
    expected = {
        str(comment.id) for each in sim.site.issues.values() if each.key.startswith("DEV-") for comment in each.comments
    }
    assert output["metadata"]["complete"] is True
    assert sorted(row["id"] for row in rows) == sorted(expected)
    of_issue = [row for row in rows if row["issueKey"] == "DEV-1"]
    assert len(of_issue) == 130
    assert [row["created"] for row in of_issue] == sorted(row["created"] for row in of_issue)
    numbers = [int(row["issueKey"].rpartition("-")[2]) for row in rows]
    assert numbers == sorted(numbers)
    assert {row["issueId"] for row in of_issue} == {str(issue.id)}
    assert len(sim.requests_to(f"/rest/api/3/issue/{issue.id}/comment")) == 2


def test_only_new_comments_of_changed_issues_are_read(run, sim, issue):
    """`since` keeps what was written from then on, and asks Jira for issues that were changed since."""
    last = issue.comments[-1]
    rows = _output(run("listComments", jql=_DEV, since=_iso(issue.comments[-3].created_at)))["data"]
    assert [row["id"] for row in rows] == [str(comment.id) for comment in issue.comments[-3:]]
    assert rows[-1]["id"] == str(last.id)
    (sent, *_) = [json.loads(entry.body)["jql"] for entry in sim.requests_to("/rest/api/3/search/jql")]
    assert sent.startswith("(project = DEV) AND updated >= ")


@pytest.mark.parametrize(("text_format", "expected"), [("markdown", "**comment 9**"), ("plain", "comment 9")])
def test_rich_text_is_what_is_asked_for(run, issue, text_format, expected):
    """Comments, worklogs and issues as markdown or as plain text."""
    rows = _output(run("listComments", jql="key = DEV-1", textFormat=text_format))["data"]
    assert expected in [row["body"] for row in rows]
    rows = _output(run("listWorklogs", jql="key = DEV-1", textFormat=text_format))["data"]
    assert expected.replace("comment", "work") in [row["comment"] for row in rows]
    (row,) = _output(run("getIssue", issueKey="DEV-1", fields="comment", textFormat=text_format))["data"]
    assert any(text.startswith(expected[:3]) for text in row["comment"])


def test_all_worklogs_come_and_a_span_has_its_own(run, sim, issue):
    """More than the twenty that an issue holds; `since` belongs to a span of starts, `until` does not."""
    output = _output(run("listWorklogs", jql=_DEV, raw=True))
    assert (output["metadata"]["count"], output["metadata"]["complete"]) == (25, True)
    assert {row["timeSpentSeconds"] for row in output["data"]} == {3600}
    assert output["data"][0]["_raw"]["issueId"] == str(issue.id) == output["data"][0]["issueId"]
    starts = sorted(worklog.started_at for worklog in issue.worklogs)
    span = _output(run("listWorklogs", jql=_DEV, since=_iso(starts[3]), until=_iso(starts[7])))["data"]
    assert sorted(row["started"] for row in span) == sorted(row["started"] for row in output["data"])[3:7]


def test_a_cut_table_says_so(run, issue):
    """`maxRows` cuts, and exactly as many as there are is whole."""
    output = _output(run("listWorklogs", jql=_DEV, maxRows=24))
    assert (output["metadata"]["count"], output["metadata"]["incompleteReason"]) == (24, "maxRows")
    assert _output(run("listWorklogs", jql=_DEV, maxRows=25))["metadata"]["complete"] is True


def test_few_rows_of_many_issues_do_not_cost_them_all(run, sim):
    """Issues are read batch after batch, until there are enough rows, and to the end where there are not."""
    author = next(iter(sim.site.accounts))
    project = next(project for project in sim.site.projects.values() if project.key == "DEV")
    kind = next(each for each in sim.site.issues.values() if each.key == "DEV-1").values["issuetype"]
    for number in range(240):
        issue = sim.site.create_issue(project, {"summary": f"Issue {number}", "issuetype": kind}, author)
        sim.site.add_comment(issue, author, _document("here"))
    sim.clock.advance(60)
    few = _output(run("listComments", jql=_DEV, maxRows=5))
    assert (few["metadata"]["count"], few["metadata"]["incompleteReason"]) == (5, "maxRows")
    assert few["metadata"]["usage"]["points"] < 150
    found = _output(run("listComments", jql=f"{_DEV[:13]} AND summary ~ Issue ORDER BY key ASC", maxRows=240))
    assert (found["metadata"]["count"], found["metadata"]["complete"]) == (240, True)
    assert len({row["id"] for row in found["data"]}) == 240


def test_a_failure_in_the_middle_is_a_failure(run, sim, issue):
    """A list that cannot be read makes no short table."""
    sim.faults.add(Fault("answer", path=f"/issue/{issue.id}/comment", status=400, body={"errorMessages": ["No."]}))
    assert run("listComments", jql=_DEV)["error"]["code"] == "jira_invalid"


def test_an_issue_that_is_gone_meanwhile_is_told(run, sim, issue):
    """It has no comments any more; the table says that something is missing."""
    sim.faults.add(
        Fault("answer", path=f"/issue/{issue.id}/comment", status=404, body={"errorMessages": ["Gone."]}, times=None)
    )
    metadata = _output(run("listComments", jql=_DEV))["metadata"]
    assert (metadata["complete"], metadata["incompleteReason"]) == (False, "issue_not_found")


def test_a_list_that_ends_too_soon_is_told(run, sim, issue):
    """A page without comments, though more are announced, is not the end."""
    page = {"startAt": 0, "maxResults": 100, "total": 130, "comments": []}
    sim.faults.add(Fault("answer", path=f"/issue/{issue.id}/comment", status=200, body=page))
    assert _output(run("listComments", jql=_DEV))["metadata"]["incompleteReason"] == "empty_pages"


def test_other_projects_are_left_out(connect, sim, issue):
    """`allowedProjects` confines every table of parts."""
    connection = connect(allowedProjects=["OPS"])
    for action in ("listComments", "listWorklogs", "listChangelog", "listIssueLinks", "listSprints"):
        output = _output(connection.execute(action, {"jql": "key = DEV-1"}, {}, {}))
        assert (output["data"], output["metadata"]["complete"]) == ([], True), action


@pytest.mark.parametrize("action", ["listComments", "listWorklogs", "listChangelog", "listIssueLinks", "listSprints"])
def test_nothing_found_has_the_same_columns(run, action):
    """An empty table has the columns of a full one."""
    full = _output(run(action, jql=_DEV))["metadata"]
    empty = _output(run(action, jql="project = DEV AND created < 1990-01-01"))
    assert (empty["data"], empty["metadata"]["complete"]) == ([], True)
    assert empty["metadata"]["columns"] == full["columns"]


@pytest.mark.parametrize("action", ["listComments", "listWorklogs", "listChangelog"])
def test_tables_of_parts_begin_alike(action):
    """The part's own id, then its issue by id and key."""
    assert [column["name"] for column in ACTIONS[action].columns][:3] == ["id", "issueId", "issueKey"]
