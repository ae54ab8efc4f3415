from __future__ import annotations

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.simulator.tiny_jira import FIRST, SECOND, send

CALLBACK = "http://127.0.0.1:5555/callback"


def authorize_url(simulator, **changes):
    """Return a good authorize URL with changes; None leaves a parameter out."""
    parameters = {
        "audience": "api.atlassian.com",
        "client_id": simulator.client_id,
        "scope": "read:jira-work offline_access",
        "redirect_uri": CALLBACK,
        "state": "unguessable & bound",
        "response_type": "code",
        "prompt": "consent",
        **changes,
    }
    given = {name: value for name, value in parameters.items() if value is not None}
    return f"{simulator.auth_url}/authorize?{urlencode(given)}"


def answer_of(location):
    """Return what the redirect brings to the callback."""
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def test_page_names_app_scopes_and_sites(tiny):
    """The person sees who asks, for what and where; the page runs no script."""
    page = send(authorize_url(tiny))
    text = page.body.decode()
    assert page.status == 200
    for shown in (
        "Vantage",
        "read:jira-work",
        "offline_access",
        "https://acme.",
        "https://globex.",
        "Accept",
        "Cancel",
    ):
        assert shown in text
    assert page.headers["content-security-policy"].startswith("default-src 'none'")


def test_accepting_sends_code_and_state_back(tiny):
    """Accept redirects to the callback with a code and the state, unchanged."""
    location = tiny.consent(authorize_url(tiny))
    assert location.startswith(f"{CALLBACK}?")
    assert answer_of(location).keys() == {"code", "state"}
    assert answer_of(location)["state"] == "unguessable & bound"


def test_declining_sends_an_error_back(tiny):
    """Cancel redirects with `access_denied` and the state; no grant comes of it."""
    answer = answer_of(tiny.consent(authorize_url(tiny), accept=False))
    assert answer["error"] == "access_denied"
    assert answer["error_description"]
    assert answer["state"] == "unguessable & bound"
    assert "code" not in answer


def test_only_picked_sites_are_granted(tiny, client):
    """The grant reaches the sites picked on the page and no other."""
    code = answer_of(tiny.consent(authorize_url(tiny), sites=[SECOND]))["code"]
    answer = client.token({"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK})
    client.grant = answer.json()
    assert client.call("issue/OPS-1", cloud_id=SECOND).status == 200
    assert client.call("issue/OPS-1", cloud_id=FIRST).status == 404
    with pytest.raises(ValueError, match="Pick at least one site"):
        tiny.consent(authorize_url(tiny), sites=[])


def test_auto_consent_sends_back_at_once(tiny):
    """With auto consent the first request already redirects."""
    tiny.auto_consent = True
    answer = send(authorize_url(tiny, redirect_uri=f"{CALLBACK}?a=b"))
    assert answer.status == 302
    assert answer.headers["location"].startswith(f"{CALLBACK}?a=b&code=")


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("audience", None, "audience"),
        ("audience", "example.com", "audience"),
        ("client_id", "unknown", "unauthorized_client"),
        ("redirect_uri", "https://evil.example/callback", "redirect_uri"),
        ("redirect_uri", "http://127.0.0.1.evil.example/", "redirect_uri"),
        ("redirect_uri", "http://[broken/", "redirect_uri"),
        ("redirect_uri", None, "redirect_uri"),
        ("response_type", "token", "response_type"),
        ("prompt", None, "prompt"),
        ("state", None, "state"),
        ("scope", None, "invalid_scope"),
        ("scope", "read:jira-work read:<b>", "invalid_scope: read:&lt;b&gt;"),
        ("code_challenge_method", "S512", "code_challenge_method"),
    ],
)
def test_bad_request_is_never_sent_back(tiny, name, value, reason):
    """A wrong or missing parameter shows an error page, escaped, and no redirect."""
    page = send(authorize_url(tiny, **{name: value}))
    assert page.status == 400
    assert reason in page.body.decode()
    assert "location" not in page.headers
    with pytest.raises(ValueError, match="answered 400"):
        tiny.consent(authorize_url(tiny, **{name: value}))


@pytest.mark.parametrize(
    "redirect_uri", ["http://localhost:1/x", "http://[::1]:9/", "https://vantage.example/jira/callback"]
)
def test_registered_callbacks_are_accepted(tiny, redirect_uri):
    """Loopback on any port and what was registered are good callbacks."""
    tiny.authorization.consent.redirect_uris.add("https://vantage.example/jira/callback")
    assert tiny.consent(authorize_url(tiny, redirect_uri=redirect_uri)).startswith(redirect_uri)


def test_page_is_answered_once(tiny):
    """A form that was sent already, or never shown, gives nothing."""
    form = urlencode({"request": "made up", "decision": "accept", "site": FIRST}).encode()
    answer = send(f"{tiny.auth_url}/authorize", "POST", body=form)
    assert answer.status == 400
    assert send(f"{tiny.auth_url}/authorize", "PUT").status == 405
