"""Spans and metrics, as OpenTelemetry's own SDK receives them."""

from __future__ import annotations

import pytest
from opentelemetry.trace import SpanKind, StatusCode

from vantage_jira_plugin.errors import RateLimitedError

_TEMPLATE = "/rest/api/3/issue/{issueIdOrKey}"
_GET = {"method": "GET", "template": _TEMPLATE}
_HTTP = {
    "http.request.method": "GET",
    "url.template": _TEMPLATE,
    "server.address": "api.atlassian.com",
    "server.port": 443,
}
_USAGE = {"requests": 3, "points": 4, "retries": 1, "waitedSeconds": 2.5, "cacheHits": 0}


def _request(collected, status, *, headers=(), **about):
    with collected.telemetry.request("GET", _TEMPLATE, **{"host": "api.atlassian.com", **about}) as note:
        note.answered(status, dict(headers))


def test_an_attempt_is_a_client_span(collected):
    """Name, kind and attributes are those of the HTTP conventions; the trace id is Atlassian's."""
    _request(collected, 200, headers={"Atl-Traceid": "abc"}, cloud_id="c1")
    [span] = collected.spans()
    assert (span.name, span.kind, span.status.status_code) == (f"GET {_TEMPLATE}", SpanKind.CLIENT, StatusCode.UNSET)
    assert span.attributes == {
        **_HTTP,
        "http.response.status_code": 200,
        "atlassian.trace_id": "abc",
        "jira.cloud_id": "c1",
    }


def test_a_resent_request_counts_itself(collected):
    """The ordinal of a resend is there from the second attempt on."""
    _request(collected, 429)
    _request(collected, 200, attempt=1)
    first, second = collected.spans()
    assert "http.request.resend_count" not in first.attributes
    assert second.attributes["http.request.resend_count"] == 1
    assert (first.status.status_code, first.attributes["error.type"]) == (StatusCode.ERROR, "429")


@pytest.mark.parametrize(
    ("host", "address", "port"), [("127.0.0.1:8080", "127.0.0.1", 8080), ("[::1]:81", "::1", 81), ("a.b", "a.b", 443)]
)
def test_the_server_is_split(collected, host, address, port):
    """Address and port are two attributes."""
    _request(collected, 200, host=host)
    [span] = collected.spans()
    assert (span.attributes["server.address"], span.attributes["server.port"]) == (address, port)


def test_a_broken_attempt_is_named_by_its_class(collected):
    """error.type is the class; what the exception says is nowhere."""
    with (
        pytest.raises(ConnectionError),
        collected.telemetry.request("GET", _TEMPLATE, host="api.atlassian.com"),
    ):
        raise ConnectionError("https://x/?jql=secret")
    [span] = collected.spans()
    assert span.attributes == {**_HTTP, "error.type": "ConnectionError"}
    assert (span.status.status_code, span.status.description, span.events) == (StatusCode.ERROR, None, ())


def test_durations_of_attempts_are_a_histogram(collected):
    """Few values only: no cloud id, no trace id; status and error as the conventions have it."""
    for status in (200, 200, 503):
        _request(collected, status, headers={"Atl-Traceid": "abc"}, cloud_id="c1")
    good, bad = sorted(collected.points("http.client.request.duration"), key=lambda point: -point.count)
    assert (good.count, good.attributes) == (2, {**_HTTP, "http.response.status_code": 200})
    assert (bad.count, bad.attributes) == (1, {**_HTTP, "http.response.status_code": 503, "error.type": "503"})
    assert good.explicit_bounds[0] == 0.005


def test_an_action_is_the_parent_of_its_attempts(collected):
    """Attempts are children of the action's span; waits, refusals and renewals are its events."""
    with collected.telemetry.action("getIssue", run_id="r1", node_id="n1") as note:
        _request(collected, 429)
        collected.telemetry.refused({}, 5, reason="jira-burst-based", **_GET)
        collected.telemetry.waiting(5, "refused", **_GET)
        collected.telemetry.renewed()
        _request(collected, 200, attempt=1)
        note.used(_USAGE, site="https://acme.atlassian.net", cloud_id="c1")
    [action] = collected.spans("jira.getIssue")
    assert action.attributes == {
        "jira.action": "getIssue",
        "jira.run_id": "r1",
        "jira.node_id": "n1",
        "jira.site": "https://acme.atlassian.net",
        "jira.cloud_id": "c1",
        "jira.requests": 3,
        "jira.points": 4,
        "jira.retries": 1,
        "jira.waited_seconds": 2.5,
    }
    assert {span.parent.span_id for span in collected.spans(f"GET {_TEMPLATE}")} == {action.context.span_id}
    assert [event.name for event in action.events] == ["jira.refusal", "jira.wait", "jira.login.renewed"]
    assert action.events[0].attributes["jira.refusal.reason"] == "jira-burst-based"
    assert action.events[1].attributes["jira.wait.seconds"] == 5


def test_a_failed_action_has_its_code(collected):
    """The span's status is an error; error.type is the code; the words of the error stay out."""
    error = RateLimitedError("SECRET-1", status=429, method="GET", path="/x", trace_id="t1")
    with collected.telemetry.action("getIssue") as note:
        note.failed(error)
    [span] = collected.spans()
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, None)
    assert span.attributes == {"jira.action": "getIssue", "error.type": "rate_limited", "atlassian.trace_id": "t1"}


def test_an_action_that_broke_ends_its_span(collected):
    """The span ends and is not the current one any more; no exception is recorded."""
    with pytest.raises(KeyError), collected.telemetry.action("getIssue"):
        raise KeyError("secret")
    _request(collected, 200)
    broken, later = collected.spans()
    assert (broken.attributes["error.type"], broken.events) == ("KeyError", ())
    assert later.parent is None


def test_what_actions_use_is_counted(collected):
    """Points, retries and durations add up by action."""
    for _ in range(2):
        with collected.telemetry.action("getIssue", run_id="r1") as note:
            note.used(_USAGE, site="https://acme.atlassian.net", cloud_id="c1")
    for name, value in [("jira.points", 8), ("jira.retries", 2)]:
        [point] = collected.points(name)
        assert (point.value, point.attributes) == (value, {"jira.action": "getIssue"})
    [point] = collected.points("jira.action.duration")
    assert (point.count, point.attributes) == (2, {"jira.action": "getIssue"})


def test_waits_and_refusals_are_counted_by_reason(collected):
    """A reason that is not of Jira's form is `_OTHER`: nobody can flood the metric."""
    collected.telemetry.waiting(2, "window", **_GET)
    collected.telemetry.waiting(3, "window", **_GET)
    for reason in ("jira-quota-tenant-based", None, "Any <text>"):
        collected.telemetry.refused({}, 1, reason=reason, **_GET)
    [wait] = collected.points("jira.wait.duration")
    about = {"http.request.method": "GET", "url.template": _TEMPLATE}
    assert (wait.sum, wait.attributes) == (5, {"jira.wait.reason": "window", **about})
    counted = {point.attributes["jira.refusal.reason"]: point.value for point in collected.points("jira.refusals")}
    assert counted == {"jira-quota-tenant-based": 1, "_OTHER": 2}
