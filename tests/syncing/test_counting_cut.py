"""Counts of ids that end before their time, or that Jira answers only in part."""

from __future__ import annotations

import pytest

from tests.syncing.following import Follower, as_copied, deleted
from vantage_jira_plugin.client import JiraClient
from vantage_jira_plugin.errors import NetworkError
from vantage_jira_plugin.simulator import Fault
from vantage_jira_plugin.syncing import tally

_DAY = 86_400
_ONLY_OPEN = "project = DEV AND priority != Lowest"


def test_an_incomplete_count_tells_nothing(follow, site, sim):
    """Where the list of ids breaks off, nothing is told as gone, and the table says that it is not whole."""
    follower = follow()
    follower.call()
    site.delete_issue(site.find_issue("DEV-6"))
    page = {"issues": [{"id": "10009", "key": "DEV-1"}], "isLast": False}
    sim.faults.add(Fault("answer", path="/search/jql", after=1, status=200, body=page))
    assert follower.call(census=True) == []
    assert (follower.metadata["complete"], follower.metadata["incompleteReason"]) == (False, "page_token_missing")
    follower.call(census=True)
    assert follower.changes == deleted("DEV-6")


def test_a_count_with_a_warning_of_jiras_tells_nothing(follow, site, sim):
    """Where Jira warns that a list may lack something, nothing is told as gone."""
    follower = follow()
    follower.call()
    page = {"issues": [], "isLast": True, "warnings": [{"type": "X", "message": "some clauses were left out"}]}
    sim.faults.add(Fault("answer", path="/search/jql", after=1, status=200, body=page))
    assert follower.call(census=True) == []
    assert follower.metadata["incompleteReason"] == "jira_warning"
    assert len(follower.copy) == 24


def test_a_count_goes_on_in_later_calls(follow, site, sim, monkeypatch):
    """A count that points cut goes on where it stood, and tells what is gone when it is whole."""
    monkeypatch.setattr(tally, "MAX_PAGE_SIZE", 5)
    follower = follow()
    follower.call()
    site.delete_issue(site.find_issue("DEV-20"))
    poor = follow(settings={"pointsPerHour": 12})
    poor.state, poor.copy = follower.state, follower.copy
    poor.call(census=True)
    assert (poor.rows, poor.metadata["incompleteReason"]) == ([], "points")
    calls = 1
    while not poor.metadata["complete"]:
        sim.clock.advance(3600)
        poor.call(censusEvery="never")
        calls += 1
    assert calls > 2
    assert poor.changes == deleted("DEV-20")


def test_a_count_with_an_expired_token_begins_again(follow, site, sim, monkeypatch):
    """A count that rested for eight days begins anew."""
    monkeypatch.setattr(tally, "MAX_PAGE_SIZE", 5)
    follower = follow()
    follower.call()
    site.delete_issue(site.find_issue("DEV-20"))
    poor = follow(settings={"pointsPerHour": 12})
    poor.state = follower.state
    poor.call(census=True)
    sim.clock.advance(8 * _DAY)
    rich = follow()
    rich.state = poor.state
    rich.call(censusEvery="never")
    assert rich.changes == deleted("DEV-20")


def _unanswered(sim, *issues, times):
    """Let bulk fetches answer that they cannot answer these issues. Source: OpenAPI file, BulkIssueResults."""
    errors = [{"id": str(issue.id), "errorMessage": "The issue could not be fetched."} for issue in issues]
    body = {"issues": [], "issueErrors": errors}
    sim.faults.add(Fault("answer", path="/issue/bulkfetch", times=times, status=200, body=body))


def test_an_issue_that_jira_cannot_answer_is_not_gone(follow, site, sim):
    """What Jira says that it could not answer for the moment is asked for again; else it is not told as deleted."""
    follower = follow(_ONLY_OPEN)
    follower.call()
    issue = site.find_issue("DEV-9")
    site.change_issue(issue, {"priority": "5"}, site.default_account_id)
    _unanswered(sim, issue, times=2)
    assert follower.call(census=True) == []
    assert follower.metadata["incompleteReason"] == "issues_unanswered"
    assert "could not answer 1 issues" in follower.metadata["warnings"][0]
    assert follower.call() == []
    assert follower.metadata["complete"] is True
    assert "call with census to ask again" in follower.metadata["warnings"][0]
    _unanswered(sim, issue, times=1)
    follower.call(census=True)
    assert (follower.changes, follower.metadata["complete"]) == ([("left", "DEV-9")], True)


