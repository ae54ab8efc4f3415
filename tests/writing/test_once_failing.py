"""A key where Jira refuses, where what is known of it cannot be kept, and where the login ends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.memoryhost import settings_for
from tests.writing.keyed import Keyed, row_of, warnings_of
from vantage_jira_plugin.connection import Connection
from vantage_jira_plugin.settings import load_settings
from vantage_jira_plugin.simulator import Fault
from vantage_jira_plugin.writing.entry import LEASE_SECONDS

_ISSUE_PATH = "/rest/api/3/issue$"


class TestRefused:
    """What has certainly not happened is forgotten, so that the key is free."""

    @pytest.mark.parametrize(
        ("fault", "code"),
        [
            (Fault("answer", method="POST", path=_ISSUE_PATH, status=400, body={"errors": {"summary": "no"}}),
             "jira_invalid"),
            (Fault("answer", method="POST", path=_ISSUE_PATH, status=403, body=b""), "forbidden"),
            (Fault("answer", method="POST", path=_ISSUE_PATH, status=404, body={"errorMessages": ["no"]}), "not_found"),
            (Fault("answer", method="POST", path=_ISSUE_PATH, status=429, headers={"Retry-After": "3600"}),
             "rate_limited"),
        ],
        ids=["400", "403", "404", "429"],
    )  # fmt: skip
    def test_a_refusal_frees_the_key(self, keyed, another, fault, code):
        """Jira's refusal stands, and the next call with the key is a first one."""
        keyed.sim.faults.add(replace(fault, times=None))
        assert keyed.create()["error"]["code"] == code
        assert keyed.entry() is None
        keyed.sim.faults.clear()
        keyed.sim.clock.advance(3600)
        envelope = another().create(summary="Right this time")
        assert warnings_of(envelope) == ""
        assert len(keyed.issues()) == 1

    def test_no_connection_frees_the_key(self, keyed, services):
        """What could not be sent is no riddle."""
        right, services.api_url = services.api_url, "http://127.0.0.1:1"
        assert keyed.create()["error"]["code"] == "network"
        services.api_url = right
        assert warnings_of(keyed.create()) == ""
        assert len(keyed.issues()) == 1

    def test_a_caller_without_time_frees_the_key(self, keyed):
        """Nothing is sent once the caller's time is over, and nothing is left behind."""
        refusal = {"code": 401, "message": "no"}
        keyed.sim.faults.add(Fault("answer", method="POST", path=_ISSUE_PATH, status=401, body=refusal))
        keyed.sim.faults.add(Fault("slow", path="/oauth/token$", delay_seconds=0.4))
        assert keyed.create(timeout=0.3)["error"]["code"] == "cancelled"
        assert keyed.entry() is None
        assert keyed.issues() == []


