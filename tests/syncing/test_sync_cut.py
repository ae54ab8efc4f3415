"""Reads of a sync that end before their time, and go on in another call."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.syncing.following import Follower, dev_copied, searches
from vantage_jira_plugin.client import JiraClient
from vantage_jira_plugin.errors import NetworkError
from vantage_jira_plugin.reading.pull import pull
from vantage_jira_plugin.syncing import sync

_DAY = 86_400


def test_a_whole_read_goes_on_where_it_was_cut(follow, site):
    """A first read in pieces of maxRows has each issue once, says that it is not whole, and ends with all."""
    follower = follow()
    rows = []
    while not follower.metadata.get("complete"):
        rows += follower.call(maxRows=5)
        assert len(follower.rows) <= 5
        assert follower.metadata["complete"] or follower.metadata["incompleteReason"] == "maxRows"
    assert [row["change"] for row in rows] == ["created"] * 24
    assert len({row["id"] for row in rows}) == 24
    assert follower.seen() == dev_copied(site)


def _cut_changes(follow, sim, edit):
    """Return a follower in the middle of the pages of 20 changes, six of which it has."""
    follower = follow(maxRows=6)
    follower.all()
    sim.clock.advance(3600)
    for number in range(1, 21):
        edit(f"DEV-{number}", f"Edit {number}")
        sim.clock.advance(1)
    sim.clock.advance(3600)
    follower.call()
    assert follower.metadata["incompleteReason"] == "maxRows"
    sim.clear_requests()
    return follower


def test_changes_go_on_by_the_token(follow, sim, edit):
    """A read that was cut goes on with Jira's token; each change comes once."""
    follower = _cut_changes(follow, sim, edit)
    told = [row["summary"] for row in follower.all()]
    assert told == [f"Edit {number}" for number in range(7, 21)]
    assert "nextPageToken" in searches(sim)[0]


def test_an_expired_token_loses_nothing(follow, sim, edit):
    """A token that Jira refuses after eight days is replaced by the position, and what was told does not come again."""
    follower = _cut_changes(follow, sim, edit)
    sim.clock.advance(8 * _DAY)
    told = [row["summary"] for row in follower.all(censusEvery="never")]
    assert told == [f"Edit {number}" for number in range(7, 21)]


def test_an_expired_token_of_a_whole_read_loses_nothing(follow, site, sim):
    """A first read that rests for eight days between its pieces has each issue once."""
    follower = follow(maxRows=5, censusEvery="never")
    rows = follower.call()
    while not follower.metadata["complete"]:
        sim.clock.advance(8 * _DAY)
        rows += follower.call()
    assert len({row["id"] for row in rows}) == len(rows) == 24
    assert follower.seen() == dev_copied(site)


@pytest.mark.parametrize("whole", [True, False], ids=["whole", "changes"])
def test_many_issues_of_one_moment_are_got_past(follow, site, sim, whole):
    """More issues of one minute than rows of a call: without any token, each call gets on all the same."""
    at = sim.clock() - 7200
    follower = follow(maxRows=4, censusEvery="never")
    if whole:
        for number in range(30):
            values = {"issuetype": "10003", "summary": f"Imported {number}"}
            site.create_issue(site.project("DEV"), values, site.default_account_id, at=at)
    else:
        follower.all()
        sim.clock.advance(3600)
        for number in range(1, 25):
            site.change_issue(site.find_issue(f"DEV-{number}"), {"summary": "Bulk"}, site.default_account_id)
    calls = 0
    follower.call()
    while not follower.metadata["complete"]:
        sim.clock.advance(8 * _DAY)
        assert follower.call() or follower.metadata["complete"]
        calls += 1
    assert calls < 20
    assert follower.seen() == dev_copied(site)


@pytest.mark.parametrize("whole", [True, False], ids=["whole", "changes"])
def test_a_read_without_any_token_gets_on(follow, site, sim, monkeypatch, whole):
    """Where a cut read has no token at all, each call gets past what is known, however much of it is of one minute."""
    follower = follow(maxRows=4, censusEvery="never")
    if not whole:
        follower.all()
        sim.clock.advance(3600)
    at = sim.clock() - 1
    for number in range(30):
        values = {"issuetype": "10003", "summary": f"Imported {number}"}
        site.create_issue(site.project("DEV"), values, site.default_account_id, at=at)
    monkeypatch.setattr(sync, "pull", lambda *args, **more: replace(pull(*args, **more), next_page_token=None))
    calls = 0
    while not follower.metadata.get("complete") or calls == 0:
        assert len(follower.call()) == 4 or follower.metadata["complete"]
        calls += 1
    assert follower.seen() == dev_copied(site)


def test_edits_between_the_pieces_of_a_read_are_not_lost(follow, sim, edit):
    """An issue that changes while a read is under way comes with its last state, told before or not."""
    follower = _cut_changes(follow, sim, edit)
    edit("DEV-1", "Told, then edited")
    edit("DEV-20", "Edited, then told")
    edit("DEV-24", "Not in the read")
    follower.all()
    summaries = [row["summary"] for row in follower.copy.values()]
    assert {"Told, then edited", "Edited, then told", "Not in the read"} <= set(summaries)


def test_spent_points_cut_a_read_that_goes_on_later(follow, site, sim):
    """Where the points of an hour are spent the table says so, and later calls go on."""
    follower = follow(settings={"pointsPerHour": 20}, maxRows=100)
    follower.call()
    assert follower.metadata["incompleteReason"] == "points"
    assert 0 < len(follower.rows) < 24
    for _ in range(4):
        sim.clock.advance(3600)
        follower.call(censusEvery="never")
    assert follower.seen() == dev_copied(site)


def test_what_was_read_before_jiras_quota_ended_is_kept(follow, site, sim, monkeypatch):
    """A first read of more issues than an hour has points goes on where the quota ended."""
    monkeypatch.setattr(sync, "_STEP_ROWS", 5)
    sim.limits.points_per_hour = 15
    follower = follow(context={"timeoutSeconds": 30}, censusEvery="never")
    rows, hours = [], 0
    while not follower.metadata.get("complete"):
        sim.clock.advance(3600 - sim.clock() % 3600)
        rows += follower.call()
        hours += 1
    assert len({row["id"] for row in rows}) == len(rows) == 24
    assert hours > 1
    assert follower.seen() == dev_copied(site)


def test_a_read_of_nothing_new_that_time_ends_gets_on(connect, site, sim, monkeypatch):
    """What was told and is read again brings no row, and the next call goes on behind it all the same."""
    call = JiraClient.call

    def slow(jira, *given, **more):
        sim.clock.advance(0.7)
        if jira.budget.remaining_seconds <= 0:
            raise NetworkError("no answer within the time that the caller waits")
        return call(jira, *given, **more)

    for number in range(1, 25):
        site.change_issue(site.find_issue(f"DEV-{number}"), {"summary": "Bulk"}, site.default_account_id)
    connection = connect()
    connection._monotonic = sim.clock
    follower = Follower(
        lambda action, **given: connection.execute(action, given, {}, {"timeoutSeconds": 2}), censusEvery="never"
    )
    follower.all()
    monkeypatch.setattr(sync, "_STEP_ROWS", 4)
    monkeypatch.setattr(JiraClient, "call", slow)
    assert follower.call() == []
    assert follower.metadata["incompleteReason"] == "timeout"
    before = len(searches(sim))
    assert follower.call() == []
    assert "nextPageToken" in searches(sim)[before]
