from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from tests.reading.strategies import calm, json_values
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
from vantage_jira_plugin.operations import Operation
from vantage_jira_plugin.transport.responses import decipher

_NOW = 1_790_000_000.0
_JSON = {"Content-Type": "application/json;charset=UTF-8"}
_JWT = "eyJhbGciOiJIUzI1NiJ9.eyJqdGkiOiI3In0.c2lnbmF0dXJlLW9mLWl0"

READ = Operation(
    "GET", "/rest/api/3/issue/{issueIdOrKey}", "read the issue", frozenset({"read:jira-work"}), frozenset()
)
LIST = Operation("GET", "/rest/api/3/field", "read the list", frozenset({"read:jira-work"}), frozenset(), answer=list)
WRITE = Operation(
    "POST", "/rest/api/3/issue", "create the issue", frozenset({"write:jira-work"}), frozenset(), writes=True
)
KEYED = Operation(
    "POST",
    "/rest/api/3/search/jql",
    "search issues",
    frozenset(),
    frozenset(),
    answer_keys=(("issues", list), ("isLast", bool)),
)
UPLOAD = Operation(
    "POST",
    "/rest/api/3/issue/{issueIdOrKey}/attachments",
    "add the attachment",
    frozenset(),
    frozenset(),
    writes=True,
    answer=list,
    answer_keys=(("id", str),),
    single=True,
)
DOWNLOAD = Operation(
    "GET", "/rest/api/3/attachment/content/{id}", "download it", frozenset(), frozenset(), answer=bytes
)
QUIET_WRITE = Operation(
    "PUT", "/rest/api/3/issue/{issueIdOrKey}", "update the issue", frozenset(), frozenset(), writes=True, answer=None
)


def _decipher(operation, status, body=b"", headers=None):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return decipher(operation, status, CaseInsensitiveDict(_JSON if headers is None else headers), raw, now=_NOW)


def _refused(operation, status, body=b"", headers=None):
    with pytest.raises(PluginError) as caught:
        _decipher(operation, status, body, headers)
    return caught.value


# ---- which class a status has ---------------------------------------------------------------

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
    error = _refused(READ, status, _REFUSAL, _JSON | {"Atl-Traceid": "abc123"})
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
    error = _refused(WRITE, status, _REFUSAL)
    assert type(error) is kind
    assert (error.code, error.retryable, error.status) == (code, retryable, status)
    if kind is JiraUnavailableError:
        assert "Look in Jira" in error.hint


@pytest.mark.parametrize("status", [502, 504])
def test_a_gateway_that_lost_the_answer_of_a_write_leaves_the_outcome_unknown(status):
    """A read that the gateway gave up on can be repeated; of a write nobody knows."""
    read = _refused(READ, status, b"<html><title>Bad Gateway</title></html>")
    assert (type(read), read.retryable) == (JiraUnavailableError, True)
    write = _refused(WRITE, status, b"", {"X-Trace-Id": "t1"})
    assert type(write) is UnknownOutcomeError
    assert (write.code, write.retryable, write.status, write.trace_id) == ("unknown_outcome", False, status, "t1")
    assert "create the issue" in write.message
    assert "Look in Jira" in write.hint


def test_a_refused_token_asks_for_a_connection():
    """A 401 is both an answer and a reason to connect again."""
    error = _refused(READ, 401, {"code": 401, "message": "Unauthorized"})
    assert isinstance(error, ReconnectError)
    assert "Unauthorized" in error.message


def test_a_missing_scope_is_named():
    """The gateway does not say which scope is missing; the operation knows."""
    error = _refused(WRITE, 401, {"code": 401, "message": "Unauthorized; scope does not match"})
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
    assert _refused(READ, status, b"", headers).retry_after_seconds == seconds


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
    assert _refused(READ, 400, b"", headers).trace_id == trace_id
    assert _refused(READ, 200, b"", headers).trace_id == trace_id
    assert _refused(WRITE, 200, b"", headers).trace_id == trace_id


# ---- good answers ---------------------------------------------------------------------------


def test_a_good_answer_is_its_data():
    """Objects and lists come back as they are."""
    assert _decipher(READ, 200, {"id": "1"}) == {"id": "1"}
    assert _decipher(WRITE, 201, {"id": "1"}) == {"id": "1"}
    assert _decipher(LIST, 200, []) == []
    assert _decipher(READ, 200, b'\xef\xbb\xbf{"id": "1"}') == {"id": "1"}


def test_no_content_is_a_good_answer_where_none_is_expected():
    """A write that answers 204 is done."""
    assert _decipher(QUIET_WRITE, 204) is None
    assert _decipher(QUIET_WRITE, 200, b" \n") is None
    assert _decipher(QUIET_WRITE, 200, {"key": "DEV-1"}) == {"key": "DEV-1"}


