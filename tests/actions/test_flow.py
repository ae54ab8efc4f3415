"""Cycle times and throughput from changelogs that a Jira answered, and what holds for all actions about flow."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.actions.flowstories import FLOW
from vantage_jira_plugin.simulator import Fault

_ACTIONS = ["cycleTime", "timeInStatus", "agingWork", "throughput"]
_DAY = 86_400
_CHANGELOGS = "/rest/api/3/changelog/bulkfetch"


def test_cycle_times(table, keys):
    """Finished issues in the query's order, in days; what went straight to done has no cycle time."""
    rows = table("cycleTime")["data"]
    told = [(row["summary"], row["leadTimeDays"], row["cycleTimeDays"], row["percentile"]) for row in rows]
    assert told == [
        ("two days", 4.0, 2.0, 50.0),
        ("six days, reopened", 11.0, 6.0, 100.0),
        ("straight to done", 10.0, None, None),
    ]
    assert [row["key"] for row in rows] == [keys[summary] for summary, *_ in told]
    assert rows[0]["url"].endswith(f"/browse/{rows[0]['key']}")


def test_statuses_of_the_site_can_be_named(table):
    """Where In Review finishes work, the issue under way is the only one that is finished."""
    rows = table("cycleTime", startStatuses="in progress", endStatuses=["In Review"])["data"]
    assert [(row["summary"], row["cycleTimeDays"]) for row in rows] == [("under way", 6.0)]


@pytest.mark.parametrize("action", ["cycleTime", "agingWork", "throughput"])
def test_a_status_that_is_not_there_is_told_before_issues_are_read(run, sim, action):
    """The input is named, and the nearest status offered."""
    error = run(action, jql=FLOW, endStatuses="Dine, In Review")["error"]
    assert error["code"] == "input_invalid"
    assert error["errors"] == {"endStatuses": ["there is no status 'Dine'; did you mean Done?"]}
    assert sim.requests_to("/rest/api/3/search/jql") == []


@pytest.mark.parametrize("action", ["cycleTime", "agingWork", "throughput"])
def test_an_id_of_no_status_is_told(table, action):
    """It may be that of a deleted status, so that it is not refused; a table without what it names says why."""
    warnings = table(action, endStatuses="98765")["metadata"]["warnings"]
    assert "there is no status with the id 98765, and no issue found was ever in one" in warnings
    assert not any("id" in text.split() for text in table(action, endStatuses="10002")["metadata"]["warnings"])


@pytest.mark.parametrize("action", ["cycleTime", "agingWork", "throughput"])
def test_issues_that_went_past_the_end_are_told(table, keys, sim, action):
    """One that is done, and went there through a status that finishes work, would silently be unfinished."""
    review = next(status.id for status in sim.site.statuses.values() if status.name == "In Review")
    done = next(status.id for status in sim.site.statuses.values() if status.name == "Done")
    issue = sim.site.find_issue(keys["to do"])
    for status in (review, done):
        sim.site.change_issue(issue, {"status": status}, sim.site.default_account_id)
    warnings = table(action, endStatuses="In Review")["metadata"]["warnings"]
    assert any(text.startswith("1 issues went through endStatuses to Done, which is done") for text in warnings)
    warnings = table(action, endStatuses="In Review, Done")["metadata"]["warnings"]
    assert not any("went through" in text for text in warnings)


def test_a_summary_has_percentiles_by_group(table):
    """Of 2 and 6 days the half is 4; the columns are those of summaries."""
    output = table("cycleTime", summary=True, groupBy="project")
    (row,) = output["data"]
    assert (row["group"], row["finished"], row["count"], row["p50CycleTimeDays"]) == ("DEV", 3, 2, 4.0)
    assert [column["name"] for column in output["metadata"]["columns"]] == list(row)


def test_a_grouping_is_for_summaries(run):
    """Without one it means nothing, and is refused."""
    error = run("cycleTime", jql=FLOW, groupBy="month")["error"]
    assert list(error["errors"]) == ["groupBy"]


def test_working_hours_count_in_a_time_zone(table):
    """Two days of all hours are 48; where all of them are holidays, none."""
    (row, *_) = table("cycleTime", workingHours="Mon-Sun 00:00-24:00")["data"]
    assert row["cycleTimeWorkingHours"] == 48.0
    holidays = [f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d}" for moment in _moments(row)]
    (row, *_) = table("cycleTime", holidays=holidays)["data"]
    assert row["cycleTimeWorkingHours"] == 0.0


