"""Looking for a lost issue: no index, no moved issue and no busy project hides it, and no look is taken for more."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from vantage_jira_plugin.errors import JiraUnavailableError, ProjectNotAllowedError
from vantage_jira_plugin.rehearsal import Estimate
from vantage_jira_plugin.simulator import Fault
from vantage_jira_plugin.writing.entry import Entry
from vantage_jira_plugin.writing.issues import IssueFinder

if TYPE_CHECKING:
    from vantage_jira_plugin.client import JiraClient


@pytest.fixture
def jira(keyed) -> JiraClient:
    """A client of the connection, as one action has it."""
    return keyed.connection._client()


@pytest.fixture
def allowed(connect):
    """Return a function that makes a client which may touch only some projects."""

    def make(*projects):
        return connect(allowedProjects=list(projects))._client()

    return make


@pytest.fixture
def finder(jira):
    """Looks for the issue of the key `k` in DEV."""
    return IssueFinder(jira, "DEV", "k")


@pytest.fixture
def fetched(sim):
    """Return a function that tells which portions of keys were fetched."""

    def portions():
        bodies = [json.loads(entry.body) for entry in sim.requests_to("/rest/api/3/issue/bulkfetch")]
        return [body["issueIdsOrKeys"] for body in bodies]

    return portions


def _entry(sim, **more):
    return Entry.reserved(owner="a", digest="d", place="DEV", now=sim.clock(), **more)


def test_a_known_number_makes_looking_cheap(finder, keyed, sim, fetched):
    """Behind a number that was there before, one request of a hundred keys finds it; no search is needed."""
    before = keyed.make_issue("other")
    entry = _entry(sim, after=before.number)
    made = keyed.make_issue()
    assert finder.find(entry, now=sim.clock())["key"] == made.key
    (keys,) = fetched()
    assert (keys[0], len(keys)) == (f"DEV-{before.number + 1}", 100)
    assert sim.requests_to("/rest/api/3/search/jql") == []
    assert finder.jira.budget.points == 2


def test_what_this_worker_made_is_known_to_be_there(finder, keyed, sim):
    """The number comes from an earlier create of the connection, in the same project, and costs nothing."""
    row = keyed.create(None)["output1"]["data"][0]
    assert finder.cost_of_after() == Estimate()
    assert f"DEV-{finder.after()}" == row["key"]
    assert sim.requests_to("/rest/api/3/search/jql") == []


def test_a_first_write_looks_which_number_is_taken(finder, keyed, sim):
    """Where none is known, one search finds it, at two points, and it serves for an hour."""
    newest = keyed.make_issue("other")
    assert finder.cost_of_after() == Estimate(1, 2)
    assert [finder.after() for _ in range(2)] == [newest.number] * 2
    assert (len(sim.requests_to("/rest/api/3/search/jql")), finder.jira.budget.points) == (1, 2)
    sim.clock.advance(3601)
    assert finder.cost_of_after() == Estimate(1, 2)


def test_an_index_that_lags_gives_a_number_that_is_good_enough(finder, keyed, sim):
    """Any number that was taken before will do, and an issue that was moved here took one as well."""
    site = sim.site
    sim.site.index_lag_seconds = 3600
    keyed.make_issue("other")
    first = finder.after()
    assert f"DEV-{first}" in {issue.key for issue in site.issues.values()}
    assert keyed.create()["output1"]["data"][0]["key"].startswith("DEV-")
    assert keyed.issues()[0].number > first


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 403, "body": b""},
        {"status": 429, "headers": {"Retry-After": "60"}},
        {"status": 503, "body": b""},
        {"status": 200, "body": {"issues": [{"id": "1", "key": "NEW-7"}]}},
        {"status": 200, "body": {"issues": [{"id": "1", "key": "DEV-x"}]}},
    ],
    ids=["403", "429", "503", "renamed", "no number"],
)
def test_a_number_that_cannot_be_had_keeps_nobody_from_writing(keyed, sim, answer):
    """The write goes on without it, soon; what is lost then is looked for behind old issues."""
    sim.faults.add(Fault("answer", path="/search/jql", times=None, **answer))
    began_at = sim.clock()
    assert "error" not in keyed.create()
    assert sim.clock() - began_at <= 10
    assert keyed.connection._client().newest_number("DEV") == keyed.issues()[0].number


@pytest.mark.parametrize("lag", [0, 90, 3600])
def test_without_a_number_it_is_looked_for_behind_old_issues(finder, keyed, sim, lag):
    """However far the index is behind, the database is asked for everything since."""
    sim.site.index_lag_seconds = lag
    entry = _entry(sim)
    for number in range(30):
        keyed.make_issue(f"other {number}")
    made = keyed.make_issue()
    keyed.make_issue("later")
    assert finder.find(entry, now=sim.clock())["key"] == made.key


def test_an_empty_project(keyed, sim, jira):
    """The first issue of a project is found."""
    sim.site.issues = {number: issue for number, issue in sim.site.issues.items() if not issue.key.startswith("OPS-")}
    sim.site._next_number.pop(sim.site.project("OPS").id)
    entry = _entry(sim)
    finder = IssueFinder(jira, "OPS", "k")
    assert finder.find(entry, now=sim.clock()) is None
    made = keyed.make_issue(project="OPS")
    assert (made.key, finder.find(entry, now=sim.clock())["key"]) == ("OPS-1", "OPS-1")


def test_issues_that_were_moved_here_do_not_hide_it(finder, keyed, sim):
    """Issues that are old, but have new numbers, are no sign of what was there before."""
    site = sim.site
    old = [site.create_issue(site.project("OPS"), {"issuetype": "10000", "summary": "x"}, site.default_account_id,
                             at=sim.clock() - 86_400 * age) for age in (1, 2)]  # fmt: skip
    native = site.find_issue("DEV-1")
    native.write({**native.values, "created": sim.clock() - 3 * 86_400}, sim.clock() - 3 * 86_400)
    entry = _entry(sim)
    made = keyed.make_issue()
    for issue in old:
        site.move_issue(issue, "DEV", site.default_account_id)
    assert finder.find(entry, now=sim.clock())["key"] == made.key


def test_an_issue_that_was_moved_away_is_found_by_its_old_key(finder, keyed, sim):
    """Who moved it did not make another one necessary."""
    entry = _entry(sim)
    made = keyed.make_issue()
    sim.site.move_issue(made, "OPS", sim.site.default_account_id)
    assert finder.find(entry, now=sim.clock())["id"] == str(made.id)


def test_where_numbers_mislead_the_index_helps(finder, keyed, sim):
    """Were the number too high, for whatever reason, a search of the account's own issues of that time finds it."""
    entry = _entry(sim, after=100_000)
    made = keyed.make_issue()
    assert finder.find(entry, now=sim.clock())["key"] == made.key
    sim.clock.advance(86_400)
    keyed.make_issue("other")
    assert finder.find(entry, now=sim.clock())["key"] == made.key


