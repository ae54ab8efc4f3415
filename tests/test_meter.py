from __future__ import annotations

import threading

import pytest

from tests.actions.test_contract import GOOD
from vantage_jira_plugin.host.database import Database
from vantage_jira_plugin.host.home import Home
from vantage_jira_plugin.host.usage_store import SqlUsageStore
from vantage_jira_plugin.meter import Account, Meter
from vantage_jira_plugin.points import HOUR_SECONDS, Spent, Work
from vantage_jira_plugin.settings import Settings
from vantage_jira_plugin.simulator import Fault
from vantage_jira_plugin.transport.budget import Budget

#: 2026-01-31 09:30 UTC, half an hour before an hour ends.
_NOW = 1_769_851_800.0
_HALF_HOUR = 1800.0
_CREATE = {"projectKey": "DEV", "issueType": "Bug", "summary": "It breaks"}
_READ = {"issueKey": "DEV-1", "fields": "summary"}
_BACKGROUND = {"priority": "background"}


class Store:
    """A host's count, which may be out of order."""

    def __init__(self, *, before=0):
        self.entries = []
        self.before = before
        self.broken = False
        self.asked = []

    def add(self, entry):
        self._check()
        self.entries.append(entry)

    def points(self, *, client_id, cloud_id=None, run_id=None, since=None):
        self._check()
        self.asked.append((client_id, cloud_id, run_id, since))
        return self.before + sum(
            entry["points"]
            for entry in self.entries
            if (cloud_id is None or entry["cloudId"] == cloud_id)
            and (run_id is None or entry["runId"] == run_id)
            and (since is None or entry["at"] >= since)
        )

    def _check(self):
        if self.broken:
            raise OSError("postgresql://vantage:hunter2@db is down")


def _settings(**budgets):
    return Settings("service", "client", "credential", seed=None, **budgets)


def _entry(points, *, at=_NOW, cloud_id="c-1", run_id=None):
    return {"at": at, "cloudId": cloud_id, "runId": run_id, "points": points}


def _account(meter=None, points=0, run_id=None, clock=lambda: _NOW, **budgets):
    account = Account(_settings(**budgets), meter or Meter(None, "client"), Budget(), Work(run_id), clock=clock)
    account.spend(points)
    return account


def _end(account, code=None):
    account.end(action="searchIssues", cloud_id="c-1", site="s", code=code)


class Clock:
    """A clock that a test sets."""

    def __init__(self):
        self.now = _NOW

    def __call__(self):
        return self.now


def _usage(envelope):
    return envelope["output1"]["metadata"]["usage"]


# ---- the meter ------------------------------------------------------------------------------


def test_the_connections_own_meter_counts_by_hour_site_and_run():
    """A new hour begins at nothing, a run goes on, and another site is another matter."""
    meter = Meter(None, "client")
    meter.end(_account(), [_entry(5, run_id="run-1")])
    meter.end(_account(), [_entry(7)])
    meter.end(_account(), [_entry(11, cloud_id="c-2", run_id="run-1")])
    assert meter.spent("c-1", "run-1", now=_NOW) == (Spent(12, 16), True)
    assert meter.spent("c-2", None, now=_NOW + _HALF_HOUR - 1) == (Spent(11, 0), True)
    assert meter.spent("c-1", "run-1", now=_NOW + _HALF_HOUR) == (Spent(0, 16), True)
    assert meter.spent("c-1", "run-2", now=_NOW) == (Spent(0, 0), True)


def test_it_remembers_a_bounded_number_of_runs():
    """The run that rested longest is forgotten, not the one in use."""
    meter = Meter(None, "client")
    for run_id in ["kept", *(f"run-{number}" for number in range(999)), "kept", "one more"]:
        meter.end(_account(), [_entry(1, run_id=run_id)])
    assert meter.spent("c-1", "kept", now=_NOW)[0].in_run == 2
    assert meter.spent("c-1", "run-0", now=_NOW)[0].in_run == 0
    assert meter.spent("c-1", "run-1", now=_NOW)[0].in_run == 1


def test_what_is_under_way_counts():
    """Another thread's search spends while it runs, not only when it has ended; then it counts once."""
    meter = Meter(None, "client")
    running = _account(meter, points=30, run_id="run-1")
    running.begin()
    assert meter.spent("c-1", "run-1", now=_NOW)[0] == Spent(30, 30)
    assert meter.spent("c-1", "run-2", now=_NOW)[0] == Spent(30, 0)
    _end(running)
    assert meter.spent("c-1", "run-1", now=_NOW)[0] == Spent(30, 30)


