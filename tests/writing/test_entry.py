from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vantage_jira_plugin.transport.budget import READ_TIMEOUT_SECONDS
from vantage_jira_plugin.writing.entry import (
    DOUBT_SECONDS,
    LEASE_SECONDS,
    SEND_SECONDS,
    SETTLE_SECONDS,
    SKEW_SECONDS,
    Entry,
)

_NOW = 1_800_000_000.0
_FIRST = Entry.reserved(owner="a", digest="d", place="DEV", now=_NOW, after=7)
_MOMENTS = st.floats(min_value=0, max_value=4e9).map(lambda moment: round(moment, 3))
_ENTRIES = st.one_of(
    st.builds(
        Entry,
        state=st.sampled_from(["sending", "unknown"]),
        digest=st.text(max_size=16),
        place=st.text(max_size=16),
        sent_at=_MOMENTS,
        settled_at=_MOMENTS,
        owner=st.text(max_size=32),
        after=st.none() | st.integers(0, 10**9),
    ),
    st.builds(
        Entry,
        state=st.just("done"),
        digest=st.text(max_size=16),
        place=st.text(max_size=16),
        sent_at=_MOMENTS,
        settled_at=_MOMENTS,
        made_id=st.text(min_size=1),
        made_key=st.none() | st.text(),
    ),
)


def test_a_reservation_ends_after_everything_it_may_send():
    """Whoever takes it over does so when nothing of it can still be on its way, also with clocks that differ."""
    assert LEASE_SECONDS == SEND_SECONDS + READ_TIMEOUT_SECONDS + SETTLE_SECONDS + SKEW_SECONDS
    assert _FIRST.send_by == _NOW + SEND_SECONDS
    assert _FIRST.settled_at - _FIRST.sent_at == LEASE_SECONDS
    assert not _FIRST.is_due(_NOW + LEASE_SECONDS - 1)
    assert _FIRST.is_due(_NOW + LEASE_SECONDS)


def test_what_is_taken_over_is_looked_for_from_its_beginning():
    """An entry that goes from hand to hand keeps its first moment and number, and gets a lease of its own."""
    lost = _FIRST.lost(began_at=_NOW, now=_NOW + 10)
    assert (lost.state, lost.owner, lost.settled_at) == ("unknown", "", _NOW + DOUBT_SECONDS)
    over = lost.taken_over(owner="b", digest="e", now=_NOW + 500)
    assert (over.state, over.owner, over.digest) == ("sending", "b", "e")
    assert (over.sent_at, over.after, over.settled_at) == (_NOW, 7, _NOW + 500 + LEASE_SECONDS)


@pytest.mark.parametrize(
    ("took", "settled"),
    [(0, DOUBT_SECONDS), (5, DOUBT_SECONDS), (65, DOUBT_SECONDS), (80, 80 + SETTLE_SECONDS + SKEW_SECONDS)],
)
def test_a_lost_write_is_settled_when_jira_cannot_be_at_it_any_more(took, settled):
    """However soon the caller gave up, Jira may have worked on for as long as its gateway waits."""
    assert _FIRST.lost(began_at=_NOW, now=_NOW + took).settled_at == _NOW + settled


def test_what_is_done_says_what_was_made_and_no_more():
    """The ledger keeps entries for a month: they are small."""
    done = _FIRST.done(made_id="10001", made_key="DEV-8", now=_NOW + 1)
    assert done.to_json() == {
        "state": "done",
        "digest": "d",
        "place": "DEV",
        "sentAt": _NOW,
        "settledAt": _NOW + 1,
        "id": "10001",
        "key": "DEV-8",
    }


@given(_ENTRIES)
def test_entries_survive_json(entry):
    """What is stored is read back."""
    read = Entry.from_json(json.loads(json.dumps(entry.to_json())))
    assert read == entry


@pytest.mark.parametrize(
    "change",
    [
        {"state": "gone"},
        {"state": None},
        {"state": ["done"]},
        {"state": "done"},
        {"sentAt": None},
        {"sentAt": "2026"},
        {"settledAt": True},
    ],
)
def test_what_is_no_entry_is_refused(change):
    """Data of something else is not taken for "nothing known", after which it would be sent again."""
    with pytest.raises(ValueError, match="no "):
        Entry.from_json({**_FIRST.to_json(), **change})
