"""What the token endpoint's refusals mean, and what is never quoted of them."""

from __future__ import annotations

import pytest

from vantage_jira_plugin.auth.refusals import grant_refused, not_about_tokens, refusal
from vantage_jira_plugin.errors import JiraUnavailableError, RateLimitedError, ReconnectError, SettingsError

_NOW = 1_769_851_800.0


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("invalid_grant", ReconnectError),
        ("unauthorized_client", ReconnectError),
        ("access_denied", SettingsError),
        ("invalid_client", SettingsError),
        ("server_error", JiraUnavailableError),
        ("something_new", JiraUnavailableError),
    ],
)
def test_a_refusal_says_whose_move_it_is(code, kind):
    """A person connects again, an administrator corrects the client's secret, or nobody does anything but wait."""
    error = refusal(code, "because", ())
    assert type(error) is kind
    assert f"{code}: because" in error.message


def test_a_grant_that_is_gone_has_a_reason_of_its_own():
    """The host can tell it from a login that nobody ever connected."""
    assert grant_refused("gone").reason == "grant_refused"
    assert refusal("invalid_grant", None, ()).reason == "grant_refused"


def test_a_wrong_secret_names_the_setting():
    """The host shows it at the client id, which is what an administrator compares."""
    assert list(refusal("invalid_client", None, ()).errors) == ["clientId"]


def test_what_was_sent_is_masked():
    """Also where one secret begins like another: no end of the longer one stays behind."""
    error = refusal("invalid_grant", "secret-and-more of secret", ("secret", "secret-and-more"))
    assert "*** of ***" in error.message
    assert "more" not in error.message


def test_a_limit_of_the_token_endpoint_is_told_with_its_time():
    """A 429 is no refusal of the grant."""
    error = not_about_tokens(429, {"Retry-After": "120"}, now=_NOW)
    assert (type(error), error.retry_after_seconds) == (RateLimitedError, 120)


@pytest.mark.parametrize("status", [300, 302, 307, 399])
def test_a_redirect_of_the_token_endpoint_is_no_token(status):
    """It is not followed, and the endpoint counts as unavailable."""
    error = not_about_tokens(status, {"Location": "https://elsewhere.example"}, now=_NOW)
    assert (type(error), error.status) == (JiraUnavailableError, status)
    assert "elsewhere" not in error.message


@pytest.mark.parametrize("status", [200, 400, 401, 403, 500, 503])
def test_other_answers_are_read_for_what_they_say(status):
    """Tokens and OAuth errors are authlib's to read."""
    assert not_about_tokens(status, {"Retry-After": "5"}, now=_NOW) is None