def test_each_hour_is_charged_with_the_answers_that_came_in_it():
    """What a call spent before the turn of the hour is not the new hour's, while it runs and after; the run has all."""
    meter, clock = Meter(None, "client"), Clock()
    running = _account(meter, points=30, run_id="run-1", clock=clock)
    running.begin()
    clock.now += _HALF_HOUR
    assert meter.spent("c-1", "run-1", now=clock.now)[0] == Spent(0, 30)
    running.spend(4)
    running.spend(3)
    assert meter.spent("c-1", "run-1", now=clock.now)[0] == Spent(7, 37)
    _end(running)
    assert meter.spent("c-1", "run-1", now=clock.now)[0] == Spent(7, 37)


def test_what_is_set_aside_is_not_there_for_others():
    """Each request gets what is left at most, until the one before gives back what it did not spend."""
    account = _account(points_per_hour=10)
    assert account.reserve(100) == 100  # as long as nobody has looked at the meter, no budget is known
    account.release(100)
    assert account.refusal("c-1") is None
    assert [account.reserve(6), account.reserve(6), account.reserve(6)] == [6, 4, 0]
    assert account.left == 0
    account.spend(2)
    account.release(6)
    assert account.left == 4
    account.spend(4)
    account.release(4)
    assert account.left == 4
    account.release(0)
    assert account.reserve(9) == 4


def test_without_a_budget_as_much_is_set_aside_as_is_wanted():
    """Nothing is left over and nothing runs out."""
    account = _account()
    assert account.refusal("c-1") is None
    assert (account.reserve(5000), account.left) == (5000, None)


def test_threads_never_set_aside_more_than_there_is():
    """However they come together, all of it is given once."""
    account = _account(points_per_hour=1000)
    account.refusal("c-1")
    got = []

    def take():
        got.extend(account.reserve(3) for _ in range(100))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(got) == 1000
    assert account.left == 0


def test_what_is_spent_while_the_meter_is_read_counts(monkeypatch):
    """It may count twice until the next look, never not at all."""
    meter = Meter(None, "client")
    account = _account(meter, points=4, points_per_hour=10)
    account.begin()
    read = meter.spent

    def spend_meanwhile(*args, **more):
        told = read(*args, **more)
        account.spend(5)
        return told

    monkeypatch.setattr(meter, "spent", spend_meanwhile)
    assert account.refusal("c-1") is None
    assert account.left <= 1
    monkeypatch.undo()
    assert account.refusal("c-1") is None
    assert account.left == 1


def test_what_ends_late_does_not_reach_the_new_hour():
    """A call of the old hour that is counted when others are in the new one already stays the old one's."""
    meter = Meter(None, "client")
    assert meter.spent("c-1", None, now=_NOW + _HALF_HOUR)[0] == Spent()
    meter.end(_account(), [_entry(5, run_id="run-1")])
    assert meter.spent("c-1", "run-1", now=_NOW + _HALF_HOUR)[0] == Spent(0, 5)


def test_a_call_over_the_turn_of_the_hour_is_told_by_hours():
    """An entry for each hour with its own part; the call and its failure are the last one's, when it ended."""
    store, clock, budget = Store(), Clock(), Budget()
    account = Account(_settings(), Meter(store, "client"), budget, Work("run-1"), clock=clock)
    for later, requests, waited_seconds, points in ((0, 2, 0.0, 5), (1, 1, 0.5, 7), (2 * HOUR_SECONDS, 4, 0.25, 9)):
        clock.now += later
        budget.requests += requests
        budget.waited_seconds += waited_seconds
        account.spend(points)
    clock.now += HOUR_SECONDS
    budget.requests += 1
    budget.retries += 1
    _end(account, code="jira_unavailable")
    names = ("at", "calls", "requests", "points", "retries", "waitedSeconds", "code")
    assert [tuple(entry[name] for name in names) for entry in store.entries] == [
        (_NOW + 1, 0, 3, 12, 0, 0.5, None),
        (_NOW + 1 + 2 * HOUR_SECONDS, 0, 4, 9, 0, 0.25, None),
        (_NOW + 1 + 3 * HOUR_SECONDS, 1, 1, 0, 1, 0.0, "jira_unavailable"),
    ]
    assert {(entry["action"], entry["runId"], entry["cloudId"]) for entry in store.entries} == {
        ("searchIssues", "run-1", "c-1")
    }


