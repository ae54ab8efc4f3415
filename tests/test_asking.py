"""What is asked again, and what is not, over real sockets against the simulator."""

from __future__ import annotations

from dataclasses import replace

import pytest
import urllib3

from tests.memoryhost import settings_for
from vantage_jira_plugin.connection import Connection
from vantage_jira_plugin.settings import load_settings
from vantage_jira_plugin.simulator import Fault

_CREATE = {"projectKey": "DEV", "issueType": "Bug", "summary": "It breaks"}


@pytest.fixture
def connection(connect):
    """A connection that knows its site."""
    made = connect()
    made.authenticate()
    return made


def _read(connection, **context):
    return connection.execute("getIssue", {"issueKey": "DEV-1"}, {}, context)


def _asked(sim, act):
    """Return what an act answers, and the requests that it sent."""
    before = len(sim.requests)
    answer = act()
    return answer, sim.requests[before:]


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
