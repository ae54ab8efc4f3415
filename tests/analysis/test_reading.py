"""What analyses read: whole histories in the query's order, through a Jira that answers."""

from __future__ import annotations

import pytest

from vantage_jira_plugin.simulator import Fault

_SEARCH = "/rest/api/3/search/jql"
_CHANGELOGS = "/rest/api/3/changelog/bulkfetch"
_DEV = "project = DEV ORDER BY key DESC"


def _rows(run, jql=_DEV):
    envelope = run("timeInStatus", jql=jql, timeZone="UTC")
    assert "error" not in envelope, envelope
    return envelope["output1"]["data"]


def test_histories_come_in_the_querys_order(run):
    """Whatever order changelogs come in, tables are in that of the query."""
    numbers = [int(row["key"].rpartition("-")[2]) for row in _rows(run)]
    assert numbers == sorted(numbers, reverse=True)
    assert len(set(numbers)) > 1


@pytest.mark.parametrize(
    "issue",
    [
        {"id": "1", "key": "DEV-1", "fields": {"created": None}},
        {"id": "1", "key": "DEV-1", "fields": {"created": "long ago"}},
        {"id": "1", "key": "DEV-1"},
        {"key": "DEV-1", "fields": {"created": "2026-01-05T09:00:00.000+0000"}},
    ],
    ids=["no creation", "no moment", "no fields", "no id"],
)
def test_an_answer_that_is_not_jiras_is_a_failure(run, sim, issue):
    """An issue without what every issue has is not guessed at."""
    sim.faults.add(Fault("answer", path="/search/jql", status=200, body={"issues": [issue], "isLast": True}))
    error = run("timeInStatus", jql=_DEV, timeZone="UTC")["error"]
    assert error["code"] == "jira_unavailable"
    assert sim.requests_to(_CHANGELOGS) == []


def test_statuses_have_todays_name_and_category(run, sim):
    """A status that the site's list calls otherwise than the changelog is called as in the list."""
    renamed = {"id": "10000", "name": "Renamed", "statusCategory": {"key": "indeterminate"}}
    sim.faults.add(Fault("answer", path="/rest/api/3/status", status=200, body=[renamed, {"name": "no id"}, "odd"]))
    created_in = next(status for status in sim.site.statuses.values() if status.id == "10000")
    moved = [row for row in _rows(run) if row["statusId"] == created_in.id and not row["current"]]
    assert moved
    assert {(row["status"], row["statusCategoryKey"]) for row in moved} == {("Renamed", "indeterminate")}


@pytest.mark.parametrize("action", ["cycleTime", "issueTrends", "agingWork"])
def test_statuses_that_are_not_there_any_more_are_told(run, sim, action):
    """Without its category a status is neither work nor done, so that tables are not what people think."""
    statuses = [status for status in sim.site.statuses.values() if status.id != "10001"]
    body = [{"id": status.id, "name": status.name, "statusCategory": {"key": status.category}} for status in statuses]
    more = {"resolvedBy": "statusCategory"} if action == "issueTrends" else {}
    more |= {"pastJql": _DEV} if action == "agingWork" else {}
    assert run(action, jql=_DEV, timeZone="UTC", **more)["output1"]["metadata"]["warnings"] == []
    sim.faults.add(Fault("answer", path="/rest/api/3/status", status=200, body=body))
    (warning,) = run(action, jql=_DEV, timeZone="UTC", **more)["output1"]["metadata"]["warnings"]
    assert warning.endswith("count neither as work nor as done: In Progress (id 10001)")


def test_statuses_of_no_category_are_told(run, sim):
    """A status that is there, and that Jira has in no category, is neither work nor done either."""
    body = [
        {
            "id": status.id,
            "name": status.name,
            "statusCategory": {"key": "undefined" if status.id == "10001" else "new"},
        }
        for status in sim.site.statuses.values()
    ]
    sim.faults.add(Fault("answer", path="/rest/api/3/status", status=200, body=body))
    (warning,) = run("cycleTime", jql=_DEV, timeZone="UTC")["output1"]["metadata"]["warnings"]
    assert "into no category" in warning
    assert warning.endswith("count neither as work nor as done: In Progress (id 10001)")


def test_a_query_that_finds_nothing_asks_for_no_changelog(run, sim):
    """There is nothing to ask about."""
    assert _rows(run, "project = DEV AND labels = nosuchlabel") == []
    assert sim.requests_to(_CHANGELOGS) == []
