"""What the traffic layer does for a whole connection, over real sockets against the simulator."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from tests.sharedstate import MemoryShared
from vantage_jira_plugin.simulator import Fault

_CREATE = {"projectKey": "DEV", "issueType": "Bug", "summary": "It breaks"}
_ISSUE = "/rest/api/3/issue/{issueIdOrKey}"


@pytest.fixture
def connection(connect):
    """A connection that knows its site."""
    made = connect()
    made.authenticate()
    return made


def _read(connection, key="DEV-1", **context):
    return connection.execute("getIssue", {"issueKey": key}, {}, context)


def _update(connection, key="DEV-1", **context):
    return connection.execute("updateIssue", {"issueKey": key, "summary": "x"}, {}, context)


def _asked(sim, act):
    """Return what an act answers, and the requests that it sent."""
    before = len(sim.requests)
    answer = act()
    return answer, sim.requests[before:]


# ---- limits ---------------------------------------------------------------------------------


@pytest.mark.parametrize("scope", ["global", "tenant"])
@pytest.mark.usefixtures("early_in_the_hour")
def test_an_hourly_quota_that_is_spent(connection, sim, slept, scope):
    """The first call is refused; the second sends nothing and says until when; in the next hour it works."""
    sim.limits.points_scope = scope
    sim.limits.points_per_hour = 0
    first, sent = _asked(sim, lambda: _read(connection))
    assert (first["error"]["code"], [entry.status for entry in sent]) == ("rate_limited", [429])
    for act in (lambda: _read(connection), lambda: _update(connection, "OPS-1")):
        answer, sent = _asked(sim, act)
        error = answer["error"]
        assert sent == []
        assert (error["code"], error["status"], error["retryable"]) == ("rate_limited", 429, True)
        assert f"jira-quota-{scope}-based" in error["message"]
        assert "nothing was sent" in error["message"]
        assert re.search(r"closed everything .* until ([0-9-]+ )?\d\d:00:0\d UTC", error["message"])
        assert 0 < error["retryAfter"] <= 3600
    sim.limits.reset()
    sim.clock.advance(error["retryAfter"] + 1)
    assert "output1" in _read(connection)
    assert slept == []


@pytest.mark.usefixtures("early_in_the_hour")
def test_a_quota_that_is_spent_holds_every_worker(connect, sim, services, slept):
    """Where the host shares state, another worker sends nothing either."""
    services.shared = MemoryShared()
    first, second = connect(), connect()
    first.authenticate()
    second.authenticate()
    sim.limits.points_per_hour = 0
    assert _read(first)["error"]["code"] == "rate_limited"
    answer, sent = _asked(sim, lambda: _read(second))
    assert (answer["error"]["code"], sent) == ("rate_limited", [])
    assert slept == []


def test_a_refusal_of_one_issue_leaves_the_others_alone(connection, sim, slept):
    """Writes to the refused issue wait; writes to another, and reads of it, do not."""
    refused = {"RateLimit-Reason": "jira-per-issue-on-write", "Retry-After": "20"}
    sim.faults.add(Fault("answer", method="PUT", path="/issue/DEV-1$", status=429, headers=refused))
    assert _update(connection, timeoutSeconds=5)["error"]["retryAfter"] == 20
    assert "output1" in _update(connection, "DEV-2")
    assert "output1" in _read(connection)
    answer, sent = _asked(sim, lambda: _update(connection, timeoutSeconds=5))
    assert ("jira-per-issue-on-write" in answer["error"]["message"], sent) == (True, [])
    assert slept == []
    assert "output1" in _update(connection)
    assert slept == [pytest.approx(20, abs=1)]


def test_only_the_limited_endpoint_waits(connection, sim, slept):
    """A refused read of an issue leaves searches alone; it is sent again when its window opens."""
    sim.faults.add(Fault("answer", method="GET", path="/issue/", status=429, headers={"Retry-After": "30"}))
    assert _read(connection, timeoutSeconds=5)["error"]["code"] == "rate_limited"
    assert "output1" in connection.execute("searchIssues", {"jql": "project = DEV"}, {}, {})
    assert slept == []
    assert "output1" in _read(connection)
    assert slept == [pytest.approx(30, abs=1)]
    assert [entry for entry in sim.requests if entry.closed_window] == []


@pytest.mark.parametrize("announces", [True, False])
def test_threads_share_one_pace(connect, sim, announces):
    """Sixteen threads through ten per second: every read answers, and few requests are refused."""
    connection = connect(maxInFlight=16)
    connection.authenticate()
    sim.limits.burst("GET", _ISSUE, 10, 10, 5, announces=announces)
    began_at = sim.clock()
    with ThreadPoolExecutor(16) as pool:
        envelopes = list(pool.map(lambda _: _read(connection), range(120)))
    assert [envelope["error"] for envelope in envelopes if "error" in envelope] == []
    sent = sim.requests_to("/rest/api/3/issue")
    # Of each refusal, those on their way are refused with it; here a wait of one thread moves the clock of all.
    assert len(sent) <= 120 + 40
    assert sum(entry.closed_window for entry in sent) <= 16
    assert sim.clock() - began_at >= 10


def test_a_gateway_that_names_only_the_reset(connection, sim, slept):
    """A 429 without `Retry-After` closes until `X-RateLimit-Reset`."""
    at = int(sim.clock()) + 30
    reset = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    headers = {"X-RateLimit-Reset": reset, "X-RateLimit-Limit": "360000", "X-RateLimit-Remaining": "0"}
    sim.faults.add(Fault("answer", path="/issue/", status=429, headers=headers))
    assert "output1" in _read(connection)
    assert slept[0] == pytest.approx(30, abs=2)
    assert sim.requests[-1].received_at >= at


@pytest.mark.parametrize("retry_after", ["99999999999999", "1e300"])
def test_a_nonsensical_time_is_an_answer_not_a_traceback(connection, sim, slept, retry_after):
    """The limit is told, whatever moment that would be."""
    sim.faults.add(Fault("answer", path="/issue/", status=429, headers={"Retry-After": retry_after}))
    for _ in range(2):
        assert _read(connection)["error"]["code"] == "rate_limited"
    assert slept == []


@pytest.mark.parametrize("places", [1, 8])
@pytest.mark.parametrize("reason", ["jira-burst-based", "jira-quota-tenant-based"])
def test_a_token_that_expires_during_a_wait_is_renewed(connect, sim, places, reason):
    """All that waited go out with a new token: those that slept, those behind them, and with a single place, too."""
    connection = connect(maxInFlight=places)
    sim.clock.advance(2 * 3600)
    sim.access_token_seconds = 100
    assert "output1" in _read(connection)
    sim.clock.advance(70)
    refused = {"Retry-After": "50", "RateLimit-Reason": reason}
    sim.faults.add(Fault("answer", path="/issue/", status=429, headers=refused))
    assert _read(connection, timeoutSeconds=5)["error"]["code"] == "rate_limited"
    sim.clear_requests()
    with ThreadPoolExecutor(8) as pool:
        envelopes = list(pool.map(lambda _: _read(connection, timeoutSeconds=290), range(8)))
    assert [envelope["error"] for envelope in envelopes if "error" in envelope] == []
    assert [entry.status for entry in sim.requests_to("/rest/api/3/issue")] == [200] * 8
    assert len(sim.token_requests) == 1
