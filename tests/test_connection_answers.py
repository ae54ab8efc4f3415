"""Connections against hostile answers, limits and lost answers, over real sockets."""

from __future__ import annotations

import json
import logging
from dataclasses import replace

import pytest

from vantage_jira_plugin.simulator import Fault

_CREATE = {"projectKey": "DEV", "issueType": "Bug", "summary": "It breaks"}
_SPRING = {
    "timestamp": "2026-10-08T00:00:00Z",
    "status": 404,
    "error": "Not Found",
    "message": "No tenant",
    "path": "/x",
}
_PROBLEM = {
    "type": "about:blank",
    "title": "Bad Request",
    "status": 400,
    "detail": "Failed to convert",
    "instance": "/x",
}
_HTML = {"Content-Type": "text/html"}
_HOSTILE = [
    pytest.param(Fault("html"), "jira_unavailable", "HTML page", id="html-200"),
    pytest.param(Fault("cut_json"), "jira_unavailable", "cut off", id="cut-json"),
    pytest.param(Fault("empty"), "jira_unavailable", "empty body", id="empty-200"),
    pytest.param(Fault("truncate"), "network", "connection broke", id="truncated"),
    pytest.param(Fault("reset"), "network", "connection broke", id="reset"),
    pytest.param(Fault("answer", status=404, body=_SPRING), "not_found", "No tenant", id="spring-404"),
    pytest.param(Fault("answer", status=400, body=_PROBLEM), "jira_invalid", "Failed to convert", id="problem-json"),
    pytest.param(Fault("answer", status=502, body=b"<html><title>Bad gateway</title>", headers=_HTML),
                 "jira_unavailable", "Bad gateway", id="html-502"),
    pytest.param(Fault("answer", status=503, body=b""), "jira_unavailable", "503", id="empty-503"),
    pytest.param(Fault("answer", status=500, body=b"oops"), "jira_unavailable", "oops", id="text-500"),
    pytest.param(Fault("answer", status=403, body={"code": 403, "message": "Forbidden"}), "forbidden", "Forbidden",
                 id="gateway-403"),
    pytest.param(Fault("answer", status=302, headers={"Location": "http://127.0.0.1:1/"}, body=b""),
                 "jira_unavailable", "302", id="redirect"),
    pytest.param(Fault("answer", status=200, body=b"[1, 2]"), "jira_unavailable", "another shape", id="array"),
    pytest.param(Fault("answer", status=200, body=b"null"), "jira_unavailable", "null", id="null"),
    pytest.param(Fault("answer", status=200, body={}), "jira_unavailable", "another shape", id="empty-object"),
    pytest.param(Fault("answer", status=410, body={"errorMessages": ["The requested API has been removed."]}),
                 "jira_invalid", "removed", id="gone"),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "code", "text"), _HOSTILE)
@pytest.mark.parametrize(
    ("action", "inputs", "path"),
    [
        ("getIssue", {"issueKey": "DEV-1"}, "/issue/"),
        ("searchIssues", {"jql": "project = DEV"}, "/search/jql"),
        ("getAccessibleProjects", {}, "/project/search"),
    ],
)
def test_hostile_answers_to_reads(connect, sim, fault, code, text, action, inputs, path):
    """Whatever answers in Jira's place, a read says so in words; never a traceback, never an empty table."""
    connection = connect()
    connection.authenticate()
    sim.faults.add(replace(fault, path=path, times=None))
    error = connection.execute(action, inputs, {}, {})["error"]
    assert (error["code"], text in error["message"]) == (code, True), error
    assert set(error) == {
        "code", "message", "action", "status", "retryable", "retryAfter", "errors", "hint", "traceId",
    }  # fmt: skip
    assert error["action"] == action


