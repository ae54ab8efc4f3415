"""The login over real requests: when it renews, what it stores, what it never does."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.memoryhost import MemoryCredentials
from vantage_jira_plugin.errors import SettingsError
from vantage_jira_plugin.simulator import Fault

_HOUR = 3600


_ISSUE = {"issueKey": "DEV-1", "fields": "summary"}


def _get_issue(connection):
    return connection.execute("getIssue", _ISSUE, {}, {})


def _stored(services):
    return services.credentials.records["credential_123456"]


def test_a_good_token_is_used_as_it_is(connect, sim):
    """No refresh while the token is good."""
    connection = connect()
    assert "output1" in _get_issue(connection)
    assert "output1" in _get_issue(connection)
    assert sim.token_requests == []


def test_a_token_is_renewed_before_it_expires(connect, sim, services):
    """In the last minute of its life a token is exchanged, in JSON, and the pair stored before it is used."""
    connection = connect()
    connection.authenticate()
    sim.access_token_seconds = _HOUR
    sim.clock.advance(_HOUR)
    assert "output1" in _get_issue(connection)  # renewed: its expiry was not known, and Jira said 401
    before = _stored(services)
    sim.clock.advance(_HOUR - 30)
    assert "output1" in _get_issue(connection)
    after = _stored(services)
    assert after["refreshToken"] != before["refreshToken"]
    request = sim.token_requests[-1]
    assert request.headers["content-type"] == "application/json"
    assert json.loads(request.body) == {
        "grant_type": "refresh_token",
        "client_id": sim.client_id,
        "client_secret": sim.client_secret,
        "refresh_token": before["refreshToken"],
    }
    assert [entry.status for entry in sim.requests_to("/rest/api/3/issue")].count(401) == 1


def test_a_401_renews_once(connect, sim):
    """A 401 is answered by one refresh and one repeat."""
    connection = connect()
    sim.faults.add(Fault("answer", path="/issue/", status=401, body={"code": 401, "message": "Unauthorized"}))
    assert "output1" in _get_issue(connection)
    assert len(sim.token_requests) == 1
    assert [entry.status for entry in sim.requests_to("/rest/api/3/issue")] == [401, 200]


def test_a_second_401_is_reconnect(connect, sim):
    """A fresh token that is refused as well means reconnect, not a loop."""
    sim.faults.add(Fault("answer", path="/issue/", status=401, times=None, body={"code": 401, "message": "no"}))
    envelope = _get_issue(connect())
    assert envelope["error"]["code"] == "reconnect"
    assert len(sim.token_requests) == 1
    assert len(sim.requests_to("/rest/api/3/issue")) == 2


def test_a_missing_scope_never_renews(connect, sim):
    """A 401 about scopes becomes scope_missing naming the scope; no token is exchanged."""
    connection = connect(grant=sim.grant(scopes=["read:jira-user", "offline_access"]))
    error = _get_issue(connection)["error"]
    assert (error["code"], error["errors"]) == ("scope_missing", {"scopes": ["needs read:jira-work"]})
    assert sim.token_requests == []


@pytest.mark.parametrize("status", [403, 404])
def test_the_gateways_403_and_404_for_an_expired_token_are_recognised(connect, sim, status):
    """n8n#37776: the gateway answers 403 or 404 for an expired token; it is renewed where it may be due."""
    sim.expired_token_status = status
    connection = connect()
    connection.authenticate()
    sim.clock.advance(2 * _HOUR)
    assert "output1" in _get_issue(connection)
    assert len(sim.token_requests) == 1


def test_a_plain_404_with_a_good_token_renews_nothing(connect, sim):
    """An issue that is not there costs no refresh while the token is known to be good."""
    connection = connect()
    sim.clock.advance(2 * _HOUR)
    _get_issue(connection)
    assert len(sim.token_requests) == 1
    envelope = connection.execute("getIssue", {"issueKey": "DEV-9999"}, {}, {})
    assert envelope["error"]["code"] == "not_found"
    assert len(sim.token_requests) == 1


def test_many_threads_make_one_refresh(connect, sim):
    """Threads that find the token expired at the same moment make one refresh between them."""
    connection = connect()
    connection.authenticate()
    sim.clock.advance(2 * _HOUR)
    start = threading.Barrier(12)

    def call(_):
        start.wait()
        return _get_issue(connection)

    with ThreadPoolExecutor(12) as pool:
        envelopes = list(pool.map(call, range(12)))
    assert all("output1" in envelope for envelope in envelopes)
    assert len(sim.token_requests) == 1
    assert sim.authorization.replays == 0