def test_a_call_that_begins_before_the_turn_and_spends_after_it_has_one_entry():
    """An hour in which nothing was answered has no part."""
    store, clock = Store(), Clock()
    account = Account(_settings(), Meter(store, "client"), Budget(), Work(), clock=clock)
    account.begin()
    clock.now += _HALF_HOUR
    account.spend(2)
    _end(account)
    assert [(entry["at"], entry["calls"], entry["points"]) for entry in store.entries] == [(clock.now, 1, 2)]


def test_a_clock_that_is_set_back_takes_nothing_from_an_hour():
    """Parts never become negative; what comes after counts in the hour that had begun."""
    store, clock = Store(), Clock()
    account = _account(Meter(store, "client"), points=5, clock=clock)
    clock.now += _HALF_HOUR
    account.spend(7)
    clock.now -= 60
    account.spend(9)
    _end(account)
    assert [(entry["at"], entry["points"]) for entry in store.entries] == [(_NOW, 5), (_NOW + _HALF_HOUR, 16)]


def test_the_hosts_count_is_asked_where_there_is_one():
    """By app and site since the hour began, and by app and run, whichever site."""
    store = Store(before=40)
    meter = Meter(store, "client")
    meter.end(_account(), [_entry(2)])
    assert meter.spent("c-1", "run-1", now=_NOW) == (Spent(42, 40), True)
    assert store.asked == [("client", "c-1", None, _NOW - _HALF_HOUR), ("client", None, "run-1", None)]


def test_without_the_hosts_count_the_connections_own_serves(caplog):
    """A store that fails is told by its error's name, since its text may hold a password."""
    store = Store(before=40)
    meter = Meter(store, "client")
    store.broken = True
    assert meter.end(_account(), [_entry(2)]) is False
    assert meter.spent("c-1", None, now=_NOW) == (Spent(2, 0), False)
    assert caplog.messages == [
        "what an action used could not be counted (OSError)",
        "what is spent could not be read (OSError)",
    ]


def test_many_threads_count_every_point():
    """Nothing is lost or counted twice."""
    meter = Meter(None, "client")

    def work():
        for _ in range(200):
            account = _account(meter, points=1, run_id="run-1")
            account.begin()
            _end(account)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert meter.spent("c-1", "run-1", now=_NOW)[0] == Spent(1600, 1600)


def test_an_account_knows_what_is_left_as_it_spends():
    """What the last look at the meter left, less what was spent since."""
    account = _account(points_per_hour=10)
    assert account.left is None
    account.begin()
    assert account.refusal("c-1") is None
    assert account.left == 10
    account.spend(4)
    assert account.left == 6
    account.spend(10)
    assert account.left == 0
    assert account.refusal("c-1").code == "budget_spent"


def test_an_account_knows_whether_a_budget_applies():
    """Without one the meter is not asked."""
    assert not _account().limited
    assert _account(points_per_hour=5).limited
    assert not _account(points_per_run=5).limited
    assert _account(points_per_run=5, run_id="run-1").limited
    assert _account().refusal("c-1") is None


# ---- connections ----------------------------------------------------------------------------


def _advance_to(sim, second):
    """Move the simulator's clock to that second of a UTC hour, of the next one where this one is past it."""
    sim.clock.advance((second - sim.clock()) % HOUR_SECONDS)


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


@pytest.mark.parametrize("store", [None, Store], ids=["alone", "with the host's count"])
def test_a_search_over_the_turn_of_the_hour_spends_from_both(connect, services, sim, store):
    """The pages before the turn leave the new hour's budget alone; the host is told both parts."""
    services.usage = store and store()
    connection = connect(pointsPerHour=5)
    _advance_to(sim, HOUR_SECONDS - 10)
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
    services.usage = Store()
    one, other = connect(pointsPerHour=4), connect(pointsPerHour=4)
    _spend(one, 4)
    before = len(sim.requests)
    assert other.execute("getIssue", _READ, {}, {})["error"]["code"] == "budget_spent"
    assert len(sim.requests) == before


def test_every_call_is_counted_with_all_that_is_known_of_it(connect, services, sim):
    """Good calls and failed ones, with whose they were, where they went, and what they cost."""
    services.usage = Store()
    connection = connect()
    connection.execute("keepAlive", {"idleDays": 0}, {}, {})
    services.usage.entries.clear()
    connection.execute("getIssue", _READ, {}, {"runId": "run-1", "priority": "background"})
    connection.execute("getIssue", {"issueKey": "DEV-999999"}, {}, {})
    good, bad = services.usage.entries
    assert good.pop("at") == pytest.approx(sim.clock(), abs=30)
    assert good == {
        "credentialId": "credential_123456",
        "clientId": sim.client_id,
        "cloudId": sim.site.cloud_id,
        "site": sim.site.url,
        "action": "getIssue",
        "runId": "run-1",
        "priority": "background",
        "calls": 1,
        "requests": 2,
        "points": 2,
        "retries": 0,
        "waitedSeconds": 0.0,
        "code": None,
    }
    assert (bad["code"], bad["requests"], bad["points"]) == ("not_found", 1, 1)
    assert (bad["runId"], bad["priority"]) == (None, "interactive")