def test_a_busy_project_is_looked_through_in_large_portions(finder, keyed, sim, fetched):
    """Hundreds of issues of others are passed, in few requests; none is asked for twice."""
    entry = _entry(sim, after=keyed.make_issue("before").number)
    for number in range(700):
        keyed.make_issue(f"other {number}")
    made = keyed.make_issue()
    assert finder.find(entry, now=sim.clock())["key"] == made.key
    portions = fetched()
    assert [len(keys) for keys in portions] == [100, 1000]
    assert len({key for keys in portions for key in keys}) == 1100


def test_it_ends_where_the_project_ends(finder, keyed, sim, fetched):
    """A thousand numbers in a row of which there is no issue are the end; they cost one point."""
    entry = _entry(sim, after=keyed.make_issue("before").number)
    for number in range(90):
        keyed.make_issue(f"other {number}")
    assert finder._scanned("DEV", entry.after, None) == (None, True)
    assert [len(keys) for keys in fetched()] == [100, 1000]
    assert finder.jira.budget.points == 91 + 1


@pytest.mark.parametrize("gone", ["deleted", "moved"])
def test_hundreds_that_are_gone_in_between_are_not_the_end(finder, keyed, sim, gone):
    """Of a mistaken import that was deleted, or moved to a project with low numbers, nothing shows; the issue does."""
    site = sim.site
    sim.site.index_lag_seconds = 600
    entry = _entry(sim, after=keyed.make_issue("before").number)
    junk = [keyed.make_issue(f"other {number}") for number in range(600)]
    made = keyed.make_issue()
    for issue in junk:
        if gone == "deleted":
            site.delete_issue(issue)
        else:
            site.move_issue(issue, "OPS", site.default_account_id)
    assert finder.find(entry, now=sim.clock())["key"] == made.key


def test_long_afterwards_only_its_own_time_is_looked_through(finder, keyed, sim, fetched):
    """Numbers that came when nothing was sent any more bound the range, however many followed."""
    entry = _entry(sim, after=keyed.make_issue("before").number)
    for number in range(5):
        keyed.make_issue(f"other {number}")
    sim.clock.advance(3600)
    first_behind = keyed.make_issue("behind").number
    for number in range(300):
        keyed.make_issue(f"behind {number}")
    assert finder.find(entry, now=sim.clock()) is None
    (keys,) = fetched()
    assert keys == [f"DEV-{number}" for number in range(entry.after + 1, first_behind)]


def test_more_than_can_be_looked_through_is_no_answer(finder, keyed, sim, monkeypatch):
    """In the middle of a large import it is not certain that there is none; once its end is known, it is.

    Nobody is told to ask again before that.
    """
    monkeypatch.setattr("vantage_jira_plugin.writing.issues._PORTION", 100)
    entry = _entry(sim, after=keyed.make_issue("before").number)
    for number in range(700):
        keyed.make_issue(f"other {number}")
    with pytest.raises(JiraUnavailableError, match="could not look through all issues") as caught:
        finder.find(entry, now=sim.clock())
    sim.clock.advance(caught.value.retry_after_seconds + 60)
    keyed.make_issue("behind")
    assert finder.find(entry, now=sim.clock()) is None


