"""The session against a real token endpoint: what it sends, and what its refusals mean."""

from __future__ import annotations

import json

import pytest

from vantage_jira_plugin.simulator import Fault

_HOUR = 3600


_ISSUE = {"issueKey": "DEV-1", "fields": "summary"}


def _get_issue(connection):
    return connection.execute("getIssue", _ISSUE, {}, {})


def _stored(services):
    return services.credentials.records["credential_123456"]


def test_a_wrong_client_secret_loses_nothing(connect, sim, services):
    """access_denied at the token endpoint is an administrator's mistake; the grant is kept and works again."""
    connection = connect()
    connection.authenticate()
    sim.clock.advance(2 * _HOUR)
    services.secret = "wrong-secret-value"
    error = _get_issue(connection)["error"]
    assert (error["code"], list(error["errors"])) == ("settings_invalid", ["clientId"])
    assert "wrong-secret-value" not in json.dumps(error)
    assert "renewalTriedAt" not in _stored(services)  # it was answered: nothing was cut off
    services.secret = sim.client_secret
    assert "output1" in _get_issue(connection)


def test_a_missing_client_secret_sends_nothing(connect, sim, services):
    """Without a client secret the token endpoint is not asked."""
    services.secret = None
    connection = connect()
    sim.clock.advance(2 * _HOUR)
    assert _get_issue(connection)["error"]["code"] == "settings_invalid"
    assert sim.token_requests == []


@pytest.mark.parametrize("kind", ["lost_answer", "reset", "truncate", "cut_json", "empty", "html"])
def test_a_failing_token_endpoint_is_asked_again_with_the_same_token(connect, sim, kind):
    """An answer lost on the way is asked for again inside the reuse interval; the family lives on."""
    connection = connect()
    sim.clock.advance(2 * _HOUR)
    sim.faults.add(Fault(kind, path="/oauth/token$"))
    assert "output1" in _get_issue(connection)
    assert len(sim.token_requests) == 2
    sim.clock.advance(2 * _HOUR)
    assert "output1" in _get_issue(connection)


def test_a_token_endpoint_that_stays_down_is_no_reconnect(connect, sim, services):
    """5xx from the token endpoint is jira_unavailable, and the refresh token is kept."""
    connection = connect()
    connection.authenticate()
    kept = _stored(services)["refreshToken"]
    sim.clock.advance(2 * _HOUR)
    sim.faults.add(Fault("answer", path="/oauth/token$", status=503, times=None))
    error = _get_issue(connection)["error"]
    assert (error["code"], error["retryable"], error["status"]) == ("jira_unavailable", True, 503)
    assert _stored(services)["refreshToken"] == kept
    sim.faults.clear()
    assert "output1" in _get_issue(connection)


def test_a_token_endpoint_that_asks_to_wait_is_rate_limited(connect, sim):
    """A long 429 from the token endpoint gives rate_limited and the seconds."""
    connection = connect()
    sim.clock.advance(2 * _HOUR)
    sim.faults.add(Fault("answer", path="/oauth/token$", status=429, headers={"Retry-After": "120"}, times=None))
    error = _get_issue(connection)["error"]
    assert (error["code"], error["retryAfter"]) == ("rate_limited", 120)


def test_no_secret_in_repr(connect):
    """Neither the connection nor its parts show a token."""
    connection = connect()
    record = connection._login.load()
    for thing in (connection, connection.settings, record, connection._login):
        assert record.access_token not in repr(thing)
        assert record.refresh_token not in repr(thing)


def test_a_redirected_token_request_goes_nowhere(connect, sim):
    """A redirect at the token endpoint gets neither refresh token nor client secret, and is no token."""
    connection = connect()
    sim.clock.advance(2 * _HOUR)
    elsewhere = {"Location": f"{sim.api_url}/me"}
    sim.faults.add(Fault("answer", path="/oauth/token$", status=307, headers=elsewhere, body=b"", times=None))
    error = _get_issue(connection)["error"]
    assert (error["code"], error["status"]) == ("jira_unavailable", 307)
    assert not any(entry.path == "/me" for entry in sim.requests)


def test_what_the_token_endpoint_echoes_is_masked(connect, sim, services):
    """A refusal that quotes what it was sent shows it nowhere, not in the record either."""
    grant = sim.grant()
    connection = connect(grant=grant)
    sim.clock.advance(2 * _HOUR)
    echo = {"error": "invalid_grant", "error_description": f"{grant['refresh_token']} of {sim.client_secret} is gone"}
    sim.faults.add(Fault("answer", path="/oauth/token$", status=403, body=echo, times=None))
    envelope, answer = _get_issue(connection), connection.authenticate()
    shown = json.dumps([envelope, answer, _stored(services)["refused"]])
    assert envelope["error"]["code"] == "reconnect"
    assert grant["refresh_token"] not in shown
    assert sim.client_secret not in shown


def test_loopback_needs_no_proxy(connect, monkeypatch):
    """A proxy named by the environment is not asked for addresses of this machine."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert "output1" in _get_issue(connect())


def test_other_addresses_are_asked_through_the_proxy(connect, services, monkeypatch):
    """What the environment names when the connection is made serves all its requests."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    services.api_url = "http://jira.example"
    connection = connect()
    monkeypatch.delenv("http_proxy")
    error = _get_issue(connection)["error"]
    assert (error["code"], "the proxy could not be reached" in error["message"]) == ("network", True)


def test_cookies_are_not_kept(connect, sim):
    """What an answer sets comes back with no later request: a token alone says who asks."""
    connection = connect()
    sim.faults.add(Fault("answer", path="/issue/", status=503, headers={"Set-Cookie": "atlassian=1; Path=/"}))
    assert "output1" in _get_issue(connection)
    assert sim.requests[-1].headers["accept"] == "application/json"
    assert not any("cookie" in entry.headers for entry in sim.requests)