# body, what the message calls it
_UNREADABLE = [
    (b"", "an empty body"),
    (b" \r\n ", "an empty body"),
    (b"<html><head><TITLE>Log in</TITLE></head></html>", "an HTML page titled “Log in”"),
    (b"<!doctype html><p>hi", "an HTML page"),
    (b'{"issues": [{"id": "1"}, {"id"', "JSON that is cut off or of another shape"),
    (b"[{]", "JSON that is cut off or of another shape"),
    (b"[" * 100_000, "JSON that is cut off or of another shape"),
    (b'{"a":' * 100_000, "JSON that is cut off or of another shape"),
    (b"upstream connect error", "the text “upstream connect error”"),
    (b"\xff\xfe\x00", "the text"),
    (b"\x89PNG\r\n\x1a\n", "the text"),
    (b"null", "the text “null”"),
    (b'"done"', "the text"),
    (b"3", "the text “3”"),
    (b"1" * 5000, "the text"),
]


@pytest.mark.parametrize(("body", "what"), _UNREADABLE, ids=range(len(_UNREADABLE)))
def test_a_good_status_without_jiras_data_is_a_failure(body, what):
    """A proxy's page or a cut-off answer is never taken for an empty list."""
    read = _refused(READ, 200, body, {})
    assert type(read) is JiraUnavailableError
    assert (read.status, read.retryable) == (200, True)
    assert what in read.message
    assert "between here and Jira" in read.hint


@pytest.mark.parametrize(("body", "what"), _UNREADABLE, ids=range(len(_UNREADABLE)))
def test_a_write_with_an_unreadable_answer_has_an_unknown_outcome(body, what):
    """It may have happened; the error says so and is not to be repeated."""
    write = _refused(WRITE, 201, body, {})
    assert type(write) is UnknownOutcomeError
    assert what in write.message
    assert not write.retryable


def test_data_of_another_kind_is_a_failure():
    """A list is no object and an object no list."""
    assert type(_refused(READ, 200, [])) is JiraUnavailableError
    assert type(_refused(LIST, 200, {})) is JiraUnavailableError
    assert type(_refused(WRITE, 201, [])) is UnknownOutcomeError
    assert type(_refused(READ, 204)) is JiraUnavailableError


def test_data_without_its_keys_is_a_failure():
    """An object of somebody else's is not taken for an answer without rows."""
    assert _decipher(KEYED, 200, {"issues": [], "isLast": True}) == {"issues": [], "isLast": True}
    assert type(_refused(KEYED, 200, {})) is JiraUnavailableError
    assert type(_refused(KEYED, 200, {"issues": []})) is JiraUnavailableError
    assert type(_refused(KEYED, 200, ["issues", "isLast"])) is JiraUnavailableError
    assert _decipher(LIST, 200, [{"id": "summary"}]) == [{"id": "summary"}]


# ---- shapes of refusals ---------------------------------------------------------------------


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
    assert _refused(READ, 400, body).message == f"could not read the issue: {text}"


def test_html_is_told_by_its_header_too():
    """A page that starts with a comment or blank lines is still a page."""
    error = _refused(READ, 503, b"window.location = 1", {"Content-Type": "text/html; charset=utf-8"})
    assert error.message.endswith("an HTML page")


def test_long_texts_are_cut():
    """A message stays readable however much the answer says."""
    assert len(_refused(READ, 400, {"errorMessages": ["x" * 100_000]}).message) < 1100
    assert len(_refused(READ, 400, b"x" * 100_000).message) < 300


# ---- secrets --------------------------------------------------------------------------------


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
        _decipher(operation, status, body)
    except PluginError as error:
        shown = f"{error} {error!r} {error.args} {error.message} {error.errors} {error.hint}"
        shown += str(getattr(error, "messages", ""))
        assert _JWT[:20] not in shown
        assert _JWT[10:30] not in shown


# ---- anything -------------------------------------------------------------------------------

_bodies = st.binary(max_size=60) | st.text(max_size=60).map(str.encode)
_json_bodies = json_values("errorMessages", "errors", "message", "error", "detail", "title", "warningMessages").map(
    lambda value: json.dumps(value).encode()
)
_headers = st.dictionaries(
    st.sampled_from(["Content-Type", "Retry-After", "X-RateLimit-Reset", "Atl-Traceid", "X-Trace-Id"]),
    st.text(max_size=30),
)


@calm
@given(
    operation=st.sampled_from([READ, LIST, KEYED, WRITE, QUIET_WRITE]),
    status=st.integers(min_value=100, max_value=999) | st.sampled_from([200, 201, 204, 400, 401, 429, 502]),
    headers=_headers,
    body=_bodies | _json_bodies,
)
def test_any_answer_is_data_or_an_expected_error(operation, status, headers, body):
    """No answer makes another exception, and a success has data of the declared kind."""
    data, error = None, None
    try:
        data = decipher(operation, status, CaseInsensitiveDict(headers), body, now=_NOW)
    except PluginError as caught:
        error = caught
    if error is None:
        assert 200 <= status < 300
        assert operation.answer is None or isinstance(data, operation.answer)
        assert not operation.answer_keys or operation.answer_keys <= set(data)
    else:
        assert error.code
        assert error.message
        assert "\n" not in error.message
        assert not (operation.writes and error.retryable) or status in {409, 412, 423, 429}


