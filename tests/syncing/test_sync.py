"""Calls of a synchronisation against the simulator: times, changes, states, and what a caller is told."""

from __future__ import annotations

import re
import threading
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.memoryhost import settings_for
from tests.syncing.following import Follower, dev_copied, searches
from vantage_jira_plugin.connection import Connection
from vantage_jira_plugin.settings import load_settings
from vantage_jira_plugin.simulator import Fault
from vantage_jira_plugin.simulator.histories import many_issues
from vantage_jira_plugin.simulator.people import Account
from vantage_jira_plugin.simulator.timestamps import jira_datetime
from vantage_jira_plugin.syncing import sync

_SEARCH = "/rest/api/3/search/jql"


def test_the_first_call_reads_all_and_the_next_nothing(follow, site, sim):
    """A first call tells every issue as created; one right after it costs one request and tells nothing."""
    follower = follow()
    follower.call()
    assert {change for change, _ in follower.changes} == {"created"}
    assert follower.metadata["complete"] is True
    assert follower.seen() == dev_copied(site)
    sim.clear_requests()
    assert follower.call() == []
    assert (follower.metadata["complete"], len(sim.requests_to(_SEARCH))) == (True, 1)


def test_a_change_and_a_new_issue_come_once(follow, site, edit):
    """An edit is `updated`, a new issue `created`; neither comes again, though the window reads them again."""
    follower = follow()
    follower.call()
    edit("DEV-5", "Edited")
    site.create_issue(site.project("DEV"), {"issuetype": "10003", "summary": "New"}, site.default_account_id)
    assert follower.call() == [follower.copy["10013"], follower.rows[1]]
    assert follower.changes == [("updated", "DEV-5"), ("created", "DEV-25")]
    assert follower.rows[0]["changedAt"] == follower.rows[0]["updated"]
    assert follower.call() == []


def test_two_changes_within_a_minute_both_come(follow, edit):
    """A bound is a whole minute; what was told of it is remembered with its time, so that the second edit is new."""
    follower = follow()
    follower.call()
    edit("DEV-5", "First")
    assert [row["summary"] for row in follower.call()] == ["First"]
    edit("DEV-5", "Second")
    edit("DEV-6", "Other")
    assert [row["summary"] for row in follower.call()] == ["Second", "Other"]
    assert follower.call() == []


def _next_jump(zone, at):
    """Return the next moment when the clocks of a zone change, epoch seconds to the minute."""

    def offset(when):
        return datetime.fromtimestamp(when, zone).utcoffset()

    low = at
    while offset(low + 3600) == offset(low):
        low += 3600
    while offset(low + 60) == offset(low):
        low += 60
    return low + 60


@pytest.mark.parametrize("jumps", [1, 2], ids=["one way", "the other way"])
def test_no_change_is_lost_when_clocks_change(follow, site, sim, edit, jumps):
    """With an account in Newfoundland, each edit in the hours around daylight saving comes in the next call, once."""
    zone = ZoneInfo("America/St_Johns")
    account = site.accounts[site.default_account_id]
    site.accounts[account.account_id] = Account(account.account_id, account.display_name, time_zone=zone.key)
    moment = sim.clock()
    for _ in range(jumps):
        moment = _next_jump(zone, moment + 1)
    assert datetime.fromtimestamp(moment, zone).utcoffset() != (datetime.fromtimestamp(moment - 60, zone)).utcoffset()
    sim.clock.advance(moment - 10_800 - sim.clock())
    follower = follow()
    follower.call()
    for number in range(36):
        edit(f"DEV-{1 + number % 24}", f"Edit {number}")
        assert [row["summary"] for row in follower.call(maxRows=3)] == [f"Edit {number}"]
        sim.clock.advance(600)
    assert datetime.fromtimestamp(sim.clock(), zone).utcoffset() == datetime.fromtimestamp(moment, zone).utcoffset()
    bounds = [re.findall(r"(?:updated|created) >= (\S+)", search["jql"]) for search in searches(sim)[1:]]
    assert all(len(found) == 1 and re.fullmatch(r"\d{13}", found[0]) for found in bounds[-36:])
    assert all(int(found[0]) % 60_000 == 0 for found in bounds[-36:])


@pytest.mark.parametrize("zones", [("Pacific/Apia", "UTC"), ("UTC", "Pacific/Apia")], ids=["account", "site"])
def test_the_zones_of_account_and_site_do_not_matter(follow, site, edit, zones):
    """The account reads dates in its own zone and the site writes them in another; both may change between calls."""
    follower = follow()
    follower.call()
    account = site.accounts[site.default_account_id]
    site.accounts[account.account_id] = Account(account.account_id, account.display_name, time_zone=zones[0])
    site.time_zone = ZoneInfo(zones[1])
    edit("DEV-5", "Edited")
    assert [row["summary"] for row in follower.call()] == ["Edited"]
    assert follower.call() == []


