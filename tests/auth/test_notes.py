"""Notes in a credential record."""

from __future__ import annotations

import json

import pytest

from tests import memoryhost
from vantage_jira_plugin.auth.notes import RecordNotes
from vantage_jira_plugin.errors import CredentialStoreError, ReconnectError
from vantage_jira_plugin.transport.budget import Budget


@pytest.fixture
def login(connect):
    """A login that is stored."""
    connection = connect()
    connection.authenticate()
    return connection._login


@pytest.fixture
def notes(login, sim):
    """The notes of its record."""
    return RecordNotes(login, Budget(), clock=sim.clock)


def test_two_workers_see_the_same(notes, connect, sim):
    """What one stores the other one reads; of two that read the same, one replaces it."""
    other = RecordNotes(connect()._login, Budget(), clock=sim.clock)
    assert notes.replace("a", {"x": 1}, version=0, keep_seconds=100)
    found = other.read(["a", "b"])
    assert (list(found), found["a"].value) == (["a"], {"x": 1})
    assert other.replace("a", {"x": 2}, version=found["a"].version, keep_seconds=100)
    assert not notes.replace("a", {"x": 3}, version=found["a"].version, keep_seconds=100)
    assert list(notes.traces("a")) == []


def test_the_record_keeps_everything_else(notes, services):
    """Tokens, site and whatever a host or another version noted stay."""
    record = services.credentials.records["credential_123456"]
    record["somebodyElses"] = {"n": 1}
    before = dict(record)
    assert notes.replace("a", {"x": 1}, version=0, keep_seconds=100)
    after = services.credentials.records["credential_123456"]
    assert {name: value for name, value in after.items() if name != "writes"} == before


def test_a_call_whose_time_is_over_still_notes_what_it_did(login, sim):
    """The caller's patience does not end what has to be noted."""
    notes = RecordNotes(login, Budget(0.0), clock=sim.clock)
    assert notes.replace("a", {"x": 1}, version=0, keep_seconds=100)


def test_a_renewal_that_is_stored_late_keeps_them(login, connect, services, sim, monkeypatch):
    """A token that could not be stored at once is stored later, beside what was noted in between."""
    saves = iter(["the renewal is tried", "the renewed token"])
    works = memoryhost._Transaction.save

    def fails(transaction, record):
        if next(saves, None) == "the renewed token":
            raise OSError("disk full")
        works(transaction, record)

    sim.clock.advance(2 * sim.access_token_seconds)
    login._record = None
    monkeypatch.setattr(memoryhost._Transaction, "save", fails)
    with pytest.raises(CredentialStoreError):
        login.renew(login.load().access_token, Budget())
    other = RecordNotes(connect()._login, Budget(), clock=sim.clock)
    assert other.replace("a", {"x": 1}, version=0, keep_seconds=100)
    login.renew(login.load().access_token, Budget())
    assert other.read(["a"])["a"].value == {"x": 1}
    assert sim.authorization.refreshes == 1


def test_a_disconnected_login_has_none(login, notes):
    """Nothing is noted for a login that was disconnected, and its notes are gone with it."""
    assert notes.replace("a", {"x": 1}, version=0, keep_seconds=100)
    login.disconnect(Budget())
    assert notes.read(["a"]) == {}
    with pytest.raises(ReconnectError):
        notes.replace("a", {"x": 1}, version=0, keep_seconds=100)


def test_what_was_forgotten_long_ago_does_not_count(notes, sim, monkeypatch):
    """After a month it would not be known any more anyway."""
    assert notes.forgot_at() is None
    for name in ("MOST_VALUES", "MOST_TRACES"):
        monkeypatch.setattr(f"vantage_jira_plugin.auth.notebook.{name}", 0)
    assert notes.replace("a", {"id": "1"}, version=0, keep_seconds=100)
    assert notes.forgot_at() == pytest.approx(sim.clock(), abs=1)
    sim.clock.advance(31 * 86_400)
    assert notes.forgot_at() is None


@pytest.fixture
def small(services, monkeypatch):
    """Return a function that keeps the host from storing records with more bytes than the present one and some."""
    works = memoryhost._Transaction.save

    def limit(more):
        most = len(json.dumps(services.credentials.records["credential_123456"])) + more

        def save(transaction, record):
            if len(json.dumps(dict(record))) > most:
                raise OSError("value too long for column")
            works(transaction, record)

        monkeypatch.setattr(memoryhost._Transaction, "save", save)

    return limit


def test_a_login_is_worth_more_than_notes(login, notes, services, sim, small):
    """Where a renewal cannot be stored with what is noted, it is stored without, and what that means is told."""
    for number in range(20):
        assert notes.replace(f"w{number}", {"id": str(number)}, version=0, keep_seconds=100_000)
    small(20)  # not enough for the note that a renewal is tried
    sim.clock.advance(2 * sim.access_token_seconds)
    login._record = None
    stale = login.load().access_token
    renewed = login.renew(stale, Budget())
    assert services.credentials.records["credential_123456"]["accessToken"] == renewed.access_token != stale
    assert "renewalTriedAt" not in services.credentials.records["credential_123456"]
    assert (sim.authorization.refreshes, sim.authorization.replays) == (1, 0)
    assert notes.read(["w1"]) == {} or notes.forgot_at() is None
    assert notes.forgot_at() is not None


def test_notes_that_do_not_fit_are_no_reason_to_lose_others(notes, small):
    """What is noted itself fails where it cannot be stored whole: nothing else is left out for it."""
    assert notes.replace("a", {"id": "1"}, version=0, keep_seconds=100)
    small(10)
    with pytest.raises(CredentialStoreError):
        notes.replace("b", {"state": "sending"}, version=0, keep_seconds=100)
    assert notes.read(["a", "b"])["a"].value == {"id": "1"}


def test_a_store_that_fails_for_a_moment_loses_nothing(login, notes, sim, monkeypatch):
    """A save that fails once is no sign of a record that is too large."""
    assert notes.replace("a", {"id": "1"}, version=0, keep_seconds=100_000)
    works = memoryhost._Transaction.save
    failures = iter([OSError("gone")])

    def save(transaction, record):
        for failure in failures:
            raise failure
        works(transaction, record)

    monkeypatch.setattr(memoryhost._Transaction, "save", save)
    sim.clock.advance(2 * sim.access_token_seconds)
    login._record = None
    login.renew(login.load().access_token, Budget())
    assert sim.authorization.refreshes == 1
    assert (notes.read(["a"])["a"].value, notes.forgot_at()) == ({"id": "1"}, None)
