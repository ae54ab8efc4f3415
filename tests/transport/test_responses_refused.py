"""Answers that refuse: whose move it is, what is told of them, and what is not."""

from __future__ import annotations

import pytest

from tests.transport.answers import JSON_HEADERS, READ, WRITE, deciphered, failure
from vantage_jira_plugin.errors import (
    ConflictError,
    ForbiddenError,
    JiraInvalidError,
    JiraUnavailableError,
    NotFoundError,
    PluginError,
    RateLimitedError,
    ReconnectError,
    ScopeMissingError,
    SiteGoneError,
    UnauthorizedError,
    UnknownOutcomeError,
)

_JWT = "eyJhbGciOiJIUzI1NiJ9.eyJqdGkiOiI3In0.c2lnbmF0dXJlLW9mLWl0"
_REFUSAL = {"errorMessages": ["No."], "errors": {"summary": "Too long."}}

# status, class, code, retryable where it reads, retryable where it writes, whether it has a hint
_STATUSES = [
    (300, JiraUnavailableError, "jira_unavailable", True, False, True),
    (302, JiraUnavailableError, "jira_unavailable", True, False, True),
    (303, JiraUnavailableError, "jira_unavailable", True, False, True),
    (400, JiraInvalidError, "jira_invalid", False, False, False),
    (401, UnauthorizedError, "reconnect", False, False, True),
    (403, ForbiddenError, "forbidden", False, False, True),
    (404, NotFoundError, "not_found", False, False, True),
    (405, JiraInvalidError, "jira_invalid", False, False, False),
    (409, ConflictError, "conflict", True, True, True),
    (410, JiraInvalidError, "jira_invalid", False, False, False),
    (412, ConflictError, "conflict", True, True, True),
    (413, JiraInvalidError, "jira_invalid", False, False, False),
    (422, JiraInvalidError, "jira_invalid", False, False, False),
    (423, ConflictError, "conflict", True, True, True),
    (429, RateLimitedError, "rate_limited", True, True, False),
    (500, JiraUnavailableError, "jira_unavailable", True, False, True),
    (503, JiraUnavailableError, "jira_unavailable", True, False, True),
    (599, JiraUnavailableError, "jira_unavailable", True, False, True),
]


@pytest.mark.parametrize(("status", "kind", "code", "retryable", "_write", "hint"), _STATUSES)
def test_a_refused_read_says_whose_move_it_is(status, kind, code, retryable, _write, hint):
    """Class, code and retryable follow from the status, and Jira's texts are kept by field."""
    error = failure(READ, status, _REFUSAL, JSON_HEADERS | {"Atl-Traceid": "abc123"})
    assert type(error) is kind
    assert (error.code, error.retryable, error.status) == (code, retryable, status)
    assert (error.method, error.path) == ("GET", "/rest/api/3/issue/{issueIdOrKey}")
    assert error.messages == ["No."]
    assert error.errors == {"summary": ["Too long."]}
    assert error.trace_id == "abc123"
    assert (error.hint is not None) is hint


@pytest.mark.parametrize(("status", "kind", "code", "_read", "retryable", "_hint"), _STATUSES)
def test_a_refused_write_is_only_repeated_where_it_did_not_act(status, kind, code, _read, retryable, _hint):
    """An answer that is no refusal of Jira's leaves open whether a write acted: look, do not repeat."""
    error = failure(WRITE, status, _REFUSAL)
    assert type(error) is kind
    assert (error.code, error.retryable, error.status) == (code, retryable, status)
    if kind is JiraUnavailableError:
        assert "Look in Jira" in error.hint


@pytest.mark.parametrize("status", [502, 504])
def test_a_gateway_that_lost_the_answer_of_a_write_leaves_the_outcome_unknown(status):
    """A read that the gateway gave up on can be repeated; of a write nobody knows."""
    read = failure(READ, status, b"<html><title>Bad Gateway</title></html>")
    assert (type(read), read.retryable) == (JiraUnavailableError, True)
    write = failure(WRITE, status, b"", {"X-Trace-Id": "t1"})
    assert type(write) is UnknownOutcomeError
    assert (write.code, write.retryable, write.status, write.trace_id) == ("unknown_outcome", False, status, "t1")
    assert "create the issue" in write.message
    assert "Look in Jira" in write.hint