def _moments(row):
    start = datetime.fromisoformat(row["startedAt"]).timestamp()
    return [start + day * _DAY for day in range(3)]


def test_throughput(table, sim):
    """A row for each day from the first finished issue to today; one that was done twice counts the last time."""
    rows = table("throughput", interval="day", averagedIntervals=2)["data"]
    now = sim.clock()
    days = [f"{datetime.fromtimestamp(now - ago * _DAY, UTC):%Y-%m-%d}" for ago in range(16, -1, -1)]
    assert [row["start"] for row in rows] == days
    assert {row["start"]: row["finished"] for row in rows if row["finished"]} == {days[0]: 1, days[7]: 2}
    assert [row["movingAverage"] for row in rows[6:10]] == [0.0, 1.0, 1.0, 0.0]


def test_throughput_of_given_days(table, sim):
    """Zeros before anything was finished; nothing behind the last day."""
    now = sim.clock()
    first, last = (f"{datetime.fromtimestamp(now - ago * _DAY, UTC):%Y-%m-%d}" for ago in (18, 16))
    rows = table("throughput", interval="day", firstDay=first, lastDay=last)["data"]
    assert [row["finished"] for row in rows] == [0, 0, 1]


@pytest.mark.parametrize("action", _ACTIONS)
def test_a_cut_says_so(table, action):
    """Two of five issues: not complete, for the sake of maxIssues."""
    metadata = table(action, maxIssues=2)["metadata"]
    assert (metadata["complete"], metadata["incompleteReason"]) == (False, "maxIssues")


@pytest.mark.parametrize("action", _ACTIONS)
def test_nothing_found_has_the_same_columns(table, action):
    """An empty query has the columns of a full one, and is whole."""
    full, empty = table(action), table(action, jql="project = DEV AND labels = nosuchlabel")
    assert empty["metadata"]["columns"] == full["metadata"]["columns"]
    assert empty["metadata"]["complete"] is True
    assert [row for row in empty["data"] if row.get("finished") != 0] == []


@pytest.mark.parametrize("action", _ACTIONS)
def test_projects_that_are_not_allowed_stay_out(connect, keys, action):
    """The setting confines the query, and no changelog of another project is asked for."""
    jql = FLOW.replace("project = DEV", "project in (DEV, OPS)")
    envelope = connect(allowedProjects=["OPS"]).execute(action, {"jql": jql, "timeZone": "UTC"}, {}, {})
    assert [row for row in envelope["output1"]["data"] if row.get("finished") != 0] == []


@pytest.mark.parametrize("action", _ACTIONS)
def test_a_changelog_that_cannot_be_read_is_a_failure(run, sim, keys, action):
    """Times without some of the changes would be wrong: there is no table."""
    sim.faults.add(Fault("answer", path=_CHANGELOGS, status=400, body={"errorMessages": ["no"]}))
    assert run(action, jql=FLOW)["error"]["code"] == "jira_invalid"


@pytest.mark.parametrize("action", _ACTIONS)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("timeZone", "Europe/Atlantis"),
        ("timeZone", "America"),
        ("timeZone", "../etc/passwd"),
        ("timeZone", "+02:00"),
        ("workingHours", "9 to 5"),
        ("workingHours", "Mon 22:00-06:00"),
        ("holidays", "2026-02-30"),
        ("interval", "year"),
        ("groupBy", "colour"),
        ("firstDay", "1999-12-31"),
        ("lastDay", "1999-12-31"),
        ("averagedIntervals", 0),
    ],
)
def test_bad_calendars_and_ranges_send_nothing(run, sim, action, name, value):
    """The input is named, in the message too; an input that an action has not is unknown."""
    before = len(sim.requests)
    error = run(action, jql=FLOW, **{name: value})["error"]
    assert error["code"] == "input_invalid"
    assert list(error["errors"]) == [name]
    assert len(sim.requests) == before


@pytest.mark.parametrize("action", _ACTIONS)
def test_the_time_zone_is_the_accounts_where_none_is_given(run, sim, keys, action):
    """It is asked for once; a zone that is not known here is told, and days are those of UTC."""
    account = {"accountId": "a", "timeZone": "Mars/Olympus"}
    sim.faults.add(Fault("answer", path="/rest/api/3/myself", status=200, body=account))
    warnings = run(action, jql=FLOW)["output1"]["metadata"]["warnings"]
    assert any("'Mars/Olympus'" in warning for warning in warnings)
    assert len(sim.requests_to("/rest/api/3/myself")) == 1
