"""searchIssues finds what was just written, though Jira's index lags behind."""

from __future__ import annotations

import json

import pytest

from tests.sharedstate import MemoryShared
from vantage_jira_plugin.simulator import Fault

_CREATE = {"projectKey": "DEV", "issueType": "Bug", "summary": "It breaks"}


@pytest.fixture
def act(connect, sim):
    """Return a function that runs an action on a connection, by default always the same; the index lags a minute."""
    sim.site.index_lag_seconds = 60
    usual = connect()
    usual.authenticate()

    def run(action, connection=usual, **inputs):
        envelope = connection.execute(action, inputs, {}, {})
        assert "error" not in envelope, envelope
        return envelope["output1"]

    return run


def _sent(sim):
    """Return the lists of issues that searches asked for."""
    bodies = [json.loads(entry.body) for entry in sim.requests_to("/rest/api/3/search/jql")]
    return [body.get("reconcileIssues") for body in bodies]


def _keys(output):
    return [row["key"] for row in output["data"]]


def test_a_search_right_after_a_create_finds_it(act, sim):
    """Without the connection's help it would be found a minute later."""
    (created,) = act("createIssue", **_CREATE)["data"]
    query = {"jql": 'project = DEV AND summary ~ "breaks" ORDER BY created DESC', "maxRows": 1}
    assert _keys(act("searchIssues", **query)) == [created["key"]]
    assert _sent(sim) == [[int(created["id"])]]


@pytest.mark.parametrize("shares", [True, False], ids=["shared", "alone"])
def test_another_worker_goes_on_with_the_same_list(act, connect, services, sim, shares):
    """What was just written is on the second page as well; where nobody can know, the caller is told."""
    if shares:
        services.shared = MemoryShared()
    one, other = connect(), connect()
    for number in range(6):
        act("createIssue", connection=one, **{**_CREATE, "summary": f"zugzwang {number}"})
    query = {"jql": 'project = DEV AND summary ~ "zugzwang" ORDER BY created ASC', "maxRows": 4}
    first = act("searchIssues", connection=one, **query)
    second = act("searchIssues", connection=other, **query, nextPageToken=first["metadata"]["nextPageToken"])
    assert len(_keys(first)) == 4
    told = " ".join(second["metadata"]["warnings"])
    assert (len(_keys(second)), "may be missing" in told) == ((2, False) if shares else (0, True))
    again = act("searchIssues", connection=one, **query, nextPageToken=first["metadata"]["nextPageToken"])
    assert (len(_keys(again)), again["metadata"]["warnings"]) == (2, [])


def test_a_search_right_after_an_update_finds_what_it_is_now(act, sim):
    """Values of an issue that was just changed are matched as they are."""
    act("updateIssue", issueKey="DEV-1", labels=["just-now"])
    assert _keys(act("searchIssues", jql="labels = just-now")) == ["DEV-1"]


def test_a_search_right_after_a_comment_finds_it(act, sim):
    """A comment makes its issue one that was just written."""
    act("addComment", issueKey="DEV-2", body="zugzwang")
    assert _sent(sim) == []
    act("searchIssues", jql="updated >= -1m AND project = DEV", maxRows=5)
    assert _sent(sim) == [[sim.site.find_issue("DEV-2").id]]


def test_without_writes_nothing_is_asked_for(act, sim):
    """A connection that only reads searches as before; ten minutes after a write, so does every other."""
    act("searchIssues", jql="project = DEV", maxRows=1)
    act("createIssue", **_CREATE)
    sim.clock.advance(601)
    act("searchIssues", jql="project = DEV", maxRows=1)
    assert _sent(sim) == [None, None]


def test_all_pages_ask_for_the_same(act, sim):
    """The list does not change in the middle of a search, nor when the caller goes on with its token."""
    (created,) = act("createIssue", **_CREATE)["data"]
    wanted = [int(created["id"])]
    page = {"issues": [{"id": "1", "key": "DEV-1", "fields": {}}], "nextPageToken": "t", "isLast": False}
    sim.faults.add(Fault("answer", path="/search/jql", status=200, body=page))
    first = act("searchIssues", jql="project = DEV", maxRows=1)
    act("createIssue", **_CREATE)
    sim.faults.add(Fault("answer", path="/search/jql", status=200, body={**page, "nextPageToken": "t2"}))
    sim.faults.add(Fault("answer", path="/search/jql", status=200, body={"issues": [], "isLast": True}))
    act("searchIssues", jql="project = DEV", nextPageToken=first["metadata"]["nextPageToken"])
    assert _sent(sim) == [wanted, wanted, wanted]


def test_a_token_of_somebody_else_asks_for_nothing(act, sim, connect):
    """A search that was begun elsewhere goes on as it is."""
    first = act("searchIssues", jql="project = DEV", maxRows=1)
    act("createIssue", **_CREATE)
    act("searchIssues", jql="project = DEV", maxRows=1, nextPageToken=first["metadata"]["nextPageToken"])
    assert _sent(sim) == [None, None]


def test_fifty_at_most(act, sim):
    """More than Jira takes are not asked for: the newest fifty."""
    for _ in range(53):
        act("createIssue", **_CREATE)
    act("searchIssues", jql="project = DEV AND created >= -1m", maxRows=100)
    (asked,) = _sent(sim)
    assert len(asked) == 50
    assert asked == sorted(asked, reverse=True)


def test_workers_that_share_state_see_each_others_writes(connect, services, sim, act):
    """What another connection of the host wrote is asked for as well; without shared state it is not."""
    (created,) = act("createIssue", **_CREATE)["data"]
    act("searchIssues", connection=connect(), jql="project = DEV", maxRows=1)
    services.shared = MemoryShared()
    one, other = connect(), connect()
    (shared,) = act("createIssue", connection=one, **_CREATE)["data"]
    query = {"jql": "project = DEV ORDER BY created DESC", "maxRows": 1}
    assert _keys(act("searchIssues", connection=other, **query)) == [shared["key"]]
    assert _sent(sim) == [None, [int(shared["id"])]]
    assert created["key"] != shared["key"]


def test_a_lost_create_that_was_found_is_found_by_a_search(act, sim):
    """An issue that came by a look is as new to the index as any other."""
    sim.faults.add(Fault("lost_answer", method="POST", path="/rest/api/3/issue$"))
    (created,) = act("createIssue", **_CREATE, idempotencyKey="k")["data"]
    query = {"jql": "project = DEV ORDER BY created DESC", "maxRows": 1}
    assert _keys(act("searchIssues", **query)) == [created["key"]]
