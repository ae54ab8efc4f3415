"""What a connection tells the host's count of the calls that it makes."""

from __future__ import annotations

import pytest

from tests.actions.test_contract import GOOD
from tests.clockhour import advance_to
from tests.memoryusage import MemoryUsage
from vantage_jira_plugin.host.database import Database
from vantage_jira_plugin.host.home import Home
from vantage_jira_plugin.host.usage_store import SqlUsageStore
from vantage_jira_plugin.points import HOUR_SECONDS
from vantage_jira_plugin.simulator import Fault

pytestmark = pytest.mark.usefixtures("early_in_the_hour")

_CREATE = {"projectKey": "DEV", "issueType": "Bug", "summary": "It breaks"}
_READ = {"issueKey": "DEV-1", "fields": "summary"}


def test_every_call_is_counted_with_all_that_is_known_of_it(connect, services, sim):
    """Good calls and failed ones, with whose they were, where they went, and what they cost."""
    services.usage = MemoryUsage()
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
    services.usage = MemoryUsage(before=5)
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
    services.usage = MemoryUsage()
    sim.faults.add(Fault("answer", path="/issue/", status=429, headers={"Retry-After": "1"}))
    connection = connect()
    connection.authenticate()
    connection.execute("getIssue", _READ, {}, {})
    entry = services.usage.entries[-1]
    assert (entry["requests"], entry["retries"], entry["points"]) == (2, 1, 2)
    assert entry["waitedSeconds"] == pytest.approx(1.0, abs=0.5)  # less by what the machine took meanwhile


def test_every_attempt_that_jira_answered_costs(connect, services, sim):
    """An answer that cannot be read has its base point, and is asked for again."""
    services.usage = MemoryUsage()
    connection = connect()
    connection.authenticate()
    sim.faults.add(Fault("cut_json", path="/issue/"))
    connection.execute("getIssue", _READ, {}, {})
    entry = services.usage.entries[-1]
    assert (entry["requests"], entry["retries"], entry["points"]) == (2, 1, 3)


def test_an_answer_that_outlived_a_renewal_costs_twice(connect, services, sim):
    """A 404 of a token that may have expired is asked for again; both answers were Jira's."""
    services.usage = MemoryUsage()
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
    services.usage = MemoryUsage()
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
    services.usage = MemoryUsage()
    sim.faults.add(Fault("answer", path="accessible-resources", status=400))
    assert "error" in connect().execute("listSites", {}, {}, {})
    (entry,) = services.usage.entries
    assert (entry["code"], entry["requests"], entry["points"]) == ("jira_invalid", 1, 0)


def test_looking_after_the_login_is_counted(connect, services, sim):
    """`vantage_authenticate` reads the sites and the account: two requests, three points, of no run."""
    services.usage = MemoryUsage()
    assert connect().authenticate()["status"] == "connected"
    (entry,) = services.usage.entries
    assert (entry["action"], entry["runId"], entry["priority"]) == ("authenticate", None, "interactive")
    assert (entry["cloudId"], entry["code"]) == (sim.site.cloud_id, None)
    assert (entry["requests"], entry["points"]) == (len(sim.requests), sim.limits.points_used) == (2, 3)


def test_a_login_that_is_gone_is_counted_as_a_failure(connect, services):
    """By the code that its answer has."""
    services.usage = MemoryUsage()
    connection = connect(grant={})
    assert connection.authenticate()["status"] == "reconnect"
    (entry,) = services.usage.entries
    assert (entry["action"], entry["code"], entry["points"]) == ("authenticate", "reconnect", 0)


def test_a_count_that_fails_is_told_with_the_login(connect, services):
    """It is connected, with one warning."""
    services.usage = MemoryUsage()
    services.usage.broken = True
    result = connect().authenticate()
    assert (result["status"], result["warnings"]) == ("connected", ["the host could not count what this call used"])


def test_a_failing_count_fails_no_action(connect, services, caplog):
    """The rows come, with one warning, and nothing of what the store said is shown."""
    services.usage = MemoryUsage()
    services.usage.broken = True
    for settings in ({}, {"pointsPerHour": 100}):
        caplog.clear()
        envelope = connect(**settings).execute("getIssue", _READ, {}, {})
        assert envelope["output1"]["metadata"]["warnings"] == ["the host could not count what this call used"]
        assert "hunter2" not in caplog.text + str(envelope)
        assert "what an action used could not be counted (OSError)" in caplog.messages


@pytest.fixture
def host_usage(tmp_path):
    """The reference host's count."""
    database = Database.from_environment({}, Home(tmp_path))
    yield SqlUsageStore(database)
    database.close()


def test_the_host_adds_up_what_jira_has_charged(connect, services, sim, host_usage):
    """Requests and points of each hour: of the login, every action, repetitions, failures and dry runs."""
    services.usage = host_usage
    advance_to(sim.clock, 60)
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
    advance_to(sim.clock, 30)  # by more than the token lives
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
