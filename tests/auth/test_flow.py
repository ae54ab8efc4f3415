"""Connecting with a person in it, against the consent page and the token endpoint of the simulator."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from vantage_jira_plugin.errors import InputError, NetworkError, SettingsError
from vantage_jira_plugin.manifest import grant_scopes
from vantage_jira_plugin.simulator import Fault

_CALLBACK = "http://127.0.0.1:8735/callback"


def _stored(services):
    return services.credentials.records["credential_123456"]


def test_the_person_is_sent_with_all_that_atlassian_demands(connect, sim):
    """The URL carries audience, scopes with offline_access, state, consent prompt and a PKCE challenge."""
    started = connect(grant={}).authorize(_CALLBACK)
    parts = urlsplit(started["url"])
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{sim.auth_url}/authorize"
    assert query.pop("scope").split() == [*grant_scopes(), "offline_access"]
    assert len(query.pop("state")) >= 43
    assert len(query.pop("code_challenge")) == 43
    assert query == {
        "audience": "api.atlassian.com",
        "client_id": sim.client_id,
        "redirect_uri": _CALLBACK,
        "response_type": "code",
        "prompt": "consent",
        "code_challenge_method": "S256",
    }
    assert started["expiresAt"].endswith("Z")
    assert sim.requests == []


def test_consent_connects(connect, sim, services):
    """After consent the record holds the grant and its site, and the answer holds no token."""
    connection = connect(grant={})
    started = connection.authorize(_CALLBACK)
    connected = connection.authorized(sim.consent(started["url"]), started["state"])
    assert (connected["status"], connected["siteUrl"]) == ("connected", sim.site.url)
    assert connected["accountId"]
    assert set(grant_scopes()) <= set(connected["scopes"])
    record = _stored(services)
    assert record["accessToken"]
    assert record["refreshToken"]
    assert record["cloudId"] == sim.site.cloud_id
    assert "pendingConsent" not in record
    assert record["accessToken"] not in json.dumps(connected)
    exchange = json.loads(sim.token_requests[0].body)
    assert exchange["grant_type"] == "authorization_code"
    assert exchange["redirect_uri"] == _CALLBACK
    assert exchange["code_verifier"]


def test_the_callback_may_arrive_at_another_process(connect, sim):
    """What the callback must match lives in the store, not in the connection that started."""
    started = connect(grant={}).authorize(_CALLBACK)
    connected = connect(grant={}).authorized(sim.consent(started["url"]), started["state"])
    assert connected["status"] == "connected"


def test_declined_consent_is_told(connect, sim):
    """A person who declines leaves a reconnect that says so; nothing was exchanged."""
    connection = connect(grant={})
    started = connection.authorize(_CALLBACK)
    answer = connection.authorized(sim.consent(started["url"], accept=False), started["state"])
    assert (answer["status"], answer["reason"]) == ("reconnect", "consent_declined")
    assert sim.token_requests == []


def test_an_expired_code_is_told_apart(connect, sim):
    """A code that waited too long leaves a reconnect of another kind."""
    connection = connect(grant={})
    started = connection.authorize(_CALLBACK)
    callback = sim.consent(started["url"])
    sim.clock.advance(600)
    answer = connection.authorized(callback, started["state"])
    assert (answer["status"], answer["reason"]) == ("reconnect", "code_expired")
    assert len(sim.token_requests) == 1


@pytest.mark.parametrize("which", ["callback", "argument", "both", "none pending"])
def test_a_foreign_state_exchanges_nothing(connect, sim, which):
    """A callback that does not belong to the consent started here is refused before any exchange."""
    connection = connect(grant={})
    started = connection.authorize(_CALLBACK)
    callback = sim.consent(started["url"])
    state = started["state"]
    if which in {"callback", "both"}:
        callback = callback.replace(state, "forged")
    if which in {"argument", "both"}:
        state = "forged"
    if which == "none pending":
        connection = connect(grant={}, credentialId="another")
    answer = connection.authorized(callback, state)
    assert (answer["status"], answer["reason"]) == ("reconnect", "state_mismatch")
    assert sim.token_requests == []


def test_a_consent_is_used_once(connect, sim):
    """The same callback a second time is refused, and the grant stays."""
    connection = connect(grant={})
    started = connection.authorize(_CALLBACK)
    callback = sim.consent(started["url"])
    assert connection.authorized(callback, started["state"])["status"] == "connected"
    assert connection.authorized(callback, started["state"])["reason"] == "state_mismatch"
    assert connection.authenticate()["status"] == "connected"


def test_nobody_is_sent_to_consent_in_vain(connect, sim, services):
    """Without a client secret the code could not be exchanged; it is said before anybody consents."""
    services.secret = None
    with pytest.raises(SettingsError, match="client secret"):
        connect(grant={}).authorize(_CALLBACK)
    assert services.credentials.records == {}


def test_starting_again_keeps_the_old_grant_until_the_new_one(connect, sim, services):
    """A reconnect that is not finished loses nothing."""
    connection = connect()
    connection.authenticate()
    before = _stored(services)["refreshToken"]
    connection.authorize(_CALLBACK)
    assert _stored(services)["refreshToken"] == before
    assert connection.authenticate()["status"] == "connected"


def test_reconnecting_cures_a_refused_grant(connect, sim, services):
    """A new consent under the same credential id makes the connection work again."""
    connection = connect()
    connection.authenticate()
    sim.authorization.revoke(_stored(services)["refreshToken"])
    sim.clock.advance(7200)
    assert connection.authenticate()["reason"] == "grant_refused"
    started = connection.authorize(_CALLBACK)
    assert connection.authorized(sim.consent(started["url"]), started["state"])["status"] == "connected"
    assert "refused" not in _stored(services)


def test_an_exchange_without_an_answer_is_no_reconnect(connect, sim):
    """A token endpoint that is not there raises a network error; the consent is not called declined."""
    connection = connect(grant={})
    started = connection.authorize(_CALLBACK)
    callback = sim.consent(started["url"])
    sim.faults.add(Fault("reset", path="/oauth/token$", times=None))
    with pytest.raises(NetworkError):
        connection.authorized(callback, started["state"])


@pytest.mark.parametrize(
    ("callback", "state"), [("http://[", "x"), (None, None), ("?state=\ud800", "\ud800"), (5, "x")]
)
def test_callbacks_that_are_none_are_refused(connect, sim, callback, state):
    """Whatever comes as callback or state, it is a mismatch, not a traceback."""
    connection = connect(grant={})
    connection.authorize(_CALLBACK)
    assert connection.authorized(callback, state)["reason"] == "state_mismatch"
    assert sim.token_requests == []


@pytest.mark.parametrize(
    "uri", ["", "callback", "http://[", None, "http://example.com/callback", "ftp://127.0.0.1/", "https://"]
)
def test_redirect_uris_are_checked(connect, sim, uri):
    """Only https, or http on loopback, may receive a code."""
    with pytest.raises(InputError, match="redirect_uri"):
        connect(grant={}).authorize(uri)