def test_what_never_reached_the_client_is_not_counted(connect, services):
    """Wrong inputs and unknown actions are no use of anything; a refused budget is counted at no cost."""
    services.usage = Store(before=5)
    connection = connect(pointsPerHour=5)
    connection.execute("getIssue", {}, {}, {})
    connection.execute("getIssues", {}, {}, {})
    error = connection.execute("getIssue", _READ, {}, {"priority": "later"})["error"]
    assert (error["code"], list(error["errors"])) == ("input_invalid", ["priority"])
    assert services.usage.entries == []
    connection.authenticate()
    services.usage.entries.clear()
    connection.execute("getIssue", _READ, {}, {})
    (refused,) = services.usage.entries
    assert (refused["code"], refused["requests"], refused["points"]) == ("budget_spent", 0, 0)


def test_a_refusal_by_jira_costs_no_points(connect, services, sim):
    """A 429 that is waited for is a request and a retry, and free."""
    services.usage = Store()
    sim.faults.add(Fault("answer", path="/issue/", status=429, headers={"Retry-After": "1"}))
    connection = connect()
    connection.authenticate()
    connection.execute("getIssue", _READ, {}, {})
    entry = services.usage.entries[-1]
    assert (entry["requests"], entry["retries"], entry["points"], entry["waitedSeconds"]) == (2, 1, 2, 1.0)


def test_every_attempt_that_jira_answered_costs(connect, services, sim):
    """An answer that cannot be read has its base point, and is asked for again."""
    services.usage = Store()
    connection = connect()
    connection.authenticate()
    sim.faults.add(Fault("cut_json", path="/issue/"))
    connection.execute("getIssue", _READ, {}, {})
    entry = services.usage.entries[-1]
    assert (entry["requests"], entry["retries"], entry["points"]) == (2, 1, 3)


def test_an_answer_that_outlived_a_renewal_costs_twice(connect, services, sim):
    """A 404 of a token that may have expired is asked for again; both answers were Jira's."""
    services.usage = Store()
    connection = connect()
    connection.authenticate()
    before = sim.limits.points_used
    assert "error" in connection.execute("getIssue", {"issueKey": "DEV-999999"}, {}, {})
    entry = services.usage.entries[-1]
    assert (entry["requests"], entry["retries"], entry["points"]) == (3, 1, 2)
    assert sim.limits.points_used - before == 2


@pytest.mark.parametrize("status", [401, 403, 404])
def test_what_the_gateway_says_of_an_old_token_is_free(connect, services, sim, status):
    """Only the answer to the new token is Jira's."""
    services.usage = Store()
    connection = connect()
    connection.authenticate()
    sim.expired_token_status = status
    sim.clock.advance(2 * HOUR_SECONDS)
    assert "output1" in connection.execute("getIssue", _READ, {}, {})
    entry = services.usage.entries[-1]
    assert (entry["requests"], entry["retries"], entry["points"]) == (3, 1, 2)
    assert sim.limits.points_used == 2


def test_what_is_not_asked_of_jira_costs_no_points(connect, services, sim):
    """The list of sites is the gateway's own, also where it is refused."""
    services.usage = Store()
    sim.faults.add(Fault("answer", path="accessible-resources", status=400))
    assert "error" in connect().execute("listSites", {}, {}, {})
    (entry,) = services.usage.entries
    assert (entry["code"], entry["requests"], entry["points"]) == ("jira_invalid", 1, 0)


def test_looking_after_the_login_is_counted(connect, services, sim):
    """`vantage_authenticate` reads the sites and the account: two requests, three points, of no run."""
    services.usage = Store()
    assert connect().authenticate()["status"] == "connected"
    (entry,) = services.usage.entries
    assert (entry["action"], entry["runId"], entry["priority"]) == ("authenticate", None, "interactive")
    assert (entry["cloudId"], entry["code"]) == (sim.site.cloud_id, None)
    assert (entry["requests"], entry["points"]) == (len(sim.requests), sim.limits.points_used) == (2, 3)


