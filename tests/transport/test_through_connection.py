"""What the traffic layer does for a whole connection, over real sockets against the simulator."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import urllib3

from tests.memoryhost import settings_for
from tests.sharedstate import MemoryShared
from vantage_jira_plugin.connection import Connection
from vantage_jira_plugin.settings import load_settings
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


# ---- failures -------------------------------------------------------------------------------

_PASSING = [
    pytest.param(Fault("answer", status=503), id="503"),
    pytest.param(Fault("answer", status=502, body=b""), id="502"),
    pytest.param(Fault("answer", status=504, body=b""), id="504"),
    pytest.param(Fault("reset"), id="reset"),
    pytest.param(Fault("lost_answer"), id="lost-answer"),
    pytest.param(Fault("truncate"), id="truncate"),
    pytest.param(Fault("cut_json"), id="cut-json"),
    pytest.param(Fault("empty"), id="empty"),
]


@pytest.mark.parametrize("fault", _PASSING)
@pytest.mark.parametrize(
    ("action", "inputs", "path"),
    [
        ("getIssue", {"issueKey": "DEV-1"}, "/issue/DEV-1$"),
        ("searchIssues", {"jql": "project = DEV", "maxRows": 5}, "/search/jql$"),
    ],
)
def test_a_read_that_failed_for_the_moment_is_repeated(connection, sim, slept, fault, action, inputs, path):
    """Two failures, then the answer: the caller sees the answer, and in usage what it took."""
    sim.faults.add(replace(fault, path=path, times=2))
    envelope, sent = _asked(sim, lambda: connection.execute(action, inputs, {}, {}))
    assert "error" not in envelope
    assert len(sent) == 3
    assert slept == [0.25, 0.5]
    usage = envelope["output1"]["metadata"]["usage"]
    assert (usage["requests"], usage["retries"], usage["waitedSeconds"]) == (3, 2, pytest.approx(0.75, abs=0.2))


@pytest.mark.parametrize("fault", _PASSING)
def test_a_read_that_fails_for_good_is_given_up(connection, sim, slept, fault):
    """Five requests, and no sixth; the message says how often it was tried."""
    sim.faults.add(replace(fault, path="/issue/DEV-1$", times=None))
    envelope, sent = _asked(sim, lambda: _read(connection))
    assert envelope["error"]["retryable"]
    assert "(tried 5 times)" in envelope["error"]["message"]
    assert len(sent) == 5
    assert slept == [0.25, 0.5, 1.0, 2.0]


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Fault("answer", status=500, body=b"oops"), id="500"),
        pytest.param(Fault("answer", status=400, body={"errorMessages": ["No."]}), id="400"),
        pytest.param(Fault("html"), id="login-page"),
    ],
)
def test_a_read_that_is_refused_for_good_is_not_repeated(connection, sim, slept, fault):
    """What would be the same the next moment is told at once."""
    sim.faults.add(replace(fault, path="/issue/DEV-1$", times=None))
    envelope, sent = _asked(sim, lambda: _read(connection))
    assert "tried" not in envelope["error"]["message"]
    assert len(sent) == 1
    assert slept == []


_WRITES = [
    ("createIssue", _CREATE, "POST", "/issue$"),
    ("addComment", {"issueKey": "DEV-1", "body": "x"}, "POST", "/comment$"),
    ("updateIssue", {"issueKey": "DEV-1", "summary": "x"}, "PUT", "/issue/DEV-1$"),
]


@pytest.mark.parametrize(
    ("action", "inputs", "method", "path", "fault"),
    [
        pytest.param(*write, *fault.values, id=f"{write[0]}-{fault.id}")
        for write in _WRITES
        for fault in _PASSING
        if write[0] != "updateIssue" or fault.id not in {"cut-json", "empty"}  # its answer has no body
    ],
)
def test_a_write_that_may_have_acted_is_not_repeated(connection, sim, slept, action, inputs, method, path, fault):
    """One request, whatever became of its answer; nobody is told to repeat it."""
    sim.faults.add(replace(fault, method=method, path=path, times=None))
    envelope = connection.execute(action, inputs, {}, {})
    assert not envelope["error"]["retryable"]
    assert sum(entry.method == method for entry in sim.requests_to("/rest/api/3/issue")) == 1
    assert slept == []


def test_a_write_that_never_left_is_repeated(connection, connect, sim, slept, monkeypatch):
    """A connection that is refused cannot have acted: the write goes when somebody listens again, once."""
    opened, open_socket = [], urllib3.util.connection.create_connection

    def refuse_twice(*args, **more):
        opened.append(args)
        if len(opened) <= 2:
            raise ConnectionRefusedError
        return open_socket(*args, **more)

    before = len(sim.site.issues)
    monkeypatch.setattr(urllib3.util.connection, "create_connection", refuse_twice)
    envelope = connect().execute("createIssue", _CREATE, {}, {})
    assert "output1" in envelope
    assert slept == [0.25, 0.5]
    assert len(sim.site.issues) == before + 1


def test_a_write_that_can_never_leave_is_given_up(connection, sim, services, slept):
    """After five attempts it is a network failure, and nothing has happened."""
    services.api_url = "http://127.0.0.1:1"
    error = connection.execute("createIssue", _CREATE, {}, {})["error"]
    assert (error["code"], error["retryable"]) == ("network", True)
    assert "(tried 5 times)" in error["message"]
    assert slept == [0.25, 0.5, 1.0, 2.0]


def test_an_outage_that_names_its_end_is_waited_for(connection, sim, slept):
    """`Retry-After` of a 503 is kept."""
    sim.faults.add(Fault("answer", path="/issue/DEV-1$", status=503, headers={"Retry-After": "9"}, times=2))
    envelope, sent = _asked(sim, lambda: _read(connection))
    assert "output1" in envelope
    assert slept == [9.0, 9.0]
    assert sent[1].received_at - sent[0].received_at >= 9


@pytest.mark.parametrize("seconds", ["20", "60", "3600"])
def test_an_outage_longer_than_the_callers_patience_is_told(connection, sim, slept, seconds):
    """The caller is not kept, and learns when to come again."""
    sim.faults.add(Fault("answer", path="/issue/DEV-1$", status=503, headers={"Retry-After": seconds}))
    envelope, sent = _asked(sim, lambda: _read(connection, timeoutSeconds=10))
    assert (envelope["error"]["code"], envelope["error"]["retryAfter"]) == ("jira_unavailable", float(seconds))
    assert len(sent) == 1
    assert slept == []


def test_the_patience_bounds_the_repeats(sim, services):
    """With 3 s to wait, repeats end before; the waits count, and the error is the last answer's."""
    clock, slept = sim.clock, []

    def sleep(seconds):
        slept.append(seconds)
        clock.advance(seconds)

    raw = settings_for(sim.grant(), sim.client_id)
    connection = Connection(
        load_settings(raw, services.open_record),
        services,
        sleep=sleep,
        jitter=lambda: 1.0,
        clock=clock,
        monotonic=clock,
    )
    connection.authenticate()
    sim.faults.add(Fault("answer", path="/issue/DEV-1$", status=503, times=None))
    began_at = clock()
    envelope = _read(connection, timeoutSeconds=3)
    assert envelope["error"]["code"] == "jira_unavailable"
    assert slept == [0.25, 0.5, 1.0]
    assert clock() - began_at < 3
