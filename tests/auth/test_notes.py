from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import memoryhost
from tests.reading.strategies import calm
from vantage_jira_plugin.auth.notes import MOST_TRACES, MOST_VALUES, Notes, RecordNotes
from vantage_jira_plugin.errors import CredentialStoreError, ReconnectError
from vantage_jira_plugin.transport.budget import Budget

_NOW = 1_800_000_000.0


def _put(notes, name, value, *, now=_NOW, keep=100.0):
    known = notes.get(name, now=now)
    changed = notes.replaced(name, value, version=known.version if known else 0, until=now + keep, now=now)
    assert changed is not None
    return changed


def _stored(notes):
    """Return the notes as another worker reads them."""
    return Notes.from_json(json.loads(json.dumps(notes.to_json())))


def test_values_are_replaced_by_version():
    """Another version is refused, and versions only grow, also where a value was forgotten in between."""
    one = _put(Notes(), "a", {"x": 1})
    first = one.get("a", now=_NOW)
    assert one.replaced("a", {"x": 2}, version=0, until=_NOW + 1, now=_NOW) is None
    gone = one.replaced("a", None, version=first.version, until=_NOW, now=_NOW)
    assert gone.get("a", now=_NOW) is None
    assert gone.replaced("a", {"x": 3}, version=first.version, until=_NOW + 1, now=_NOW) is None
    again = _stored(_put(_stored(gone), "a", {"x": 3}))
    assert again.get("a", now=_NOW).version > first.version
    assert again.get("a", now=_NOW).value == {"x": 3}


def test_values_end_after_their_time():
    """What is past its time is not there, and is removed with the next change."""
    notes = _put(Notes(), "a", {"x": 1}, keep=10)
    assert notes.get("a", now=_NOW + 9) is not None
    assert notes.get("a", now=_NOW + 10) is None
    assert len(_put(notes, "b", {}, now=_NOW + 11).values) == 1


def test_the_oldest_make_room_and_leave_a_trace():
    """Settled values beyond the newest ones are traces of name and id; unsettled ones stay whatever comes."""
    notes = _put(Notes(), "open", {"state": "sending"})
    for number in range(MOST_VALUES + 30):
        notes = _put(notes, f"w{number}", {"id": str(10_000 + number)})
    notes = _stored(notes)
    assert notes.get("open", now=_NOW) is not None
    assert notes.get("w29", now=_NOW) is None
    assert notes.get("w30", now=_NOW) is not None
    assert "10029" in notes.traced("w29")
    assert "10030" not in notes.traced("w30")
    assert sum(len(notes.traced(f"w{number}")) for number in range(30)) < 40


def test_a_record_stays_small():
    """After thousands of writes the notes have some 40 KB, and the newest traces are those that are left."""
    notes = Notes()
    value = {
        "state": "done",
        "digest": "0123456789abcdef",
        "sentAt": _NOW,
        "settledAt": _NOW,
        "id": "1234567",
        "key": "DEV-12345",
    }
    for number in range(MOST_VALUES + MOST_TRACES + 50):
        notes = _put(notes, f"w{number}", {**value, "id": str(1_000_000 + number)})
    assert len(json.dumps(notes.to_json())) < 50_000
    assert "1000049" not in notes.traced("w49")
    assert "1000050" in notes.traced("w50")


@pytest.mark.parametrize(
    "data",
    [
        None,
        5,
        [],
        {},
        {"values": []},
        {"values": {"a": 5, "b": [1], "c": [1, 2, 3], "d": ["1", 2, {}]}},
        {"traces": 5, "version": "x"},
    ],
)
def test_notes_that_cannot_be_read_are_left_out(data):
    """Whatever else a record holds there, it can be written to."""
    notes = Notes.from_json(data)
    assert (notes.values, notes.traces) == ({}, ())
    assert _put(notes, "a", {"x": 1}).get("a", now=_NOW).value == {"x": 1}


def test_an_id_that_would_break_the_traces_leaves_none():
    """Only a plain id is traced; a value with any other stays as it is."""
    notes = Notes()
    for number in range(MOST_VALUES + 5):
        notes = _put(notes, f"w{number}", {"id": f"{number} .x"})
    assert notes.traces == ()
    assert len(notes.values) == MOST_VALUES + 5


@calm
@given(st.lists(st.tuples(st.sampled_from("abc"), st.none() | st.integers(), st.integers(0, 30)), max_size=30))
def test_notes_do_what_a_dictionary_does(changes):
    """Through any changes, a name has the value that was stored last, if its time is not over."""
    notes, model, now = Notes(), {}, _NOW
    for name, value, seconds in changes:
        now += seconds
        notes = _stored(_put(notes, name, None if value is None else {"x": value}, now=now, keep=40))
        model[name] = (now + 40, value)
        for other, (until, expected) in model.items():
            found = notes.get(other, now=now)
            alive = expected is not None and until > now
            assert (found.value if found else None) == ({"x": expected} if alive else None)


class TestRecord:
    """Notes in a credential record."""

    @pytest.fixture
    def login(self, connect):
        connection = connect()
        connection.authenticate()
        return connection._login

    @pytest.fixture
    def notes(self, login, sim):
        return RecordNotes(login, Budget(), clock=sim.clock)

    def test_two_workers_see_the_same(self, notes, connect, sim):
        """What one stores the other one reads; of two that read the same, one replaces it."""
        other = RecordNotes(connect()._login, Budget(), clock=sim.clock)
        assert notes.replace("a", {"x": 1}, version=0, keep_seconds=100)
        found = other.read(["a", "b"])
        assert (list(found), found["a"].value) == (["a"], {"x": 1})
        assert other.replace("a", {"x": 2}, version=found["a"].version, keep_seconds=100)
        assert not notes.replace("a", {"x": 3}, version=found["a"].version, keep_seconds=100)
        assert list(notes.traces("a")) == []

    def test_the_record_keeps_everything_else(self, notes, services):
        """Tokens, site and whatever a host or another version noted stay."""
        record = services.credentials.records["credential_123456"]
        record["somebodyElses"] = {"n": 1}
        before = dict(record)
        assert notes.replace("a", {"x": 1}, version=0, keep_seconds=100)
        after = services.credentials.records["credential_123456"]
        assert {name: value for name, value in after.items() if name != "writes"} == before

    def test_a_call_whose_time_is_over_still_notes_what_it_did(self, login, sim):
        """The caller's patience does not end what has to be noted."""
        notes = RecordNotes(login, Budget(0.0), clock=sim.clock)
        assert notes.replace("a", {"x": 1}, version=0, keep_seconds=100)

    def test_a_renewal_that_is_stored_late_keeps_them(self, login, connect, services, sim, monkeypatch):
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

    def test_a_disconnected_login_has_none(self, login, notes):
        """Nothing is noted for a login that was disconnected, and its notes are gone with it."""
        assert notes.replace("a", {"x": 1}, version=0, keep_seconds=100)
        login.disconnect(Budget())
        assert notes.read(["a"]) == {}
        with pytest.raises(ReconnectError):
            notes.replace("a", {"x": 1}, version=0, keep_seconds=100)
