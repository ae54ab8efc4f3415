"""What a connection does where its budget of points is spent."""

from __future__ import annotations

import pytest

from tests.clockhour import advance_to
from tests.memoryusage import MemoryUsage
from vantage_jira_plugin.points import HOUR_SECONDS
from vantage_jira_plugin.simulator import Fault

pytestmark = pytest.mark.usefixtures("early_in_the_hour")

_CREATE = {"projectKey": "DEV", "issueType": "Bug", "summary": "It breaks"}
_READ = {"issueKey": "DEV-1", "fields": "summary"}
_BACKGROUND = {"priority": "background"}


def _usage(envelope):
    return envelope["output1"]["metadata"]["usage"]


def _spend(connection, points):
    """Spend that many points, an even number, on reads of single issues."""
    for _ in range(points // 2):
        assert "output1" in connection.execute("getIssue", _READ, {}, {})


def test_a_spent_hour_sends_nothing_until_it_is_over(connect, sim):
    """budget_spent with the seconds to the end of the hour; then it goes on."""
    connection = connect(pointsPerHour=4)
    _spend(connection, 4)
    before = len(sim.requests)
    for action, inputs in {"getIssue": _READ, "createIssue": _CREATE, "searchIssues": {"jql": "key = DEV-1"}}.items():
        error = connection.execute(action, inputs, {}, {})["error"]
        assert (error["code"], error["retryable"], error["action"]) == ("budget_spent", True, action)
        assert error["retryAfter"] == pytest.approx(HOUR_SECONDS - sim.clock() % HOUR_SECONDS, abs=30)
        assert len(error) == 9
    assert len(sim.requests) == before
    sim.clock.advance(error["retryAfter"])
    assert "output1" in connection.execute("getIssue", _READ, {}, {})


def test_people_go_on_where_background_work_is_refused(connect, sim):
    """The last part of the hour's points is kept for them."""
    connection = connect(pointsPerHour=10, backgroundShare=0.4)
    _spend(connection, 4)
    before = len(sim.requests)
    assert connection.execute("getIssue", _READ, {}, _BACKGROUND)["error"]["code"] == "budget_spent"
    assert len(sim.requests) == before
    assert "output1" in connection.execute("getIssue", _READ, {}, {"priority": "interactive"})


def test_what_costs_no_points_is_never_refused(connect):
    """Sites can be listed and a login kept alive whatever is spent, in the background too."""
    connection = connect(pointsPerHour=2, backgroundShare=0)
    _spend(connection, 2)
    for action in ("listSites", "keepAlive"):
        assert "output1" in connection.execute(action, {}, {}, _BACKGROUND)


def test_a_spent_run_leaves_other_runs_alone(connect, sim):
    """Its budget is its own, and waiting does not help."""
    connection = connect(pointsPerRun=2)
    assert "output1" in connection.execute("getIssue", _READ, {}, {"runId": "run-1"})
    before = len(sim.requests)
    error = connection.execute("createIssue", _CREATE, {}, {"runId": "run-1"})["error"]
    assert (error["code"], error["retryable"], error["retryAfter"]) == ("budget_spent", False, None)
    assert len(sim.requests) == before
    assert "output1" in connection.execute("getIssue", _READ, {}, {"runId": "run-2"})
    assert "output1" in connection.execute("getIssue", _READ, {}, {})


def test_a_search_stops_where_the_points_end(connect, sim):
    """What was read is returned with the token that goes on, and no more is spent than there was."""
    connection = connect(pointsPerHour=9)
    inputs = {"jql": "project = DEV ORDER BY key", "fields": "summary"}
    first = connection.execute("searchIssues", inputs, {}, {})["output1"]
    assert (first["metadata"]["complete"], first["metadata"]["incompleteReason"]) == (False, "points")
    assert _usage({"output1": first})["points"] == 9
    assert len(first["data"]) == 8
    sim.clock.advance(HOUR_SECONDS)
    more = {**inputs, "nextPageToken": first["metadata"]["nextPageToken"]}
    second = connection.execute("searchIssues", more, {}, {})["output1"]
    assert not {row["key"] for row in first["data"]} & {row["key"] for row in second["data"]}
    assert len(second["data"]) == 8


def test_a_search_over_pages_stops_between_them(connect, sim):
    """Where pages are short, the next one is not asked for once the points are spent."""
    connection = connect(pointsPerHour=3)
    page = {"issues": [{"id": "1", "key": "DEV-1", "fields": {}}] * 2, "nextPageToken": "t", "isLast": False}
    sim.faults.add(Fault("answer", path="/search/jql", status=200, body=page))
    output = connection.execute("searchIssues", {"jql": "project = DEV", "fields": "summary"}, {}, {})["output1"]
    assert (output["metadata"]["incompleteReason"], output["metadata"]["nextPageToken"]) == ("points", "t")
    assert len(sim.requests_to("/rest/api/3/search/jql")) == 1


@pytest.mark.parametrize("store", [None, MemoryUsage], ids=["alone", "with the host's count"])
def test_a_search_over_the_turn_of_the_hour_spends_from_both(connect, services, sim, store):
    """The pages before the turn leave the new hour's budget alone; the host is told both parts."""
    services.usage = store and store()
    connection = connect(pointsPerHour=5)
    advance_to(sim.clock, HOUR_SECONDS - 10)
    page = {"issues": [{"id": "1", "key": "DEV-1", "fields": {}}] * 2, "isLast": False, "nextPageToken": "t"}
    sim.faults.add(
        Fault("answer", path="/search/jql", status=200, body=page),
        Fault("answer", path="/search/jql", status=429, headers={"Retry-After": "20"}),
        Fault("answer", path="/search/jql", status=200, body={"issues": page["issues"], "isLast": True}),
    )
    inputs = {"jql": "project = DEV", "fields": "summary", "maxRows": 4}  # so few that nothing is counted
    output = connection.execute("searchIssues", inputs, {}, {})["output1"]
    assert (output["metadata"]["complete"], _usage({"output1": output})["points"]) == (True, 6)
    if store:
        told = [(entry["calls"], entry["points"], entry["retries"]) for entry in services.usage.entries]
        assert told == [(0, 3, 0), (1, 3, 1)]
        hours = [entry["at"] // HOUR_SECONDS for entry in services.usage.entries]
        assert hours == [sim.clock() // HOUR_SECONDS - 1, sim.clock() // HOUR_SECONDS]
    _spend(connection, 2)
    refused = connection.execute("getIssue", _READ, {}, {})["error"]
    assert "5 of the 5 points of this hour are spent" in refused["message"]


def test_a_list_of_projects_stops_where_the_points_end(connect):
    """Lists by offset keep their token as well."""
    output = connect(pointsPerHour=2).execute("getAccessibleProjects", {}, {}, {})["output1"]
    assert (len(output["data"]), output["metadata"]["incompleteReason"]) == (1, "points")
    assert output["metadata"]["nextPageToken"] == "1"


def test_a_write_that_has_begun_is_not_cut_off(connect, sim):
    """The guard's read spends the last points; the edit that it was for is sent all the same."""
    connection = connect(pointsPerHour=2, allowedProjects=["DEV"])
    envelope = connection.execute("updateIssue", {"issueKey": "DEV-1", "summary": "New"}, {}, {})
    assert _usage(envelope)["points"] == 3
    assert connection.execute("getIssue", _READ, {}, {})["error"]["code"] == "budget_spent"


def test_workers_share_a_budget_by_the_hosts_count(connect, services, sim):
    """What one connection spends is spent for the other, where the host counts."""
    services.usage = MemoryUsage()
    one, other = connect(pointsPerHour=4), connect(pointsPerHour=4)
    _spend(one, 4)
    before = len(sim.requests)
    assert other.execute("getIssue", _READ, {}, {})["error"]["code"] == "budget_spent"
    assert len(sim.requests) == before


def test_the_login_can_be_looked_after_whatever_is_spent(connect, services, sim):
    """No budget refuses it; what it spends counts all the same."""
    connection = connect(pointsPerHour=4)
    _spend(connection, 4)
    assert connection.authenticate()["status"] == "connected"
    error = connection.execute("getIssue", _READ, {}, {})["error"]
    assert "7 of the 4 points of this hour are spent" in error["message"]


def test_a_count_that_cannot_be_read_is_told(connect, services, monkeypatch):
    """The budget then holds for this connection alone, and the warning says so."""

    def fail(**_):
        raise OSError("down")

    services.usage = MemoryUsage()
    monkeypatch.setattr(services.usage, "points", fail)
    envelope = connect(pointsPerHour=4).execute("getIssue", _READ, {}, {})
    assert envelope["output1"]["metadata"]["warnings"] == [
        "the host could not say what is spent, so that only what this connection spent was counted"
    ]
    assert services.usage.entries[0]["points"] == 2


def test_a_budget_holds_while_the_hosts_count_fails(connect, services):
    """What the connection itself has spent still counts."""
    services.usage = MemoryUsage()
    services.usage.broken = True
    connection = connect(pointsPerHour=4)
    _spend(connection, 4)
    assert connection.execute("getIssue", _READ, {}, {})["error"]["code"] == "budget_spent"
