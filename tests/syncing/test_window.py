"""Times of reads: bounds, positions, marks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vantage_jira_plugin.syncing.window import (
    Chain,
    advanced,
    bound_ms,
    fallen_back,
    kept_from_ms,
    mark_after,
    milliseconds,
    next_chain,
)

_MINUTE = 60_000
_BEGAN = 1_800_000_000_123
_CHANGES = Chain("changes", _BEGAN, from_ms=_BEGAN - 90 * _MINUTE)
_WHOLE = Chain("whole", _BEGAN)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01T00:00:01.234+0000", 1234),
        ("1970-01-01T02:00:00.001+0200", 1),
        ("2026-03-08T02:30:00.000-0230", 1_772_946_000_000),
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:00", None),
        ("yesterday", None),
        (None, None),
        (7, None),
    ],
)
def test_times_are_milliseconds(text, expected):
    """A time with an offset is its epoch milliseconds; anything else is none."""
    assert milliseconds(text) == expected


@given(st.integers(0, 2**41))
def test_milliseconds_are_exact(at_ms):
    """No millisecond is lost to floating point."""
    moment = datetime.fromtimestamp(at_ms // 1000, UTC)
    assert milliseconds(f"{moment:%Y-%m-%dT%H:%M:%S}.{at_ms % 1000:03d}+0000") == at_ms


@given(st.integers(0, 2**41), st.integers(0, 10_000))
def test_a_bound_is_a_whole_minute(mark_ms, look_back):
    """A bound is a whole minute, at most a minute before the look-back."""
    bound = bound_ms(mark_ms, look_back)
    assert bound % _MINUTE == 0
    assert 0 <= mark_ms - look_back * _MINUTE - bound < _MINUTE


def test_a_read_stands_where_its_last_issue_does():
    """The position of a read of changes is the last `updated`, that of a whole read the last `created`."""
    old = _BEGAN - 60 * _MINUTE
    stamps = [(1, old), (2, old + 1)]
    assert advanced(_CHANGES, stamps).position_ms == old + 1
    assert advanced(_WHOLE, stamps).position_ms == 2
    assert advanced(_WHOLE, stamps).newest_ms == old + 1
    assert advanced(_CHANGES, []) == _CHANGES
    assert advanced(_CHANGES, [(None, None)]) == _CHANGES


def test_what_changed_meanwhile_is_no_position():
    """An issue that changed while it is read stands at its old place: what follows may be older than it."""
    old = _BEGAN - 60 * _MINUTE
    chain = advanced(_CHANGES, [(1, old), (2, _BEGAN + 5), (3, _BEGAN - 1)])
    assert (chain.position_ms, chain.newest_ms, chain.ordered) == (old, _BEGAN + 5, True)


def test_a_read_out_of_order_has_no_position():
    """Where Jira did not keep to the order, nothing is known of what is left, and it begins again at its bound."""
    old = _BEGAN - 60 * _MINUTE
    chain = advanced(_CHANGES, [(1, old + 7), (2, old), (3, old + 9)])
    assert (chain.position_ms, chain.ordered) == (None, False)
    assert fallen_back(chain).from_ms == _CHANGES.from_ms
    assert fallen_back(chain).ordered


def test_a_lost_token_begins_at_the_minute_of_the_position():
    """A read without its token goes on from the minute in which it stood, and knows that it stands there."""
    chain = replace(advanced(_CHANGES, [(1, 61_000)]), token="t")
    again = fallen_back(chain)
    assert (again.token, again.from_ms, again.position_ms) == (None, _MINUTE, _MINUTE)
    assert advanced(again, [(1, 60_500), (1, 61_000)]).ordered


@pytest.mark.parametrize(
    ("newest", "mark", "expected"),
    [
        (None, None, None),
        (_BEGAN - 5, None, _BEGAN - 5),
        (_BEGAN + 5, None, _BEGAN),
        (_BEGAN - 5, _BEGAN - 3, _BEGAN - 3),
        (_BEGAN - 5, _BEGAN - 9, _BEGAN - 5),
        (5, None, _BEGAN - 60 * _MINUTE),
        (None, 5, _BEGAN - 60 * _MINUTE),
        (None, _BEGAN - 3, _BEGAN - 3),
    ],
)
def test_the_mark_is_the_newest_change_but_not_after_the_beginning(newest, mark, expected):
    """The mark never goes back, is never later than the beginning of the read, and at least an hour before it."""
    assert mark_after(replace(_CHANGES, newest_ms=newest), mark, _BEGAN + 900) == expected


def test_the_beginning_of_a_long_read_is_not_believed():
    """What is newest in a read over a minute long may be newer than what a clock that is ahead calls its beginning."""
    chain = replace(_CHANGES, newest_ms=_BEGAN - 5)
    assert mark_after(chain, None, _BEGAN + _MINUTE) == _BEGAN - 5
    assert mark_after(chain, None, _BEGAN + _MINUTE + 1) == _BEGAN - 60 * _MINUTE


def test_the_next_read_begins_at_the_mark():
    """The first read is whole; the one behind a mark reads changes from the minute of the mark, less the look-back."""
    assert next_chain(None, 10, _BEGAN) == _WHOLE
    assert next_chain(_BEGAN, 10, _BEGAN) == Chain("changes", _BEGAN, from_ms=bound_ms(_BEGAN, 10))


def test_what_is_read_again_is_remembered():
    """Deliveries are kept from the next bound on, and from the position of a read that may fall back to it."""
    mark = _BEGAN - 5 * _MINUTE
    assert kept_from_ms(None, None, 10) is None
    assert kept_from_ms(None, mark, 10) == bound_ms(mark, 10)
    assert kept_from_ms(_WHOLE, None, 10) is None
    assert kept_from_ms(replace(_WHOLE, newest_ms=_BEGAN), None, 10) == bound_ms(_BEGAN - 60 * _MINUTE, 10)
    early = replace(_CHANGES, newest_ms=_BEGAN, position_ms=_BEGAN - 80 * _MINUTE)
    assert kept_from_ms(early, mark, 10) == bound_ms(_BEGAN - 80 * _MINUTE, 0)
    assert kept_from_ms(replace(early, position_ms=_BEGAN), mark, 10) == bound_ms(mark, 10)