def test_an_issue_that_came_and_is_not_answered_is_missed_aloud(follow, site, sim):
    """Where Jira cannot answer an issue that came, the table says that it is not whole, and the next count tells it."""
    follower = follow()
    follower.call()
    values = {"issuetype": "10003", "summary": "Hidden till now"}
    issue = site.create_issue(site.project("DEV"), values, site.default_account_id, at=sim.clock() - 6 * 3600)
    _unanswered(sim, issue, times=2)
    assert follower.call(census=True) == []
    assert follower.metadata["incompleteReason"] == "issues_unanswered"
    follower.call(census=True)
    assert follower.changes == [("created", issue.key)]


@pytest.mark.parametrize(
    "second",
    [{"isLast": True}, {"isLast": False}, {"isLast": True, "warnings": [{"type": "X", "message": "cut"}]}],
    ids=["two pages", "no token", "warned"],
)
def test_a_short_page_of_matches_is_not_the_last(follow, sim, second):
    """Whether issues still match is read to the end; where Jira does not let it, none is told as having left."""
    follower = follow()
    follower.call()
    shown = [{"id": issue_id, "key": row["key"]} for issue_id, row in follower.copy.items()]
    counted, first, rest = shown[3:], shown[:1], shown[1:3]
    more = {"isLast": False, "nextPageToken": "further"}
    pages = [(1, {"issues": counted, "isLast": True}), (1, {"issues": first, **more}), (1, {"issues": rest, **second})]
    for after, body in pages:
        sim.faults.add(Fault("answer", path="/search/jql", after=after, status=200, body=body))
    assert follower.call(census=True) == []
    assert sim.faults.pending == []
    assert follower.copy.keys() == {one["id"] for one in shown}


def test_a_count_that_meets_jiras_quota_goes_on_in_the_next_hour(follow, site, sim, edit, monkeypatch):
    """Where the site's points do not last for a count, changes come all the same, and the count keeps what it has."""
    monkeypatch.setattr(tally, "MAX_PAGE_SIZE", 5)
    follower = follow(context={"timeoutSeconds": 30})
    follower.call()
    site.delete_issue(site.find_issue("DEV-20"))
    sim.limits.points_per_hour = 15
    told = []
    for number in range(8):
        sim.clock.advance(3600 - sim.clock() % 3600)
        edit("DEV-5", f"Edit {number}")
        told += [(row["change"], row["key"]) for row in follower.call(census=number == 0, censusEvery="never")]
        if follower.metadata["complete"]:
            break
        assert follower.metadata["incompleteReason"] == "rate_limited"
        assert "jira-quota" in follower.metadata["warnings"][0]
    assert follower.metadata["complete"]
    assert told == [("updated", "DEV-5")] * (number + 1) + deleted("DEV-20")
    assert number > 0


@pytest.mark.parametrize("wait_seconds", [60, _DAY])
def test_what_was_counted_before_is_followed_by_another_count(follow, site, sim, wait_seconds):
    """Where an earlier call had counted all, another count shows what went since, before a table is complete."""
    follower = follow(maxRows=3)
    follower.all()
    for key in ("DEV-20", "DEV-21", "DEV-22", "DEV-23"):
        site.delete_issue(site.find_issue(key))
    follower.call(census=True)
    assert (len(follower.rows), follower.metadata["incompleteReason"]) == (3, "maxRows")
    sim.clock.advance(wait_seconds)
    site.delete_issue(site.find_issue("DEV-24"))
    assert {row["key"] for row in follower.call(census=True)} == {"DEV-23", "DEV-24"}
    assert follower.metadata["complete"] is True


@pytest.mark.parametrize("seconds", [3, 4, 5, 8])
def test_a_count_that_the_callers_time_ends_goes_on(connect, site, sim, edit, monkeypatch, seconds):
    """Each call hands out what it has read, also where its time is over in the midst of a request of the count."""
    call = JiraClient.call

    def slow(jira, *given, **more):
        sim.clock.advance(0.7)
        if jira.budget.remaining_seconds <= 0:
            raise NetworkError("no answer within the time that the caller waits")
        return call(jira, *given, **more)

    monkeypatch.setattr(tally, "MAX_PAGE_SIZE", 4)
    connection = connect()
    connection._monotonic = sim.clock
    follower = Follower(
        lambda action, **given: connection.execute(action, given, {}, {"timeoutSeconds": seconds}),
        censusEvery="always",
    )
    follower.all()
    for number in (4, 5, 6):
        site.delete_issue(site.find_issue(f"DEV-{number}"))
    edit("DEV-20", "Another")
    monkeypatch.setattr(JiraClient, "call", slow)
    told = [(row["change"], row["key"]) for row in follower.all()]
    assert told == [("updated", "DEV-20"), ("deleted", "DEV-4"), ("deleted", "DEV-5"), ("deleted", "DEV-6")]
    assert follower.seen() == as_copied(site, [issue for issue in site.issues.values() if issue.key.startswith("DEV-")])