def test_many_connections_make_one_refresh(connect, sim):
    """Connections that share a store, as workers do, make one refresh between them."""
    grant = sim.grant()
    connections = [connect(grant=grant) for _ in range(8)]
    for connection in connections:
        connection.authenticate()
    sim.clock.advance(2 * _HOUR)
    with ThreadPoolExecutor(8) as pool:
        envelopes = list(pool.map(_get_issue, connections))
    assert all("output1" in envelope for envelope in envelopes)
    assert len(sim.token_requests) == 1


def test_a_refused_grant_is_said_once(connect, sim, services):
    """invalid_grant means reconnect; it is remembered, so that no later call asks the endpoint again."""
    connection = connect()
    connection.authenticate()
    sim.authorization.revoke(_stored(services)["refreshToken"])
    sim.clock.advance(2 * _HOUR)
    first = _get_issue(connection)["error"]
    assert first["code"] == "reconnect"
    assert "invalid_grant" in first["message"]
    asked = len(sim.token_requests)
    assert _get_issue(connection)["error"]["code"] == "reconnect"
    assert _get_issue(connect())["error"]["code"] == "reconnect"
    assert len(sim.token_requests) == asked == 1
    assert connection.authenticate()["reason"] == "grant_refused"


def test_a_due_token_serves_while_the_endpoint_is_down(connect, sim):
    """In its last minute a token that cannot be renewed for the moment is used all the same."""
    connection = connect()
    sim.clock.advance(2 * _HOUR)
    _get_issue(connection)
    sim.clock.advance(_HOUR - 30)
    sim.faults.add(Fault("answer", path="/oauth/token$", status=503, times=None))
    assert "output1" in _get_issue(connection)


def test_short_lived_tokens_are_not_renewed_on_every_call(connect, sim):
    """The leeway fits the token's life: ten calls with a token of ten seconds need no refresh."""
    connection = connect()
    sim.clock.advance(2 * _HOUR)
    sim.access_token_seconds = 10
    for _ in range(10):
        assert "output1" in _get_issue(connection)
    assert len(sim.token_requests) == 1


def test_a_request_that_waited_carries_a_fresh_token(connect, sim, slept):
    """A 429 that outlasts the token: the repeat goes out with a new one, not with a 401 in between."""
    connection = connect()
    sim.clock.advance(2 * _HOUR)
    sim.access_token_seconds = 10
    _get_issue(connection)
    sim.faults.add(Fault("answer", path="/issue/", status=429, headers={"Retry-After": "30"}))
    assert "output1" in _get_issue(connection)
    assert slept == [pytest.approx(30, abs=0.1)]
    assert [entry.status for entry in sim.requests_to("/rest/api/3/issue")][-2:] == [429, 200]
    assert len(sim.token_requests) == 2


def test_nobody_connected_yet(connect, sim):
    """A record whose values are null answers reconnect, with nothing sent."""
    error = _get_issue(connect(grant={}))["error"]
    assert error["code"] == "reconnect"
    assert "connected" in error["message"]
    assert sim.requests == []


def test_a_disconnected_connection_stays_so(connect, sim, services):
    """After disconnecting, the record is gone and every call answers reconnect, with nothing sent."""
    connection = connect()
    connection.authenticate()
    connection.disconnect()
    sent = len(sim.requests)
    assert services.credentials.records == {}
    assert _get_issue(connection)["error"]["code"] == "reconnect"
    assert connection.authenticate()["status"] == "reconnect"
    assert len(sim.requests) == sent


def test_a_lock_that_is_not_to_be_had_is_a_store_error(connect, sim, services):
    """A record that somebody else holds for too long gives credential_store, retryable."""
    connection = connect()
    sim.clock.advance(2 * _HOUR)
    with services.credentials.exclusive("credential_123456", timeout_seconds=1):
        error = connection.execute("getIssue", _ISSUE, {}, {"timeoutSeconds": 0.2})["error"]
    assert (error["code"], error["retryable"]) == ("credential_store", True)
    assert sim.token_requests == []


def test_a_store_that_cannot_save_uses_no_unsaved_token(connect, sim, services, monkeypatch):
    """Save, then use: where saving the new pair fails, it is not used, and the next call exchanges again."""
    connection = connect()
    sim.clock.advance(2 * _HOUR)
    _get_issue(connection)  # from here on the expiry is known
    sim.clock.advance(2 * _HOUR)
    before = len(sim.requests_to("/rest/api/3/issue"))
    transaction = type(services.credentials.exclusive("x", timeout_seconds=1).__enter__())
    save = transaction.save

    def fail_on_a_new_token(self, record):
        if record["accessToken"] != self.record["accessToken"]:
            raise OSError("disk full")
        save(self, record)

    with monkeypatch.context() as patched:
        patched.setattr(transaction, "save", fail_on_a_new_token)
        error = _get_issue(connection)["error"]
    assert error["code"] == "credential_store"
    assert len(sim.requests_to("/rest/api/3/issue")) == before
    assert "output1" in _get_issue(connection)
    assert sim.authorization.replays == 0