def test_a_late_change_comes_within_the_look_back(follow, site, sim, edit):
    """A change that search shows after newer ones is read as long as it is not later than the look-back."""
    careful, careless = follow(lookBackMinutes=10), follow(lookBackMinutes=0)
    careful.call()
    careless.call()
    sim.clock.advance(3600)
    edit("DEV-5", "In time")
    careful.call()
    careless.call()
    issue = site.find_issue("DEV-6")
    site.change_issue(issue, {"summary": "Late"}, site.default_account_id, at=sim.clock() - 500)
    assert [row["summary"] for row in careful.call()] == ["Late"]
    assert careless.call() == []


def test_a_lagging_index_loses_nothing(follow, site, sim, edit):
    """What search shows minutes later comes then, once."""
    follower = follow()
    follower.call()
    site.index_lag_seconds = 300
    told = []
    for number in range(12):
        edit(f"DEV-{number + 1}", f"Edit {number}")
        sim.clock.advance(60)
        told += [row["summary"] for row in follower.call()]
    sim.clock.advance(300)
    told += [row["summary"] for row in follower.call()]
    assert told == [f"Edit {number}" for number in range(12)]


def test_the_same_state_gives_the_same_rows(follow, edit):
    """What a crash lost between the answer and its storing comes again with the state that was stored."""
    follower = follow()
    follower.call()
    edit("DEV-5", "Edited")
    lost = follower.call(stored=False)
    again = follower.call()
    assert (again, len(again)) == (lost, 1)


def test_edits_while_pages_are_read_are_not_lost(follow, site):
    """Somebody edits at full speed while hundreds of rich pages are read; at the end the copy is the site."""
    issues = many_issues(site, 400)
    follower = follow(fields="*all")
    ended = threading.Event()

    def write():
        number = 0
        while not ended.is_set() and number < 3000:
            number += 1
            with site.lock:
                site.change_issue(issues[number * 37 % 400], {"summary": f"Edit {number}"}, site.default_account_id)

    writer = threading.Thread(target=write)
    writer.start()
    follower.call()
    follower.call()
    ended.set()
    writer.join()
    follower.all()
    assert follower.seen() == dev_copied(site)


def test_an_empty_query_is_read_whole_until_it_has_issues(follow, site, edit):
    """A query that finds nothing yet loses none of the issues that come to match, however old they are."""
    follower = follow('project = DEV AND summary ~ "zebra"')
    assert follower.call() == []
    assert follower.metadata["complete"] is True
    issue = site.find_issue("DEV-5")
    site.change_issue(issue, {"summary": "A zebra"}, site.default_account_id, at=issue.values["created"])
    assert [row["summary"] for row in follower.call()] == ["A zebra"]


def test_a_moved_issue_in_the_query_has_its_previous_key(follow, site):
    """An issue that moves between two projects of the query is `moved`, in the query, and says what it was called."""
    follower = follow("project in (DEV, OPS)")
    follower.call()
    site.move_issue(site.find_issue("DEV-7"), "OPS", site.default_account_id)
    (row,) = follower.call()
    assert (row["change"], row["key"], row["previousKey"], row["inQuery"]) == ("moved", "OPS-11", "DEV-7", True)
    assert row["summary"] is not None


def test_a_state_is_told_by_its_size(follow, monkeypatch):
    """A large state comes with a warning that says how large."""
    follower = follow()
    monkeypatch.setattr(sync, "_LARGE_STATE_BYTES", 100)
    follower.call()
    assert re.search(r"the state has \d+ bytes, for 24 issues", follower.metadata["warnings"][0])


def test_the_state_of_a_quiet_query_forgets(follow, sim, edit):
    """After an hour without changes, what was told last is not read again, nor remembered."""
    follower = follow()
    follower.call()
    for number in range(1, 25):
        edit(f"DEV-{number}", f"Edit {number}")
    assert len(follower.call()) == 24
    large = len(follower.state)
    sim.clock.advance(2 * 3600)
    follower.call()
    assert len(follower.state) < large
    sim.clear_requests()
    assert follower.call() == []
    assert follower.metadata["usage"]["points"] == 1


def test_columns_that_change_are_told(follow, site, sim):
    """A field that appears is a column of the next call's rows, and a warning says so, once."""
    follower = follow(fields="*all")
    follower.call()
    assert follower.metadata["warnings"] == []
    known = site.fields["customfield_10010"]
    del site.fields["customfield_10010"]
    sim.clock.advance(700)
    other = follow(fields="*all")
    other.state = follower.state
    other.call()
    gone = [column for column in follower.metadata["columns"] if column not in other.metadata["columns"]]
    assert other.metadata["warnings"] == [f"the column {column['name']} ({column['type']}) is gone" for column in gone]
    assert gone
    site.fields["customfield_10010"] = known
    back = follow(fields="*all")
    back.state = other.state
    back.call()
    assert [text for text in back.metadata["warnings"] if "is new" in text]
    assert back.call() == []
    assert back.metadata["warnings"] == []


