from __future__ import annotations

import contextlib
import json
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vantage_jira_plugin.auth.notebook import (
    MOST_BYTES,
    MOST_TRACES,
    MOST_UNSETTLED,
    MOST_VALUES,
    NOTES_MEMBER,
    UNSETTLED_SECONDS,
    Notes,
    emptied,
)
from vantage_jira_plugin.errors import CredentialStoreError
from vantage_jira_plugin.writing.entry import Entry

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


_RESERVED = Entry.reserved(owner="0" * 16, digest="0123456789abcdef", place="DEV", now=_NOW, after=12_345)
_UNKNOWN = _RESERVED.lost(began_at=_NOW, now=_NOW).to_json()


def _done(number):
    return _RESERVED.done(made_id=str(1_000_000 + number), made_key=f"DEV-{number}", now=_NOW).to_json()


def test_a_record_stays_small():
    """After thousands of writes the notes have 32 KB, and the newest are those that are left."""
    notes = Notes()
    for number in range(MOST_VALUES + MOST_TRACES + 200):
        notes = _put(notes, f"w{number}", _RESERVED.to_json())
        notes = _put(notes, f"w{number}", _done(number))
        assert len(json.dumps(notes.to_json())) <= MOST_BYTES
    assert len(notes.traces) > MOST_TRACES * 0.9
    assert notes.get(f"w{number}", now=_NOW) is not None
    assert "1000010" not in notes.traced("w10")
    assert "1000400" in notes.traced("w400")


def test_something_forgotten_is_told():
    """The moment of the last trace that was given up is kept, and survives JSON."""
    notes = Notes()
    for number in range(MOST_VALUES + MOST_TRACES):
        notes = _put(notes, f"w{number}", {"id": str(number)})
        assert notes.forgot_at is None
    notes = _stored(_put(notes, "one more", {"id": "1"}, now=_NOW + 5))
    assert notes.forgot_at == _NOW + 5
    assert _put(notes, "another", None, now=_NOW + 9).forgot_at == _NOW + 5


def test_too_many_unsettled_values_are_refused():
    """Nothing begins that could not be kept; what has begun can go on and end, whatever room there is."""
    notes = Notes()
    for number in range(MOST_UNSETTLED):
        notes = _put(notes, f"w{number}", {"state": "unknown"})
    with pytest.raises(CredentialStoreError, match=f"{MOST_UNSETTLED} writes with idempotency keys are not settled"):
        _put(notes, "one more", {"state": "sending"})
    notes = _put(notes, "w7", {"state": "sending", "owner": "x" * 40})
    notes = _put(notes, "w7", {"id": "7"})
    assert _put(notes, "one more", {"state": "sending"}).get("w7", now=_NOW).value == {"id": "7"}


def test_unsettled_values_are_refused_by_size():
    """As many as fit into 32 KB, of which settled ones leave what they can; an end is noted all the same."""
    notes = Notes()
    for number in range(MOST_TRACES):
        notes = _put(notes, f"w{number}", _done(number))
    begun = 0
    with contextlib.suppress(CredentialStoreError):
        while begun < MOST_UNSETTLED:
            notes = _put(notes, f"u{begun}", _UNKNOWN)
            begun += 1
    assert 50 < begun < MOST_UNSETTLED
    assert len(json.dumps(notes.to_json())) <= MOST_BYTES
    assert notes.forgot_at is None
    for number in range(begun):
        notes = _put(notes, f"u{number}", _done(9000 + number))
    assert all(notes.get(f"u{number}", now=_NOW) or notes.traced(f"u{number}") for number in range(begun))


def test_unsettled_values_end_after_a_week():
    """Nobody comes back to them; that they were given up is told."""
    notes = _put(Notes(), "a", _UNKNOWN, keep=30 * 86_400.0)
    assert notes.get("a", now=_NOW + UNSETTLED_SECONDS - 1) is not None
    late = _NOW + UNSETTLED_SECONDS + 1
    assert notes.get("a", now=late) is None
    assert _put(notes, "b", {"id": "1"}, now=late).forgot_at == late


def test_a_record_without_them():
    """The rest of the notes stays, and that something was forgotten; versions go on growing."""
    notes = _put(Notes(), "a", _UNKNOWN)
    record_notes = {"more": [1], NOTES_MEMBER: notes.to_json()}
    left = emptied(record_notes, now=_NOW + 1.5)
    assert left["more"] == [1]
    empty = _stored(Notes.from_json(left[NOTES_MEMBER]))
    assert (empty.version, empty.values, empty.traces, empty.forgot_at) == (notes.version, {}, (), round(_NOW + 1.5))
    assert emptied(left, now=_NOW) is None
    assert emptied({}, now=_NOW) is None


def test_notes_that_cannot_be_written_to_are_read():
    """A host may give a record whose parts are read-only, all the way down."""
    frozen = MappingProxyType(
        {
            "version": 3,
            "values": MappingProxyType({"a": (3, _NOW, MappingProxyType({"id": "1"}))}),
            "traces": "abcd.7",
        }
    )
    assert Notes.from_json(frozen).to_json() == {
        "version": 3,
        "values": {"a": [3, round(_NOW), {"id": "1"}]},
        "traces": "abcd.7",
    }


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