def test_a_reconnect_elsewhere_is_noticed(connect, sim, services):
    """A record replaced by another process is used within seconds."""
    connection = connect()
    connection.authenticate()
    old = _stored(services)["accessToken"]
    fresh = sim.grant()
    services.credentials.records["credential_123456"] |= {"accessToken": fresh["access_token"]}
    connection._login._read_at -= 60
    _get_issue(connection)
    assert sim.requests[-1].headers["authorization"] == f"Bearer {fresh['access_token']}" != f"Bearer {old}"


def test_memory_store_matches_the_contract():
    """The store these tests use locks for real: a second holder times out."""
    store = MemoryCredentials()
    with store.exclusive("a", timeout_seconds=1), pytest.raises(TimeoutError):  # noqa: SIM117
        with store.exclusive("a", timeout_seconds=0.01):
            pass


def test_a_pair_that_could_not_be_stored_is_stored_later(connect, sim, services, monkeypatch):
    """The store comes back after the reuse interval: the pair that was kept meanwhile is stored, not exchanged."""
    connection = connect()
    sim.clock.advance(2 * _HOUR)
    _get_issue(connection)
    sim.clock.advance(2 * _HOUR)
    transaction = type(services.credentials.exclusive("x", timeout_seconds=1).__enter__())
    save = transaction.save

    def fail_on_a_new_token(self, record):
        if record["accessToken"] != self.record["accessToken"]:
            raise OSError("disk full")
        save(self, record)

    with monkeypatch.context() as patched:
        patched.setattr(transaction, "save", fail_on_a_new_token)
        assert _get_issue(connection)["error"]["code"] == "credential_store"
    asked = len(sim.token_requests)
    sim.clock.advance(700)
    assert "output1" in _get_issue(connection)
    assert len(sim.token_requests) == asked
    sim.clock.advance(2 * _HOUR)
    assert "output1" in _get_issue(connection)
    assert sim.authorization.replays == 0


def test_a_token_that_jira_never_takes_is_renewed_once(connect, sim):
    """A 401 that no new token cures costs one refresh, not one for each call."""
    connection = connect()
    sim.faults.add(Fault("answer", path="/issue/", status=401, body={"code": 401, "message": "no"}, times=None))
    for _ in range(4):
        assert _get_issue(connection)["error"]["code"] == "reconnect"
    assert len(sim.token_requests) == 1
    sim.faults.clear()
    assert "output1" in _get_issue(connection)


def test_a_missing_issue_is_missing_even_if_the_login_cannot_be_renewed_now(connect, sim):
    """A 404 while the expiry is not known, and a token endpoint that is down: the answer is the 404."""
    connection = connect()
    sim.faults.add(Fault("answer", path="/oauth/token$", status=503, times=None))
    error = connection.execute("getIssue", {"issueKey": "DEV-9999"}, {}, {})["error"]
    assert error["code"] == "not_found"


def test_a_good_token_is_not_held_up_by_a_dead_endpoint(connect, sim):
    """While the token still serves, a failing endpoint is asked once and then left alone for a while."""
    connection = connect()
    sim.clock.advance(2 * _HOUR)
    _get_issue(connection)
    sim.clock.advance(_HOUR - 30)
    sim.faults.add(Fault("answer", path="/oauth/token$", status=503, times=None))
    before = len(sim.token_requests)
    for _ in range(5):
        assert "output1" in _get_issue(connection)
    assert len(sim.token_requests) == before + 1


@pytest.mark.parametrize("token", ["two words", "line\nbreak", "t€k", "\ud800"])
def test_a_token_that_no_header_carries_is_refused_early(connect, token):
    """Settings with such a token are refused, without quoting it."""
    with pytest.raises(SettingsError) as refused:
        connect(grant={"access_token": token})
    assert list(refused.value.errors) == ["encryptedRecord"]
    assert token not in str(refused.value)


def test_a_forked_process_starts_over(connect, sim):
    """A worker forked while a thread renews neither waits for that thread nor uses the parent's sockets."""
    connection = connect()
    connection.authenticate()
    parents = connection._login
    parents._renewing.acquire()  # held by a thread that does not live on in the child
    connection._process = -1  # what a fork makes of it
    sim.clock.advance(2 * _HOUR)
    assert "output1" in _get_issue(connection)
    assert connection._login is not parents


def test_a_forked_process_remembers_that_it_was_disconnected(connect, services):
    """Nor does a fork bring a login back that was given up."""
    connection = connect()
    connection.authenticate()
    connection.disconnect()
    connection._process = -1
    assert _get_issue(connection)["error"]["code"] == "reconnect"
    assert services.credentials.records == {}