def test_a_refused_token_asks_for_a_connection():
    """A 401 is both an answer and a reason to connect again."""
    error = failure(READ, 401, {"code": 401, "message": "Unauthorized"})
    assert isinstance(error, ReconnectError)
    assert "Unauthorized" in error.message


def test_a_missing_scope_is_named():
    """The gateway does not say which scope is missing; the operation knows."""
    error = failure(WRITE, 401, {"code": 401, "message": "Unauthorized; scope does not match"})
    assert type(error) is ScopeMissingError
    assert error.errors == {"scopes": ["needs write:jira-work"]}
    assert "write:jira-work" in error.hint
    assert not error.retryable


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (429, {"Retry-After": "1847"}, 1847),
        (429, {"retry-after": "0"}, 0),
        (429, {}, None),
        (503, {"Retry-After": "5"}, 5),
        (500, {}, None),
        (403, {"Retry-After": "5"}, None),
    ],
)
def test_the_time_to_wait_is_told(status, headers, seconds):
    """Answers that ask to wait say how long; others do not."""
    assert failure(READ, status, b"", headers).retry_after_seconds == seconds


@pytest.mark.parametrize(
    ("headers", "trace_id"),
    [
        ({"atl-traceid": "a", "x-trace-id": "b", "x-arequestid": "c"}, "a"),
        ({"X-Trace-Id": "b", "X-Arequestid": "c"}, "b"),
        ({"X-AREQUESTID": "c"}, "c"),
        ({}, None),
    ],
)
def test_the_best_trace_id_is_kept(headers, trace_id):
    """Refusals and unreadable answers carry what Atlassian's support asks for."""
    assert failure(READ, 400, b"", headers).trace_id == trace_id
    assert failure(READ, 200, b"", headers).trace_id == trace_id
    assert failure(WRITE, 200, b"", headers).trace_id == trace_id


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"errorMessages": ["First.", "Second."]}, "Jira answered 400: First. Second."),
        ({"errorMessages": [], "errors": {"project": "Pick one."}}, "Jira answered 400: project: Pick one."),
        ({"errorMessages": ["No."], "errors": {"a": "x", "b": "y"}}, "Jira answered 400: No. a: x b: y"),
        ({"errorMessages": [], "warningMessages": ["Old."]}, "Jira answered 400: Old."),
        (
            {"type": "about:blank", "title": "Bad Request", "status": 400, "detail": "Failed to convert"},
            "Jira answered 400: Bad Request Failed to convert",
        ),
        (
            {"timestamp": "2026", "status": 400, "error": "Not Found", "message": "No message", "path": "/x"},
            "Jira answered 400: Not Found No message",
        ),
        ({"code": 400, "message": "Nope"}, "Jira answered 400: Nope"),
        ({"errorMessages": "text", "errors": []}, "Jira answered 400 without a word"),
        ({"errorMessages": [1, None, {"a": 1}]}, "Jira answered 400: 1 None {'a': 1}"),
        ({}, "Jira answered 400 without a word"),
        (b"", "Jira answered 400 without a word"),
        (b"Not  here\n", "Jira answered 400: the text “Not here”"),
        (b"[1]", "Jira answered 400: JSON that is cut off or of another shape"),
        (b"[" * 100_000, "Jira answered 400: JSON that is cut off or of another shape"),
        (b"<h1>Oops</h1>", "Jira answered 400: an HTML page"),
    ],
)
def test_a_refusal_of_any_shape_is_quoted(body, text):
    """Jira, its gateway and its frameworks each have a shape of their own."""
    assert failure(READ, 400, body).message == f"could not read the issue: {text}"