@pytest.mark.parametrize("kind", ["lost_answer", "truncate", "cut_json", "empty", "html"])
def test_a_lost_answer_to_a_create_is_an_unknown_outcome(connect, sim, kind):
    """The issue exists, its answer does not: unknown_outcome, one request, and no second issue."""
    connection = connect()
    connection.authenticate()
    before = len(sim.site.issues)
    sim.faults.add(Fault(kind, method="POST", path="/issue$"))
    error = connection.execute("createIssue", _CREATE, {}, {})["error"]
    assert (error["code"], error["retryable"]) == ("unknown_outcome", False)
    assert len(sim.requests_to("/rest/api/3/issue")) == 1
    assert len(sim.site.issues) == before + 1


def test_a_create_that_was_refused_with_429_is_repeated(connect, sim, slept):
    """A 429 comes before the request acts: the create waits, is sent again and happens once."""
    connection = connect()
    connection.authenticate()
    before = len(sim.site.issues)
    sim.faults.add(Fault("answer", method="POST", path="/issue$", status=429, headers={"Retry-After": "3"}))
    envelope = connection.execute("createIssue", _CREATE, {}, {})
    assert envelope["output1"]["metadata"]["usage"]["waitedSeconds"] == pytest.approx(3, abs=0.1)
    assert slept == [pytest.approx(3, abs=0.1)]
    assert len(sim.site.issues) == before + 1


def test_a_dead_network_before_sending_is_no_unknown_outcome(connect, sim, services):
    """A write that could not be sent says network, since it cannot have happened."""
    connection = connect()
    connection.authenticate()
    services.api_url = "http://127.0.0.1:1"
    error = connection.execute("createIssue", _CREATE, {}, {})["error"]
    assert (error["code"], error["retryable"]) == ("network", True)


def test_a_limit_longer_than_the_callers_patience(connect, sim, slept):
    """rate_limited at once, with the seconds, when the caller cannot wait as long."""
    connection = connect()
    connection.authenticate()
    sim.faults.add(Fault("answer", path="/issue/", status=429, headers={"Retry-After": "20"}))
    error = connection.execute("getIssue", {"issueKey": "DEV-1"}, {}, {"timeoutSeconds": 5})["error"]
    assert (error["code"], error["status"], error["retryAfter"], error["retryable"]) == ("rate_limited", 429, 20, True)
    assert slept == []


def test_an_answer_that_never_comes_ends_with_the_callers_patience(connect, sim):
    """timeoutSeconds bounds the wait for an answer."""
    connection = connect()
    connection.authenticate()
    sim.faults.add(Fault("slow", path="/issue/", delay_seconds=1.0))
    error = connection.execute("getIssue", {"issueKey": "DEV-1"}, {}, {"timeoutSeconds": 0.2})["error"]
    assert error["code"] == "network"
    assert "0.2 s" in error["message"]


def test_echoed_tokens_are_masked(connect, sim, caplog):
    """An answer that quotes the token back puts it in no envelope and no log."""
    caplog.set_level(logging.DEBUG)
    grant = sim.grant()
    token = grant["access_token"]
    connection = connect(grant=grant)
    for body in (f"denied: {token}".encode(), {"errorMessages": [f"bad {token}"], "errors": {"a": token}}):
        sim.faults.add(Fault("answer", path="/issue/", status=400, body=body))
        envelope = connection.execute("getIssue", {"issueKey": "DEV-1"}, {}, {})
        assert envelope["error"]["code"] == "jira_invalid"
        assert token not in json.dumps(envelope)
    assert token not in caplog.text


def test_no_redirect_is_followed(connect, sim):
    """A redirect to another host gets no request, and so no token."""
    connection = connect()
    connection.authenticate()
    before = len(sim.requests)
    sim.faults.add(Fault("answer", path="/issue/", status=302, headers={"Location": sim.auth_url + "/me"}, body=b""))
    assert connection.execute("getIssue", {"issueKey": "DEV-1"}, {}, {})["error"]["code"] == "jira_unavailable"
    assert len(sim.requests) == before + 1


