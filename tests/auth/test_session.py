"""The session against a real token endpoint: when it refreshes, what it stores, what it never does."""

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


def test_a_wrong_client_secret_loses_nothing(connect, sim, services):
    """access_denied at the token endpoint is an administrator's mistake; the grant is kept and works again."""
    connection = connect()
    connection.authenticate()
    sim.clock.advance(2 * _HOUR)
    services.secret = "wrong-secret-value"
    error = _get_issue(connection)["error"]
    assert (error["code"], list(error["errors"])) == ("settings_invalid", ["clientId"])
    assert "wrong-secret-value" not in json.dumps(error)
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
    assert slept == [30]
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


def test_no_secret_in_repr(connect):
    """Neither the connection nor its parts show a token."""
    connection = connect()
    record = connection._login.load()
    for thing in (connection, connection.settings, record, connection._login):
        assert record.access_token not in repr(thing)
        assert record.refresh_token not in repr(thing)


def test_memory_store_matches_the_contract():
    """The store these tests use locks for real: a second holder times out."""
    store = MemoryCredentials()
    with store.exclusive("a", timeout_seconds=1), pytest.raises(TimeoutError):  # noqa: SIM117
        with store.exclusive("a", timeout_seconds=0.01):
            pass


class TestLapse:
    """A grant that nobody uses ends after 90 days; it is told early and can be kept alive."""

    _DAY = 86_400

    @pytest.fixture
    def connection(self, connect, sim):
        """A connection whose grant was just renewed."""
        connection = connect()
        sim.clock.advance(2 * _HOUR)
        _get_issue(connection)
        return connection

    def test_the_end_is_told_and_warned_about(self, connection, sim):
        """authenticate says when the grant lapses, and warns three weeks before without renewing it first."""
        answer = connection.authenticate()
        assert answer["grantExpiry"].endswith("Z")
        assert answer["warnings"] == []
        connection._login._record = None
        sim.clock.advance(75 * self._DAY)
        record = connection._login.load()
        assert "15 days" in connection._warnings(record)[0]

    def test_a_resting_grant_is_renewed(self, connection, sim):
        """keepAlive renews what has rested for 30 days, and leaves what was renewed lately alone."""

        def keep_alive(**inputs):
            return connection.execute("keepAlive", inputs, {}, {})["output1"]["data"][0]

        assert keep_alive()["renewed"] is False
        sim.clock.advance(31 * self._DAY)
        before = len(sim.token_requests)
        assert keep_alive()["renewed"] is True
        assert keep_alive()["renewed"] is False
        assert keep_alive(idleDays=0)["renewed"] is True
        assert len(sim.token_requests) == before + 2

    def test_kept_alive_for_a_year(self, connection, sim):
        """Renewed each month, a grant that nobody else uses still works after eleven months."""
        for _ in range(11):
            sim.clock.advance(30 * self._DAY)
            assert connection.execute("keepAlive", {"idleDays": 20}, {}, {})["output1"]["data"][0]["renewed"]
        assert "output1" in _get_issue(connection)

    def test_a_lapsed_grant_is_reconnect(self, connection, sim):
        """After 90 days of rest the grant is gone, and keepAlive says reconnect."""
        sim.clock.advance(91 * self._DAY)
        assert connection.execute("keepAlive", {}, {}, {})["error"]["code"] == "reconnect"


class TestServiceAccount:
    """client_credentials: no consent, no refresh token; the token is asked for again."""

    @pytest.fixture
    def connection(self, connect, sim, services):
        """A connection of the simulator's service account."""
        app = sim.authorization.service_app
        services.secret = app.client_secret
        return connect(grant={}, clientId=app.client_id, serviceAccount=True)

    def test_it_connects_without_consent(self, connection, sim):
        """The first call asks for a token with the app's own id and secret, in JSON."""
        assert connection.authenticate()["status"] == "connected"
        body = json.loads(sim.token_requests[0].body)
        assert set(body) == {"grant_type", "client_id", "client_secret"}
        assert body["grant_type"] == "client_credentials"

    def test_it_asks_again(self, connection, sim):
        """An expired token is replaced by asking again."""
        connection.authenticate()
        sim.clock.advance(2 * _HOUR)
        assert "output1" in _get_issue(connection)
        assert len(sim.token_requests) == 2

    def test_it_does_not_lapse(self, connection):
        """There is no grant that could lapse, and nothing to warn about."""
        answer = connection.authenticate()
        assert (answer["grantExpiry"], answer["warnings"]) == (None, [])

    def test_a_wrong_secret_is_told_and_forgotten(self, connection, sim, services):
        """A wrong secret is an administrator's mistake; the right one works at once."""
        right, services.secret = services.secret, "wrong-secret-value"
        assert _get_issue(connection)["error"]["code"] == "settings_invalid"
        services.secret = right
        assert "output1" in _get_issue(connection)

    def test_nobody_consents(self, connection):
        """Starting a consent is refused."""
        with pytest.raises(SettingsError, match="service account"):
            connection.authorize("http://127.0.0.1:8735/callback")