def test_a_failing_page_fails_the_call(run, sim):
    """Half a read is never handed out because a page failed."""
    sim.faults.add(Fault("answer", path="/search/jql", status=500, body=b"oops"))
    assert run("syncIssues", jql="project = DEV")["error"]["code"] == "jira_unavailable"


def _answered(site, issue):
    """Return an issue as a search for summaries and times answers it now."""
    times = {name: jira_datetime(issue.values[name], site.time_zone) for name in ("created", "updated")}
    return {"id": str(issue.id), "key": issue.key, "fields": {"summary": issue.values["summary"], **times}}


def _page(*issues, **more):
    return Fault("answer", path="/search/jql", status=200, body={"issues": [*issues], "isLast": True, **more})


@pytest.mark.parametrize("whole", [True, False], ids=["whole", "changes"])
def test_what_a_warned_read_lacks_comes_later(follow, site, sim, edit, whole):
    """Where Jira warns that a read may lack something, the next call reads it from the beginning."""
    follower = follow(censusEvery="never", maxRows=500)
    if not whole:
        follower.all()
        sim.clock.advance(3600)
        for number in range(1, 25):
            edit(f"DEV-{number}", f"Edit {number}")
            sim.clock.advance(60)
    by = "created" if whole else "updated"
    issues = sorted((one for one in site.issues.values() if one.key.startswith("DEV-")), key=lambda one: one.values[by])
    warned = [_answered(site, issue) for issue in issues[:2] + issues[5:]]
    sim.faults.add(_page(*warned, warnings=[{"type": "X", "message": "the results were truncated"}]))
    follower.call()
    assert (len(follower.rows), follower.metadata["incompleteReason"]) == (21, "jira_warning")
    follower.call()
    assert (len(follower.rows), follower.metadata["complete"]) == (3, True)
    assert follower.seen() == dev_copied(site)


def test_a_clock_that_is_ahead_loses_nothing(services, sim, site, edit):
    """With a clock half an hour ahead, what changes in the midst of a long first read comes after it all the same."""
    connection = Connection(
        load_settings(settings_for(sim.grant(), sim.client_id), services.open_record),
        services,
        sleep=sim.clock.advance,
        clock=lambda: sim.clock() + 1800,
    )
    follower = Follower(lambda action, **given: connection.execute(action, given, {}, {}), censusEvery="never")
    follower.call(maxRows=12)
    sim.clock.advance(60)
    edit("DEV-1", "Told before it was edited")
    sim.clock.advance(1200)
    edit("DEV-2", "Told before, edited last")
    follower.all(maxRows=12)
    assert follower.seen() == dev_copied(site)


def test_a_state_of_a_time_to_come_is_refused(services, sim):
    """A clock that was hours ahead would let all be missed that changes till then: the next call says so."""
    ahead = [3 * 3600]
    connection = Connection(
        load_settings(settings_for(sim.grant(), sim.client_id), services.open_record),
        services,
        sleep=sim.clock.advance,
        clock=lambda: sim.clock() + ahead[0],
    )
    follower = Follower(lambda action, **given: connection.execute(action, given, {}, {}))
    follower.all()
    ahead[0] = 0
    inputs = {"jql": "project = DEV", "fields": "summary,updated", "state": follower.state}
    error = connection.execute("syncIssues", inputs, {}, {})["error"]
    assert (error["code"], list(error["errors"])) == ("input_invalid", ["state"])
    assert "a time that has not come" in error["message"]


def test_an_answer_from_behind_takes_nothing_back(follow, site, sim, edit):
    """An issue that a search shows as it was before what was told of it is not told."""
    follower = follow()
    follower.call()
    old = _answered(site, edit("DEV-5", "First"))
    sim.clock.advance(30)
    edit("DEV-5", "Second")
    follower.call()
    sim.faults.add(_page(old))
    assert follower.call() == []
    assert follower.call() == []
    assert follower.seen() == dev_copied(site)


def test_a_change_without_a_time_is_told(follow, sim):
    """An issue that does not say when it changed is told whenever it is read."""
    follower = follow()
    follower.call()
    sim.faults.add(_page({"id": "99999", "key": "DEV-999", "fields": {"summary": "Timeless"}}))
    assert [(row["change"], row["summary"], row["changedAt"]) for row in follower.call()] == [
        ("created", "Timeless", None)
    ]