def test_a_budget_that_is_spent_ends_a_look(finder, keyed, sim, fetched, monkeypatch):
    """A large import is not looked through with points that the settings do not give; that is no answer."""
    entry = _entry(sim, after=keyed.make_issue("before").number)
    keyed.make_issue("other")
    monkeypatch.setattr(type(finder.jira), "why_stop", lambda _: "points")
    with pytest.raises(JiraUnavailableError):
        finder.find(entry, now=sim.clock())
    assert len(fetched()) == 1
    sim.clock.advance(12 * 3600)
    finder.jira.login.ready(finder.jira.budget)
    with pytest.raises(JiraUnavailableError) as caught:
        finder.find(_entry(sim, after=entry.after), now=sim.clock() + 3600)
    assert caught.value.retry_after_seconds == 60


def test_own_issues_are_read_to_the_end_once_the_index_has_them(finder, keyed, sim):
    """Where numbers tell nothing, hours later all of the account's issues of that time are looked through."""
    entry = _entry(sim, after=10**9)
    for number in range(130):
        keyed.make_issue(f"other {number}")
    made = keyed.make_issue()
    failed = {"issues": [], "issueErrors": [{"id": "10001", "errorMessage": "try again"}]}
    sim.faults.add(Fault("answer", path="/issue/bulkfetch", status=200, body=failed, times=None))
    with pytest.raises(JiraUnavailableError):
        finder.find(entry, now=sim.clock())
    sim.clock.advance(12 * 3600)
    finder.jira.login.ready(finder.jira.budget)
    assert finder.find(entry, now=sim.clock())["key"] == made.key


def test_issues_that_jira_could_not_read_are_no_answer(finder, keyed, sim):
    """What Jira lists as failed may be the one; it is not taken for "not there"."""
    entry = _entry(sim, after=keyed.make_issue("before").number)
    failed = {"issues": [], "issueErrors": [{"id": "10001", "errorMessage": "try again"}]}
    sim.faults.add(Fault("answer", path="/issue/bulkfetch", status=200, body=failed))
    with pytest.raises(JiraUnavailableError):
        finder.find(entry, now=sim.clock())
    assert finder.find(entry, now=sim.clock()) is None


def test_what_made_room_in_the_ledger_is_recalled_by_id(finder, keyed):
    """An id counts only where its issue carries the key."""
    made, other = keyed.make_issue(), keyed.make_issue("other")
    assert finder.recall(str(made.id))["key"] == made.key
    assert finder.recall(str(other.id)) is None
    assert finder.recall("1") is None


def test_a_key_that_had_to_make_room_is_known_all_the_same(keyed, host, monkeypatch):
    """Where the record keeps few entries, an old key costs one request and still makes no second issue."""
    monkeypatch.setattr("vantage_jira_plugin.auth.notebook.MOST_VALUES", 2)
    rows = [keyed.create(f"k{number}")["output1"]["data"][0] for number in range(6)]
    requests = len(keyed.sim.requests)
    assert keyed.create("k0")["output1"]["data"] == [rows[0]]
    assert len(keyed.sim.requests) - requests == (0 if hasattr(host, "shared") else 1)
    assert keyed.create("k0")["output1"]["data"] == [rows[0]]
    assert len(keyed.sim.requests) - requests == (0 if hasattr(host, "shared") else 1)
    assert len(keyed.issues("k0")) == 1
    keyed.sim.faults.add(Fault("answer", path="/issue/bulkfetch", status=403, body=b"", times=None))
    if not hasattr(host, "shared"):
        assert keyed.create("k1")["error"]["code"] == "unknown_outcome"


def test_a_place_is_a_project(finder, allowed):
    """Another project is told by its key, where it may be touched; an issue says by its key where it is."""
    assert (finder.here, finder.is_here("DEV"), finder.is_here("OPS")) == ("DEV", True, False)
    assert (finder.where({"key": "DEV-7"}), finder.where({})) == ("DEV", None)
    assert finder.described("OPS") == "project OPS"
    assert IssueFinder(allowed("DEV"), "DEV", "k").described("OPS") is None


def test_an_issue_that_was_moved_out_of_reach_is_not_answered(keyed, allowed):
    """Its key is not told to a connection that may not touch the project where it is now."""
    only_dev = IssueFinder(allowed("DEV"), "DEV", "k")
    only_dev.only_allowed("DEV-7")
    only_dev.only_allowed(None)
    with pytest.raises(ProjectNotAllowedError) as caught:
        only_dev.only_allowed("OPS-7")
    assert "OPS" not in str(caught.value)