class TestStoreThatFails:
    """A ledger that cannot be read or written."""

    @pytest.fixture
    def breaking(self, host, monkeypatch):
        """Return a function that makes the host's store fail after so many changes."""

        def after(changes):
            left = iter(range(changes))
            store, name = (host.shared, "replace") if hasattr(host, "shared") else (host.credentials, "exclusive")
            works = getattr(store, name)

            def fails(what, *args, **kwargs):
                if not str(what).startswith("recent/") and next(left, None) is None:
                    raise OSError("disk full")
                return works(what, *args, **kwargs)

            monkeypatch.setattr(store, name, fails)

        return after

    @pytest.mark.parametrize("action", ["create", "comment"])
    def test_nothing_is_sent_that_could_not_be_reserved(self, keyed, breaking, monkeypatch, action):
        """Without a reservation nothing is sent; later the key is as good as new."""
        breaking(0)
        error = getattr(keyed, action)()["error"]
        assert (error["code"], error["retryable"]) == ("credential_store", True)
        assert keyed.sent == []
        monkeypatch.undo()
        assert warnings_of(getattr(keyed, action)()) == ""

    def test_what_is_done_and_could_not_be_noted_is_answered(self, keyed, another, breaking, monkeypatch):
        """The issue is there and is returned, with a warning; the next call with the key finds it in Jira."""
        breaking(1)
        envelope = keyed.create()
        assert "it is done, but could not be noted" in warnings_of(envelope)
        monkeypatch.undo()
        assert row_of(another().create()) == row_of(envelope)
        assert len(keyed.issues()) == 1

    def test_a_doubt_that_could_not_be_noted_ends_with_the_lease(self, keyed, another, breaking, monkeypatch, slept):
        """An unknown outcome is told as such; the next call waits as after a kill."""
        breaking(1)
        keyed.sim.faults.add(Fault("reset", method="POST", path=_ISSUE_PATH))
        assert keyed.create()["error"]["code"] == "unknown_outcome"
        monkeypatch.undo()
        slept.clear()
        row_of(another().create())
        assert sum(slept) == pytest.approx(LEASE_SECONDS - 7, abs=3)
        assert len(keyed.issues()) == 1

    def test_a_store_that_cannot_be_read(self, keyed, host, monkeypatch):
        """Reading is as necessary as writing."""

        def fails(*_):
            raise OSError("gone")

        monkeypatch.setattr(*((host.shared, "read") if hasattr(host, "shared") else (host.credentials, "read")), fails)
        assert keyed.create()["error"]["code"] == "credential_store"
        assert keyed.sent == []

    def test_a_store_that_always_says_no(self, keyed, host, monkeypatch):
        """A store that never takes a reservation is not asked for ever."""
        if not hasattr(host, "shared"):
            pytest.skip("a record that is locked is saved")
        monkeypatch.setattr(host.shared, "replace", lambda *_, **__: False)
        error = keyed.create()["error"]
        assert error["code"] == "credential_store"
        assert keyed.sent == []

    def test_a_store_that_stores_and_says_no(self, keyed, host, monkeypatch):
        """A reservation that was stored although it was said not to be is the call's own."""
        if not hasattr(host, "shared"):
            pytest.skip("a record that is locked is saved")
        works = host.shared.replace
        answers = iter([False])
        monkeypatch.setattr(
            host.shared, "replace", lambda *args, **kwargs: works(*args, **kwargs) and next(answers, True)
        )
        assert warnings_of(keyed.create()) == ""
        assert len(keyed.issues()) == 1


class TestLogin:
    """Keyed writes and the login that they are noted with."""

    def test_notes_survive_renewals(self, keyed, another):
        """A token that is renewed, here or by another worker, takes nothing of the ledger with it."""
        first = keyed.create()
        for worker in (keyed, another()):
            keyed.sim.clock.advance(2 * keyed.sim.access_token_seconds)
            assert "error" not in worker.connection.execute("getIssue", {"issueKey": "DEV-1"}, {}, {})
            assert row_of(worker.create()) == row_of(first)
        assert keyed.sim.authorization.refreshes == 2
        assert len(keyed.issues()) == 1

    def test_notes_survive_another_consent(self, keyed):
        """Who connects the site again goes on with the same ledger, also with what was noted meanwhile."""
        first = keyed.create()
        callback = "http://127.0.0.1:8735/callback"
        started = keyed.connection.authorize(callback)
        between = keyed.create("between")
        assert keyed.connection.authorized(keyed.sim.consent(started["url"]), started["state"])["status"] == "connected"
        assert row_of(keyed.create()) == row_of(first)
        assert row_of(keyed.create("between")) == row_of(between)

    def test_a_login_that_is_not_stored_yet_is_not_lost(self, host, sim):
        """The first note stores the login of the settings, so that it is not taken for a disconnected one."""
        raw = settings_for(sim.grant(), sim.client_id)
        raw["encryptedRecord"]["cloudId"] = sim.site.cloud_id
        settings = load_settings(raw, host.open_record)
        seed = replace(settings.seed, site_url=sim.site.url, site_name=sim.site.name)
        worker = Keyed(Connection(replace(settings, seed=seed), host, clock=sim.clock), sim)
        first = worker.create()
        assert ("credential_123456" in host.credentials.records) is not hasattr(host, "shared")
        assert row_of(worker.create()) == row_of(first)
        sim.clock.advance(2 * sim.access_token_seconds)
        assert row_of(worker.create()) == row_of(first)
        assert row_of(worker.create("other")) != row_of(first)

    def test_a_disconnected_login_writes_nothing(self, keyed):
        """After a disconnect a keyed write says reconnect."""
        keyed.connection.disconnect()
        assert keyed.create()["error"]["code"] == "reconnect"
        assert keyed.sent == []