class TestCutOff:
    """A worker that is killed inside a renewal leaves a note, and the next one goes on."""

    def test_the_next_worker_goes_on_inside_the_interval(self, connect, sim, services):
        """Killed after the answer and before saving: the same token is exchanged again, the family lives."""
        grant = sim.grant()
        first = connect(grant=grant)
        sim.clock.advance(2 * _HOUR)
        _get_issue(first)
        sim.clock.advance(2 * _HOUR)
        before = dict(_stored(services))
        _get_issue(first)
        services.credentials.records["credential_123456"] = before  # as if the worker had not come to saving
        sim.clock.advance(500)
        assert "output1" in _get_issue(connect(grant=grant))
        assert sim.authorization.replays == 0
        sim.clock.advance(2 * _HOUR)
        assert "output1" in _get_issue(connect(grant=grant))

    def test_before_anything_is_sent_the_attempt_is_noted(self, connect, sim, services):
        """While the token endpoint works on it, the record says since when."""
        connection = connect()
        connection.authenticate()
        sim.clock.advance(2 * _HOUR)
        sim.faults.add(Fault("answer", path="/oauth/token$", status=503, times=None))
        _get_issue(connection)
        assert _stored(services)["renewalTriedAt"].endswith("Z")
        sim.faults.clear()
        _get_issue(connection)
        assert "renewalTriedAt" not in _stored(services)

    def test_a_store_that_cannot_be_written_costs_no_refresh_token(self, connect, sim, services, monkeypatch):
        """Where the note cannot be stored, nothing is exchanged."""
        connection = connect()
        sim.clock.advance(2 * _HOUR)

        def fail(*_):
            raise OSError("disk full")

        transaction = type(services.credentials.exclusive("x", timeout_seconds=1).__enter__())
        monkeypatch.setattr(transaction, "save", fail)
        assert _get_issue(connection)["error"]["code"] == "credential_store"
        assert sim.token_requests == []

    def test_a_refusal_after_a_cut_off_renewal_is_explained(self, connect, sim, services):
        """A token used up by a killed worker, repeated too late: reconnect, and the reason in words."""
        connection = connect()
        connection.authenticate()
        sim.clock.advance(2 * _HOUR)
        sim.faults.add(Fault("lost_answer", path="/oauth/token$", times=None))
        assert _get_issue(connection)["error"]["code"] == "network"
        sim.faults.clear()
        sim.clock.advance(3600)
        error = _get_issue(connection)["error"]
        assert error["code"] == "reconnect"
        assert "cut off" in error["message"]


class TestDisconnected:
    """Who disconnects means it: no settings and no memory bring the login back."""

    def test_another_connection_notices(self, connect, sim):
        """A second connection of the login answers reconnect within seconds, not from its settings' record."""
        grant = sim.grant()
        first, second = connect(grant=grant), connect(grant=grant)
        first.authenticate()
        _get_issue(second)
        first.disconnect()
        second._login._read_at -= 60
        assert _get_issue(second)["error"]["code"] == "reconnect"
        assert second.authenticate()["status"] == "reconnect"

    def test_a_call_under_way_does_not_bring_it_back(self, connect, sim, services):
        """A renewal that finds the record gone stops there and stores nothing."""
        connection = connect()
        connection.authenticate()
        sim.clock.advance(2 * _HOUR)
        services.credentials.records.clear()
        assert _get_issue(connection)["error"]["code"] == "reconnect"
        assert services.credentials.records == {}
        assert sim.token_requests == []

    def test_connecting_again_starts_empty(self, connect, sim, services):
        """A consent that is started after disconnecting writes no old token back."""
        connection = connect()
        connection.authenticate()
        connection.disconnect()
        started = connection.authorize("http://127.0.0.1:8735/callback")
        assert _stored(services)["refreshToken"] is None
        assert connection.authorized(sim.consent(started["url"]), started["state"])["status"] == "connected"


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