@pytest.mark.parametrize("body", [{"id": ""}, {"id": 5}, {"id": None}, {"id": {"a": 1}}, {}])
def test_a_write_whose_answer_names_nothing_usable_is_an_unknown_outcome(body):
    """A created thing needs an id to be spoken of; without one it is not known what happened."""
    operation = Operation("POST", "/x", "make it", frozenset(), frozenset(), writes=True, answer_keys=(("id", str),))
    assert isinstance(_refused(operation, 201, body), UnknownOutcomeError)


def test_a_site_that_the_gateway_does_not_know_is_told_apart():
    """The gateway's own 404 is about the site, not about the issue."""
    spring = {"timestamp": "2026-10-08T00:00:00Z", "status": 404, "error": "Not Found", "message": "x", "path": "/x"}
    error = _refused(READ, 404, spring)
    assert (type(error), error.code) == (SiteGoneError, "not_found")
    assert "site" in error.hint


def test_a_page_in_jiras_place_sends_nobody_to_the_administrator():
    """An HTML page with a 403 is no permission of Jira's."""
    error = _refused(READ, 403, b"<html><title>Blocked</title></html>", {"Content-Type": "text/html"})
    assert (error.code, "permission" in error.hint) == ("forbidden", False)


def test_a_write_that_timed_out_on_the_way_is_an_unknown_outcome():
    """408 says that somebody stopped waiting, not that nothing happened."""
    assert isinstance(_refused(WRITE, 408, b""), UnknownOutcomeError)
    assert isinstance(_refused(READ, 408, b""), JiraUnavailableError)


# ---- what passes ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "passing"),
    [(408, True), (502, True), (503, True), (504, True), (500, False), (501, False), (400, False), (401, False),
     (403, False), (404, False), (409, False), (429, False), (302, False)],
)  # fmt: skip
def test_only_an_outage_passes(status, passing):
    """A read is worth repeating where a gateway or server is down for the moment; a refusal stays one."""
    assert _refused(READ, status, _REFUSAL).passing is passing


def test_an_outage_tells_when_it_ends():
    """`Retry-After` of a 503 is the error's, of a read and of a write."""
    for operation in (READ, WRITE):
        assert _refused(operation, 503, b"", {"Retry-After": "9"}).retry_after_seconds == 9.0
    assert _refused(READ, 503, b"").retry_after_seconds is None


@pytest.mark.parametrize(
    ("body", "passing"),
    [
        (b'{"id": "10001", "fields": {"summa', True),
        (b"", True),
        (b"   ", True),
        (b"<html><title>Log in</title></html>", False),
        (b"moved to another server", False),
    ],
)
def test_an_answer_that_was_cut_off_passes(body, passing):
    """Half an answer is worth reading again; a page or a text in its place will be there again."""
    assert _refused(READ, 200, body).passing is passing


@pytest.mark.parametrize("body", [b'{"id": "10', b"", b"<html></html>"])
def test_an_unreadable_answer_to_a_write_does_not_pass(body):
    """It may have happened: nothing is repeated."""
    error = _refused(WRITE, 201, body)
    assert (type(error), error.passing) == (UnknownOutcomeError, False)


@pytest.mark.parametrize("retry_after", ["9" * 14, "1e300"])
@pytest.mark.parametrize("status", [429, 503])
def test_a_moment_beyond_every_calendar_is_no_failure(status, retry_after):
    """A time that no calendar has is told as it is."""
    assert _refused(READ, status, b"", {"Retry-After": retry_after}).retry_after_seconds == float(retry_after)


def test_a_list_of_one_is_that_one():
    """What makes one thing and answers a list answers the thing."""
    assert decipher(UPLOAD, 200, _JSON, b'[{"id": "7", "filename": "a"}]', now=_NOW) == {"id": "7", "filename": "a"}


@pytest.mark.parametrize("body", [b"[]", b'[{"id": "7"}, {"id": "8"}]', b'[{"id": ""}]', b"[7]", b'{"id": "7"}', b""])
def test_a_list_of_anything_else_tells_nothing(body):
    """None, several, or one without its id: whether it happened is not known."""
    with pytest.raises(UnknownOutcomeError):
        decipher(UPLOAD, 200, _JSON, body, now=_NOW)


@pytest.mark.parametrize("body", [b"", b"{", b"\x00\xff", b"<html>", b'{"a": 1}'])
def test_a_file_is_answered_as_it_is(body):
    """Nothing is read into the bytes of a download."""
    assert decipher(DOWNLOAD, 200, {"Content-Type": "text/html"}, body, now=_NOW) == body


def test_a_redirect_of_a_file_is_not_followed():
    """Another host's address is no file."""
    with pytest.raises(JiraUnavailableError):
        decipher(DOWNLOAD, 303, {"Location": "https://elsewhere.example/file"}, b"", now=_NOW)
