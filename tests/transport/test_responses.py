"""Answers of a good status: which are data, and what the others become."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from tests.reading.strategies import json_values
from tests.transport.answers import (
    DOWNLOAD,
    JSON_HEADERS,
    KEYED,
    LIST,
    NOW,
    QUIET_WRITE,
    READ,
    UPLOAD,
    WRITE,
    deciphered,
    failure,
)
from vantage_jira_plugin.errors import JiraUnavailableError, PluginError, UnknownOutcomeError
from vantage_jira_plugin.operations import Operation
from vantage_jira_plugin.transport.responses import decipher


def test_a_good_answer_is_its_data():
    """Objects and lists come back as they are."""
    assert deciphered(READ, 200, {"id": "1"}) == {"id": "1"}
    assert deciphered(WRITE, 201, {"id": "1"}) == {"id": "1"}
    assert deciphered(LIST, 200, []) == []
    assert deciphered(READ, 200, b'\xef\xbb\xbf{"id": "1"}') == {"id": "1"}


def test_no_content_is_a_good_answer_where_none_is_expected():
    """A write that answers 204 is done."""
    assert deciphered(QUIET_WRITE, 204) is None
    assert deciphered(QUIET_WRITE, 200, b" \n") is None
    assert deciphered(QUIET_WRITE, 200, {"key": "DEV-1"}) == {"key": "DEV-1"}


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
    read = failure(READ, 200, body, {})
    assert type(read) is JiraUnavailableError
    assert (read.status, read.retryable) == (200, True)
    assert what in read.message
    assert "between here and Jira" in read.hint


@pytest.mark.parametrize(("body", "what"), _UNREADABLE, ids=range(len(_UNREADABLE)))
def test_a_write_with_an_unreadable_answer_has_an_unknown_outcome(body, what):
    """It may have happened; the error says so and is not to be repeated."""
    write = failure(WRITE, 201, body, {})
    assert type(write) is UnknownOutcomeError
    assert what in write.message
    assert not write.retryable


def test_data_of_another_kind_is_a_failure():
    """A list is no object and an object no list."""
    assert type(failure(READ, 200, [])) is JiraUnavailableError
    assert type(failure(LIST, 200, {})) is JiraUnavailableError
    assert type(failure(WRITE, 201, [])) is UnknownOutcomeError
    assert type(failure(READ, 204)) is JiraUnavailableError


def test_data_without_its_keys_is_a_failure():
    """An object of somebody else's is not taken for an answer without rows."""
    assert deciphered(KEYED, 200, {"issues": [], "isLast": True}) == {"issues": [], "isLast": True}
    assert type(failure(KEYED, 200, {})) is JiraUnavailableError
    assert type(failure(KEYED, 200, {"issues": []})) is JiraUnavailableError
    assert type(failure(KEYED, 200, ["issues", "isLast"])) is JiraUnavailableError
    assert deciphered(LIST, 200, [{"id": "summary"}]) == [{"id": "summary"}]


@pytest.mark.parametrize("body", [{"id": ""}, {"id": 5}, {"id": None}, {"id": {"a": 1}}, {}])
def test_a_write_whose_answer_names_nothing_usable_is_an_unknown_outcome(body):
    """A created thing needs an id to be spoken of; without one it is not known what happened."""
    operation = Operation("POST", "/x", "make it", frozenset(), frozenset(), writes=True, answer_keys=(("id", str),))
    assert isinstance(failure(operation, 201, body), UnknownOutcomeError)


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
    assert failure(READ, 200, body).passing is passing


@pytest.mark.parametrize("body", [b'{"id": "10', b"", b"<html></html>"])
def test_an_unreadable_answer_to_a_write_does_not_pass(body):
    """It may have happened: nothing is repeated."""
    error = failure(WRITE, 201, body)
    assert (type(error), error.passing) == (UnknownOutcomeError, False)


def test_a_list_of_one_is_that_one():
    """What makes one thing and answers a list answers the thing."""
    assert decipher(UPLOAD, 200, JSON_HEADERS, b'[{"id": "7", "filename": "a"}]', now=NOW) == {
        "id": "7",
        "filename": "a",
    }


@pytest.mark.parametrize("body", [b"[]", b'[{"id": "7"}, {"id": "8"}]', b'[{"id": ""}]', b"[7]", b'{"id": "7"}', b""])
def test_a_list_of_anything_else_tells_nothing(body):
    """None, several, or one without its id: whether it happened is not known."""
    with pytest.raises(UnknownOutcomeError):
        decipher(UPLOAD, 200, JSON_HEADERS, body, now=NOW)


@pytest.mark.parametrize("body", [b"", b"{", b"\x00\xff", b"<html>", b'{"a": 1}'])
def test_a_file_is_answered_as_it_is(body):
    """Nothing is read into the bytes of a download."""
    assert decipher(DOWNLOAD, 200, {"Content-Type": "text/html"}, body, now=NOW) == body


def test_a_redirect_of_a_file_is_not_followed():
    """Another host's address is no file."""
    with pytest.raises(JiraUnavailableError):
        decipher(DOWNLOAD, 303, {"Location": "https://elsewhere.example/file"}, b"", now=NOW)


_bodies = st.binary(max_size=60) | st.text(max_size=60).map(str.encode)
_any_json = json_values("errorMessages", "errors", "message", "error", "detail", "title", "warningMessages")
_json_bodies = _any_json.map(lambda value: json.dumps(value).encode())
_headers = st.dictionaries(
    st.sampled_from(["Content-Type", "Retry-After", "X-RateLimit-Reset", "Atl-Traceid", "X-Trace-Id"]),
    st.text(max_size=30),
)


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
        data = decipher(operation, status, CaseInsensitiveDict(headers), body, now=NOW)
    except PluginError as caught:
        error = caught
    if error is None:
        assert 200 <= status < 300
        assert operation.answer is None or isinstance(data, operation.answer)
        assert all(isinstance(data[name], kind) for name, kind in operation.answer_keys)
    else:
        assert error.code
        assert error.message
        assert "\n" not in error.message
        assert not (operation.writes and error.retryable) or status in {409, 412, 423, 429}


@given(issues=st.lists(_any_json, max_size=2) | _any_json, is_last=st.booleans() | _any_json)
def test_a_page_that_is_accepted_has_its_keys(issues, is_last):
    """Whatever stands in them: what reads pages need not look again."""
    try:
        data = deciphered(KEYED, 200, {"issues": issues, "isLast": is_last})
    except JiraUnavailableError:
        return
    assert isinstance(data["issues"], list)
    assert isinstance(data["isLast"], bool)
