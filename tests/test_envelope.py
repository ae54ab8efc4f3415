from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vantage_jira_plugin.envelope import Table, failure, success
from vantage_jira_plugin.errors import InputError, JiraInvalidError, PluginError, RateLimitedError

_COLUMNS = (
    {"name": "id", "type": "string", "title": "Id"},
    {"name": "labels", "type": "list", "title": "Labels"},
)
_USAGE = {"requests": 1, "points": 2, "retries": 0, "waitedSeconds": 0.0, "cacheHits": 0}
_TOKEN = "opaque-access-token-1234"


class _NewError(PluginError):
    """An error of a code that is not listed yet."""

    code = "something_new"


def _success(table, **more):
    given = {"action": "searchIssues", "site": "https://acme.atlassian.net", "usage": _USAGE, "warnings": []}
    return success(table, **(given | more))["output1"]


# ---- success --------------------------------------------------------------------------------


def test_a_complete_table_says_so():
    """Nothing is missing, so there is neither a reason nor a token."""
    rows = [{"id": "1", "labels": ["a"]}, {"id": "2", "labels": None}]
    assert _success(Table(_COLUMNS, rows)) == {
        "data": rows,
        "metadata": {
            "action": "searchIssues",
            "site": "https://acme.atlassian.net",
            "columns": list(_COLUMNS),
            "count": 2,
            "complete": True,
            "usage": _USAGE,
            "warnings": [],
        },
    }


@pytest.mark.parametrize("reason", ["maxRows", "timeout", "page_token_repeated"])
def test_an_incomplete_table_says_why_and_where_to_go_on(reason):
    """`complete` is false exactly where there is a reason."""
    metadata = _success(Table(_COLUMNS, [{"id": "1"}], reason, "next"))["metadata"]
    assert (metadata["complete"], metadata["incompleteReason"], metadata["nextPageToken"]) == (False, reason, "next")
    metadata = _success(Table(_COLUMNS, [{"id": "1"}], reason))["metadata"]
    assert metadata["complete"] is False
    assert "nextPageToken" not in metadata


def test_an_empty_table_has_its_columns():
    """No rows is an answer, of the same shape as any other."""
    output = _success(Table(_COLUMNS, []), site=None)
    assert output["data"] == []
    assert output["metadata"]["count"] == 0
    assert output["metadata"]["columns"] == list(_COLUMNS)
    assert output["metadata"]["site"] is None


def test_a_warning_is_given_once():
    """Repeated warnings are one, in the order they came."""
    assert _success(Table(_COLUMNS, []), warnings=["b", "a", "b", "b", "a"])["metadata"]["warnings"] == ["b", "a"]


def test_the_envelope_is_json_data():
    """Tuples inside become lists, so that a host may store it as it is."""
    envelope = success(
        Table(_COLUMNS, ({"id": "1", "labels": []},)), action="a", site=None, usage=_USAGE, warnings=("w",)
    )
    assert json.loads(json.dumps(envelope)) == envelope


def test_rows_are_not_in_a_tables_repr():
    """Rows may hold what nobody wants in a log."""
    assert "salary" not in repr(Table(_COLUMNS, [{"id": "salary"}]))


# ---- failure --------------------------------------------------------------------------------


def test_a_failure_has_nine_keys():
    """Null where nothing is known."""
    assert failure(InputError("no"), action=None) == {
        "error": {
            "code": "input_invalid",
            "message": "no",
            "action": None,
            "status": None,
            "retryable": False,
            "retryAfter": None,
            "errors": {},
            "hint": None,
            "traceId": None,
        }
    }


def test_a_failure_tells_what_is_known():
    """Status, wait, fields, hint and trace id come from the error."""
    error = RateLimitedError(
        "could not search issues",
        status=429,
        method="POST",
        path="/p",
        errors={"jql": ["one", "two"]},
        trace_id="t",
        retry_after_seconds=1847.0,
        hint="Wait.",
    )
    assert failure(error, action="searchIssues")["error"] == {
        "code": "rate_limited",
        "message": "could not search issues",
        "action": "searchIssues",
        "status": 429,
        "retryable": True,
        "retryAfter": 1847.0,
        "errors": {"jql": ["one", "two"]},
        "hint": "Wait.",
        "traceId": "t",
    }


def test_an_error_that_is_not_repeatable_this_time_says_so():
    """The instance decides, not its class."""
    error = RateLimitedError("no", status=429, method="POST", path="/p")
    error.retryable = False
    assert failure(error, action=None)["error"]["retryable"] is False


def test_a_known_secret_is_masked_wherever_it_was_echoed():
    """Message and field errors hold no token, however often Jira repeats it."""
    error = JiraInvalidError(
        f"Jira answered 400: {_TOKEN} and {_TOKEN}",
        status=400,
        method="GET",
        path="/p",
        errors={"x": [f"bad {_TOKEN}", "fine"]},
    )
    envelope = failure(error, action="getIssue", secrets=[_TOKEN])
    assert _TOKEN not in json.dumps(envelope)
    assert envelope["error"]["message"] == "Jira answered 400: *** and ***"
    assert envelope["error"]["errors"] == {"x": ["bad ***", "fine"]}


@pytest.mark.parametrize("order", [1, -1])
def test_a_secret_that_begins_like_another_is_masked_whole(order):
    """The end of the longer one does not stay behind."""
    secrets = ["secret-0123", "secret-0123456789"][::order]
    envelope = failure(_NewError(f"got {secrets[0]} {secrets[1]}"), action=None, secrets=secrets)
    assert envelope["error"]["message"] == "got *** ***"


def test_short_texts_are_not_masked():
    """Masking a word such as `a` would garble every message."""
    assert failure(InputError("a bad day"), action=None, secrets=["a", "bad", ""])["error"]["message"] == "a bad day"


@given(st.text(), st.lists(st.text(alphabet="abc", min_size=8, max_size=12), max_size=3), st.text())
def test_no_secret_is_left_in_a_message(before, secrets, after):
    """Whatever surrounds them, none of the secrets is shown."""
    error = _NewError(before + " ".join(secrets) + after, errors={"field": [*secrets, before]})
    shown = json.dumps(failure(error, action=None, secrets=secrets), ensure_ascii=False)
    assert not any(secret in shown for secret in secrets)