def test_html_is_told_by_its_header_too():
    """A page that starts with a comment or blank lines is still a page."""
    error = failure(READ, 503, b"window.location = 1", {"Content-Type": "text/html; charset=utf-8"})
    assert error.message.endswith("an HTML page")


def test_long_texts_are_cut():
    """A message stays readable however much the answer says."""
    assert len(failure(READ, 400, {"errorMessages": ["x" * 100_000]}).message) < 1100
    assert len(failure(READ, 400, b"x" * 100_000).message) < 300


@pytest.mark.parametrize("status", [200, 201, 302, 400, 401, 403, 404, 429, 500, 502])
@pytest.mark.parametrize("operation", [READ, WRITE])
@pytest.mark.parametrize(
    "body",
    [
        {"errorMessages": [f"Bad header Authorization: Bearer {_JWT}"]},
        {"errors": {"token": f"bearer opaque-{_JWT[10:30]}", "list": [f"Bearer {_JWT}"]}},
        {"message": f"token {_JWT} is revoked"},
        {"title": "No", "detail": f'{{"access_token":"{_JWT}"}}'},
        f"Authorization: Basic {_JWT[10:30]}".encode(),
        f"<html><title>Bearer {_JWT}</title></html>".encode(),
        f"Bearer\n\t{_JWT}".encode(),
    ],
    ids=range(7),
)
def test_a_token_that_is_echoed_is_not_repeated(operation, status, body):
    """Whatever Jira or a proxy sends back, messages and field errors hold no token."""
    try:
        deciphered(operation, status, body)
    except PluginError as error:
        shown = f"{error} {error!r} {error.args} {error.message} {error.errors} {error.hint}"
        shown += str(getattr(error, "messages", ""))
        assert _JWT[:20] not in shown
        assert _JWT[10:30] not in shown


def test_a_site_that_the_gateway_does_not_know_is_told_apart():
    """The gateway's own 404 is about the site, not about the issue."""
    spring = {"timestamp": "2026-10-08T00:00:00Z", "status": 404, "error": "Not Found", "message": "x", "path": "/x"}
    error = failure(READ, 404, spring)
    assert (type(error), error.code) == (SiteGoneError, "not_found")
    assert "site" in error.hint


def test_a_page_in_jiras_place_sends_nobody_to_the_administrator():
    """An HTML page with a 403 is no permission of Jira's."""
    error = failure(READ, 403, b"<html><title>Blocked</title></html>", {"Content-Type": "text/html"})
    assert (error.code, "permission" in error.hint) == ("forbidden", False)


def test_a_write_that_timed_out_on_the_way_is_an_unknown_outcome():
    """408 says that somebody stopped waiting, not that nothing happened."""
    assert isinstance(failure(WRITE, 408, b""), UnknownOutcomeError)
    assert isinstance(failure(READ, 408, b""), JiraUnavailableError)


@pytest.mark.parametrize(
    ("status", "passing"),
    [(408, True), (502, True), (503, True), (504, True), (500, False), (501, False), (400, False), (401, False),
     (403, False), (404, False), (409, False), (429, False), (302, False)],
)  # fmt: skip
def test_only_an_outage_passes(status, passing):
    """A read is worth repeating where a gateway or server is down for the moment; a refusal stays one."""
    assert failure(READ, status, _REFUSAL).passing is passing


def test_an_outage_tells_when_it_ends():
    """`Retry-After` of a 503 is the error's, of a read and of a write."""
    for operation in (READ, WRITE):
        assert failure(operation, 503, b"", {"Retry-After": "9"}).retry_after_seconds == 9.0
    assert failure(READ, 503, b"").retry_after_seconds is None


@pytest.mark.parametrize("retry_after", ["9" * 14, "1e300"])
@pytest.mark.parametrize("status", [429, 503])
def test_a_moment_beyond_every_calendar_is_no_failure(status, retry_after):
    """A time that no calendar has is told as it is."""
    assert failure(READ, status, b"", {"Retry-After": retry_after}).retry_after_seconds == float(retry_after)