def test_a_login_that_is_gone_is_counted_as_a_failure(connect, services):
    """By the code that its answer has."""
    services.usage = Store()
    connection = connect(grant={})
    assert connection.authenticate()["status"] == "reconnect"
    (entry,) = services.usage.entries
    assert (entry["action"], entry["code"], entry["points"]) == ("authenticate", "reconnect", 0)


def test_the_login_can_be_looked_after_whatever_is_spent(connect, services, sim):
    """No budget refuses it; what it spends counts all the same."""
    connection = connect(pointsPerHour=4)
    _spend(connection, 4)
    assert connection.authenticate()["status"] == "connected"
    error = connection.execute("getIssue", _READ, {}, {})["error"]
    assert "7 of the 4 points of this hour are spent" in error["message"]


def test_a_count_that_fails_is_told_with_the_login(connect, services):
    """It is connected, with one warning."""
    services.usage = Store()
    services.usage.broken = True
    result = connect().authenticate()
    assert (result["status"], result["warnings"]) == ("connected", ["the host could not count what this call used"])


def test_a_failing_count_fails_no_action(connect, services, caplog):
    """The rows come, with one warning, and nothing of what the store said is shown."""
    services.usage = Store()
    services.usage.broken = True
    for settings in ({}, {"pointsPerHour": 100}):
        caplog.clear()
        envelope = connect(**settings).execute("getIssue", _READ, {}, {})
        assert envelope["output1"]["metadata"]["warnings"] == ["the host could not count what this call used"]
        assert "hunter2" not in caplog.text + str(envelope)
        assert "what an action used could not be counted (OSError)" in caplog.messages


def test_a_count_that_cannot_be_read_is_told(connect, services, monkeypatch):
    """The budget then holds for this connection alone, and the warning says so."""

    def fail(**_):
        raise OSError("down")

    services.usage = Store()
    monkeypatch.setattr(services.usage, "points", fail)
    envelope = connect(pointsPerHour=4).execute("getIssue", _READ, {}, {})
    assert envelope["output1"]["metadata"]["warnings"] == [
        "the host could not say what is spent, so that only what this connection spent was counted"
    ]
    assert services.usage.entries[0]["points"] == 2


def test_a_budget_holds_while_the_hosts_count_fails(connect, services):
    """What the connection itself has spent still counts."""
    services.usage = Store()
    services.usage.broken = True
    connection = connect(pointsPerHour=4)
    _spend(connection, 4)
    assert connection.execute("getIssue", _READ, {}, {})["error"]["code"] == "budget_spent"


@pytest.fixture
def host_usage(tmp_path):
    """The reference host's count."""
    database = Database.from_environment({}, Home(tmp_path))
    yield SqlUsageStore(database)
    database.close()


def test_the_host_adds_up_what_jira_has_charged(connect, services, sim, host_usage):
    """Requests and points of each hour: of the login, every action, repetitions, failures and dry runs."""
    services.usage = host_usage
    _advance_to(sim, 60)
    connection = connect()
    connection.authenticate()
    for action, inputs in GOOD.items():
        assert "output1" in connection.execute(action, inputs, {}, {})
    sim.faults.add(
        Fault("answer", method="GET", path="/issue/", status=429, headers={"Retry-After": "1"}),
        Fault("answer", method="GET", path="/issue/", status=503),
        Fault("reset", method="GET", path="/issue/"),
        Fault("late_failure", method="PUT", path="/issue/", status=504),
    )
    assert "output1" in connection.execute("getIssue", _READ, {}, {})
    assert connection.execute("updateIssue", {"issueKey": "DEV-1", "summary": "x"}, {}, {})["error"]["code"]
    first = {"requests": len(sim.requests), "points": sim.limits.points_used}
    _advance_to(sim, 30)  # by more than the token lives
    for action, inputs in GOOD.items():
        assert "output1" in connection.execute(action, {**inputs, "dryRun": True}, {}, {})
    for action, inputs in {
        "getIssue": {"issueKey": "DEV-999999"},
        "updateIssue": {"issueKey": "DEV-999999", "summary": "x"},
        "searchIssues": {"jql": "nosuchfield = 1"},
        "createIssue": {**_CREATE, "issueType": "No such type"},
    }.items():
        assert connection.execute(action, inputs, {}, {})["error"]["status"] in {400, 404}
    second = {"requests": len(sim.requests) - first["requests"], "points": sim.limits.points_used}
    told = [{name: row[name] for name in first} for row in host_usage.totals(["hour"])]
    assert told == [second, first]
    assert min(first.values()) > 0 < min(second.values())
