"""The login over months and mishaps: rest, service accounts, killed workers, disconnects."""

from __future__ import annotations

import json

import pytest

from vantage_jira_plugin.errors import SettingsError
from vantage_jira_plugin.simulator import Fault

_HOUR = 3600


_ISSUE = {"issueKey": "DEV-1", "fields": "summary"}


def _get_issue(connection):
    return connection.execute("getIssue", _ISSUE, {}, {})


def _stored(services):
    return services.credentials.records["credential_123456"]


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

    def test_the_end_is_told(self, connection):
        """authenticate says when the grant lapses, and warns of nothing while that is long."""
        answer = connection.authenticate()
        assert answer["grantExpiry"].endswith("Z")
        assert answer["warnings"] == []

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
