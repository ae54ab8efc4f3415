from __future__ import annotations

import inspect

import pytest

from vantage_jira_plugin import contract, errors
from vantage_jira_plugin.envelope import failure
from vantage_jira_plugin.errors import ChooseSiteError, HttpError, PluginError

#: The codes that the contract lists.
_CODES = {
    "settings_invalid",
    "input_invalid",
    "unknown_action",
    "reconnect",
    "choose_site",
    "scope_missing",
    "forbidden",
    "not_found",
    "conflict",
    "rate_limited",
    "budget_spent",
    "jira_invalid",
    "jira_unavailable",
    "network",
    "unknown_outcome",
    "credential_store",
    "cancelled",
    "target_failed",
    "read_only",
    "project_not_allowed",
}
#: Failures that may be gone without anybody doing anything.
_RETRYABLE = {
    "conflict",
    "rate_limited",
    "budget_spent",
    "jira_unavailable",
    "network",
    "credential_store",
    "target_failed",
}
_KEYS = ["code", "message", "action", "status", "retryable", "retryAfter", "errors", "hint", "traceId"]
_ROOTS = {"PluginError", "HttpError"}
_CLASSES = [getattr(errors, name) for name in errors.__all__ if name not in _ROOTS]


def _made(kind):
    if issubclass(kind, HttpError):
        return kind("could not do it", status=418, method="GET", path="/rest/api/3/issue/{key}")
    return kind("could not do it", sites=[]) if kind is ChooseSiteError else kind("could not do it")


def test_every_error_is_in_the_list():
    """A class that is added is exported, and all of them have one root."""
    defined = {
        name for name, kind in vars(errors).items() if inspect.isclass(kind) and kind.__module__ == errors.__name__
    }
    assert defined == set(errors.__all__)
    assert all(issubclass(getattr(errors, name), PluginError) for name in errors.__all__)


def test_the_codes_are_the_contracts():
    """Every code has a class, and no class has another code."""
    assert {kind.code for kind in _CLASSES} == _CODES


@pytest.mark.parametrize("kind", _CLASSES)
def test_an_error_says_whether_waiting_helps(kind):
    """Retryable is what may work later by itself; an unknown outcome is not."""
    assert _made(kind).retryable is (kind.code in _RETRYABLE)


@pytest.mark.parametrize("kind", _CLASSES)
def test_an_error_fills_the_nine_keys(kind):
    """The envelope of every error has all keys, null where nothing is known."""
    body = failure(_made(kind), action="getIssue")["error"]
    assert list(body) == _KEYS
    assert body["code"] in _CODES
    assert body["message"] == str(_made(kind)) == "could not do it"
    assert body["status"] == (418 if issubclass(kind, HttpError) else None)
    assert (body["errors"], body["hint"], body["traceId"], body["retryAfter"]) == ({}, None, None, None)


@pytest.mark.parametrize("kind", _CLASSES)
def test_an_error_explains_itself(kind):
    """Each class has its own docstring, which says whose move it is."""
    assert kind.__doc__
    assert kind.__doc__ != kind.__mro__[1].__doc__


def test_field_errors_are_copied():
    """What the caller does with its own mapping later changes no error."""
    texts = ["is missing"]
    error = errors.InputError("no", errors={"issueKey": texts}, hint="Give it.")
    texts.append("changed")
    assert error.errors == {"issueKey": ["is missing"]}
    assert error.hint == "Give it."


def test_an_answers_error_keeps_what_was_asked():
    """Method and path template, Jira's texts, trace id and wait are attributes."""
    error = errors.RateLimitedError(
        "could not search issues",
        status=429,
        method="POST",
        path="/rest/api/3/search/jql",
        messages=["Slow down."],
        errors={"jql": ["long"]},
        trace_id="t",
        retry_after_seconds=5,
        hint="Wait.",
    )
    assert (error.status, error.method, error.path) == (429, "POST", "/rest/api/3/search/jql")
    assert (error.messages, error.errors, error.hint) == (["Slow down."], {"jql": ["long"]}, "Wait.")
    assert (error.trace_id, error.retry_after_seconds) == ("t", 5)


def test_a_refused_token_is_a_reconnect():
    """Who handles `ReconnectError` handles a 401 too, and both say the same code."""
    error = errors.UnauthorizedError("no", status=401, method="GET", path="/")
    assert isinstance(error, errors.ReconnectError)
    assert error.code == errors.ReconnectError.code == "reconnect"
    assert error.reason in {"no_grant", "grant_refused"}


def test_a_choice_lists_its_sites():
    """The candidates travel with the error."""
    sites = [{"cloudId": "c", "name": "n", "url": "u", "scopes": []}]
    assert ChooseSiteError("which?", sites=sites).sites == sites


def test_wrong_values_are_value_errors_too():
    """Python code that calls the plugin may catch what it knows."""
    assert issubclass(errors.SettingsError, ValueError)
    assert issubclass(errors.InputError, ValueError)


def test_the_contract_has_the_same_classes():
    """Hosts import both from the contract."""
    assert contract.PluginError is PluginError
    assert contract.SettingsError is errors.SettingsError
