"""Times in status and aging work, from changelogs that a Jira answered."""

from __future__ import annotations

import json

import pytest

from tests.actions.flowstories import FLOW, STORIES

_CHANGELOGS = "/rest/api/3/changelog/bulkfetch"
_DAY = 86_400


def test_times_in_status_add_up_to_ages(table, sim, keys):
    """Of each issue; and the one that was reopened was in progress twice, for two days each."""
    rows = table("timeInStatus")["data"]
    ages = {}
    for row in rows:
        ages[row["key"]] = ages.get(row["key"], 0) + row["seconds"] / _DAY
    expected = {keys[summary]: story[0][0] for summary, story in STORIES.items()}
    assert ages == pytest.approx(expected, abs=0.01)
    (twice,) = [row for row in rows if row["summary"] == "six days, reopened" and row["status"] == "In Progress"]
    assert (twice["visits"], twice["hours"], twice["current"]) == (2, 96.0, False)


def test_aging_work(table):
    """Ten days since it was started, four in review, older than all that was finished (2 and 6 days)."""
    output = table("agingWork")
    (row,) = output["data"]
    assert (row["summary"], row["status"], row["risk"]) == ("under way", "In Review", "late")
    assert (row["ageDays"], row["daysInStatus"]) == pytest.approx((10, 4), abs=0.01)
    assert (row["p50CycleTimeDays"], row["p85CycleTimeDays"]) == (4.0, 5.4)
    assert output["metadata"]["warnings"] == []


def test_aging_work_against_other_issues(table):
    """A second query names what is past; where it finds nothing finished, that is told."""
    output = table("agingWork", jql=f"summary ~ way AND {FLOW}", pastJql=FLOW)
    assert [row["risk"] for row in output["data"]] == ["late"]
    output = table("agingWork", jql=f"summary ~ way AND {FLOW}")
    assert [row["risk"] for row in output["data"]] == [None]
    assert "pastJql" in output["metadata"]["warnings"][0]


def test_only_changes_of_the_status_are_asked_for(table, sim, keys):
    """One call for all issues, restricted to the status, by id."""
    table("timeInStatus")
    (entry,) = sim.requests_to(_CHANGELOGS)
    body = json.loads(entry.body)
    assert (body["fieldIds"], len(body["issueIdsOrKeys"])) == (["status"], len(keys))