def test_a_lost_create_is_found_by_its_key(connect, sim, slept):
    """With an idempotency key a lost answer is settled: the issue that was made is found and returned."""
    connection = connect()
    connection.authenticate()
    before = len(sim.site.issues)
    sim.faults.add(Fault("lost_answer", method="POST", path="/issue$"))
    envelope = connection.execute("createIssue", {**_CREATE, "idempotencyKey": "k-1"}, {}, {})
    assert "error" not in envelope, envelope
    (row,) = envelope["output1"]["data"]
    assert len(sim.site.issues) == before + 1
    assert (
        connection.execute("getIssue", {"issueKey": row["key"]}, {}, {})["output1"]["data"][0]["summary"] == "It breaks"
    )
    assert "was found by the property" in envelope["output1"]["metadata"]["warnings"][0]


def test_a_create_that_never_arrived_stays_unknown(connect, sim, slept):
    """Nothing is found for the key: unknown_outcome, and nothing is sent again."""
    connection = connect()
    connection.authenticate()
    before = len(sim.site.issues)
    sim.faults.add(Fault("reset", method="POST", path="/issue$"))
    error = connection.execute("createIssue", {**_CREATE, "idempotencyKey": "k-2"}, {}, {})["error"]
    assert error["code"] == "unknown_outcome"
    assert len(sim.site.issues) == before
    assert slept == [0.0, 2.0, 5.0]


@pytest.mark.parametrize("location", ["http://[", "http://\xff/", "//", ""])
def test_odd_redirects_are_no_tracebacks(connect, sim, location):
    """A Location that is no URL is not even looked at."""
    connection = connect()
    connection.authenticate()
    sim.faults.add(Fault("answer", path="/issue/", status=302, headers={"Location": location}, body=b""))
    assert connection.execute("getIssue", {"issueKey": "DEV-1"}, {}, {})["error"]["code"] == "jira_unavailable"


@pytest.mark.parametrize("body", [{"id": "1", "key": 5}, {"id": {"a": 1}, "key": None}, {"id": "", "key": ""}])
def test_an_unusable_answer_to_a_create_is_an_unknown_outcome(connect, sim, body):
    """An answer that names no issue is no success, and no traceback."""
    connection = connect()
    connection.authenticate()
    sim.faults.add(Fault("answer", method="POST", path="/issue$", status=201, body=body))
    assert connection.execute("createIssue", _CREATE, {}, {})["error"]["code"] == "unknown_outcome"


def test_lone_surrogates_in_answers_are_no_tracebacks(connect, sim):
    """Text that is no Unicode does not break a row."""
    connection = connect()
    connection.authenticate()
    issue = b'{"id": "1", "key": "DEV-\\ud800", "fields": {"summary": "\\ud800"}}'
    sim.faults.add(Fault("answer", path="/issue/", status=200, body=issue))
    assert "output1" in connection.execute("getIssue", {"issueKey": "DEV-1"}, {}, {})


def test_network_errors_name_the_host(connect, services):
    """An address where nobody listens is named, so that a wrong one is seen."""
    connection = connect()
    connection.authenticate()
    services.api_url = "http://127.0.0.1:1"
    message = connection.execute("getIssue", {"issueKey": "DEV-1"}, {}, {})["error"]["message"]
    assert "127.0.0.1:1" in message
    assert "no connection could be made" in message


def test_nothing_is_sent_when_the_time_is_over(connect, sim, slept):
    """A renewal that uses up the caller's time: the write is not sent, and the answer says so."""
    connection = connect()
    connection.authenticate()
    before = len(sim.site.issues)
    sim.faults.add(Fault("answer", method="POST", path="/issue$", status=401, body={"code": 401, "message": "no"}))
    sim.faults.add(Fault("slow", path="/oauth/token$", delay_seconds=0.4))
    error = connection.execute("createIssue", _CREATE, {}, {"timeoutSeconds": 0.3})["error"]
    assert error["code"] == "cancelled"
    assert len(sim.site.issues) == before
