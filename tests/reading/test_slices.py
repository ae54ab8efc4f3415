from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.reading.fakejira import MINUTE
from tests.reading.strategies import json_values
from vantage_jira_plugin.reading.slices import Distribution, Slice, created_minute, even_slices

_WIDTH = 400
_minutes = st.integers(MINUTE - 5, MINUTE + _WIDTH + 5)
_slices = st.builds(Slice, st.none() | _minutes, st.none() | _minutes)
_counts = st.integers(0, 5000)


@st.composite
def _distributions(draw):
    """A distribution that has learnt a few things, some of them nonsense."""
    known = Distribution(MINUTE, MINUTE + draw(st.integers(0, _WIDTH)), draw(_counts))
    for part, count, read in draw(st.lists(st.tuples(_slices, _counts, st.booleans()), max_size=8)):
        if read:
            known.read(part, count)
        else:
            known.learn(part, count)
    return known


# ---- slices ---------------------------------------------------------------------------------


def test_bounds_are_epoch_milliseconds():
    """The lower bound belongs to a slice, the upper one does not; without bounds there are no clauses."""
    assert Slice(1, 3).clauses == ("created >= 60000", "created < 180000")
    assert Slice(None, 3).clauses == ("created < 180000",)
    assert Slice(1, None).clauses == ("created >= 60000",)
    assert Slice().clauses == ()


@pytest.mark.parametrize(
    "created",
    [
        "2026-01-31T09:30:59.999+0000",
        "2026-01-31T10:30:00.000+0100",
        "2026-01-31T01:30:10.000-0800",
        "2026-01-31T15:00:10.000+0530",
        "2026-01-31T09:30:00Z",
        "2026-01-31T09:30:00",
    ],
)
def test_the_minute_of_an_issue_is_known_in_any_time_zone(created):
    """The site says its own; seconds are dropped, not rounded; without a zone it is UTC."""
    assert created_minute({"fields": {"created": created}}) == MINUTE


@pytest.mark.parametrize("issue", [{}, {"fields": None}, {"fields": {}}, {"fields": {"created": "yesterday"}}])
def test_an_issue_that_does_not_say_has_no_minute(issue):
    """Neither a failure nor a guess."""
    assert created_minute(issue) is None


@given(json_values("fields", "created"))
def test_whatever_jira_sends_it_is_a_minute_or_none(issue):
    """No shape of an answer is a failure."""
    if isinstance(issue, dict):
        assert isinstance(created_minute(issue), int | None)


@given(st.integers(0, 500), st.integers(1, 20))
def test_even_slices_follow_each_other(width, pieces):
    """They cover the whole without a gap, none is empty, and they differ by a minute at most."""
    assume(width)
    parts = even_slices(Slice(MINUTE, MINUTE + width), pieces)
    assert [part.low for part in parts[1:]] == [part.high for part in parts[:-1]]
    assert (parts[0].low, parts[-1].high) == (MINUTE, MINUTE + width)
    widths = [part.high - part.low for part in parts]
    assert min(widths) >= 1
    assert max(widths) - min(widths) <= 1
    assert len(parts) == min(pieces, width)


@pytest.mark.parametrize("part", [Slice(), Slice(1, None), Slice(None, 1)])
def test_a_slice_without_bounds_has_no_even_pieces(part):
    """Whoever asks has not thought."""
    with pytest.raises(ValueError, match="unbounded"):
        even_slices(part, 2)


# ---- how issues are spread ------------------------------------------------------------------


def test_issues_are_taken_to_be_spread_evenly():
    """Nothing else is known at first; both ends belong to it, whichever comes first."""
    for known in (Distribution(MINUTE, MINUTE + 99, 1000), Distribution(MINUTE + 99, MINUTE, 1000)):
        assert known.expected(Slice()) == pytest.approx(1000)
        assert known.expected(Slice(MINUTE, MINUTE + 25)) == pytest.approx(250)
        assert known.expected(Slice(MINUTE + 90, None)) == pytest.approx(100)


def test_a_count_moves_what_is_left_to_the_rest():
    """A slice that holds more leaves less outside, one that holds all leaves nothing."""
    known = Distribution(MINUTE, MINUTE + 99, 1000)
    known.learn(Slice(MINUTE, MINUTE + 50), 900)
    assert known.expected(Slice(MINUTE, MINUTE + 50)) == pytest.approx(900)
    assert known.expected(Slice(MINUTE + 50, None)) == pytest.approx(100)
    known.learn(Slice(MINUTE, MINUTE + 50), 1200)
    assert known.expected(Slice(MINUTE + 50, None)) == pytest.approx(100)


def test_what_is_read_is_left_no_more():
    """A page empties the minutes that it went through, and what it found there is not elsewhere."""
    known = Distribution(MINUTE, MINUTE + 99, 1000)
    known.read(Slice(MINUTE + 80, MINUTE + 100), 600)
    assert known.expected(Slice(MINUTE + 80, None)) == 0
    assert known.expected(Slice()) == pytest.approx(400)


@given(_distributions(), _slices)
def test_no_count_is_negative_and_slices_add_up(known, part):
    """However often something is learnt: what is expected of two halves is what is expected of the whole."""
    low, high = known.span(part)
    whole = known.expected(part)
    assert whole >= 0
    assert whole <= known.expected(Slice(min(low, known.oldest), max(high, known.newest + 1))) + 1e-6
    middle = (low + high) // 2
    if low < middle < high:
        halves = known.expected(Slice(low, middle)) + known.expected(Slice(middle, high))
        assert halves == pytest.approx(whole)


@given(_distributions(), _slices, _counts)
def test_what_is_learnt_is_expected(known, part, count):
    """A count is believed for its slice; nothing is added outside, and what a cell was counted to hold is not lost."""
    low, high = known.span(part)
    inside = known.oldest <= low < high <= known.newest + 1
    assume(inside)
    before, outside = known.expected(part), known.expected(Slice()) - known.expected(part)
    known.learn(part, count)
    assert known.expected(part) == pytest.approx(count)
    after = known.expected(Slice()) - known.expected(part)
    assert after == pytest.approx(outside) or after >= outside - max(0, count - before) - 1e-6
    assert after <= outside + max(0, before - count) + 1e-6


@given(_distributions(), _slices, _counts)
def test_nothing_is_left_where_all_was_read(known, part, count):
    """Whatever it held, and however wrong that was."""
    known.read(part, count)
    assert known.expected(part) == pytest.approx(0)


@given(_distributions(), _slices, st.lists(st.floats(0.01, 1), min_size=1, max_size=16))
def test_cuts_lie_inside_and_ascend(known, part, weights):
    """No piece is empty, whatever the shares."""
    low, high = known.span(part)
    bounds = known.cut(part, [weight / sum(weights) for weight in weights])
    edges = [low, *bounds, high]
    assert len(bounds) < len(weights)
    if bounds:
        assert edges == sorted(set(edges))
        assert all(isinstance(bound, int) for bound in bounds)


@given(st.integers(200, 5000), st.integers(1, 5000), st.lists(st.integers(1, 9), min_size=2, max_size=9))
def test_pieces_hold_their_shares(width, count, weights):
    """Where issues lie evenly, each piece holds its share, but for the minute at each end."""
    known = Distribution(MINUTE, MINUTE + width - 1, count)
    shares = [weight / sum(weights) for weight in weights]
    edges = [MINUTE, *known.cut(Slice(), shares), MINUTE + width]
    assert len(edges) == len(shares) + 1
    held = [known.expected(Slice(low, high)) for low, high in pairwise(edges)]
    assert held == pytest.approx([count * share for share in shares], abs=count / width * 1.01)


def test_cuts_follow_what_was_counted():
    """Where four of five issues are in one hour, most pieces are."""
    known = Distribution(MINUTE, MINUTE + 9999, 1000)
    known.learn(Slice(MINUTE + 6000, MINUTE + 6060), 800)
    bounds = known.cut(Slice(), [0.1] * 10)
    assert len(bounds) == 9
    assert sum(MINUTE + 6000 <= bound <= MINUTE + 6060 for bound in bounds) >= 7


def test_a_minute_cannot_be_cut():
    """However many issues it holds, it stays whole."""
    one = Distribution(MINUTE, MINUTE, 1000)
    assert one.cut(Slice(), [0.25] * 4) == []
    assert list(one.crowded(1)) == []
    two = Distribution(MINUTE, MINUTE + 1, 1000)
    two.learn(Slice(MINUTE, MINUTE + 1), 990)
    assert two.cut(Slice(), [0.25] * 4) in ([], [MINUTE + 1])


def test_a_slice_outside_is_nothing():
    """An issue may turn up that is older than the oldest was; nothing is known of its time."""
    known = Distribution(MINUTE, MINUTE + 9, 100)
    for part in (Slice(None, MINUTE - 5), Slice(MINUTE + 50, None), Slice(MINUTE + 5, MINUTE + 5)):
        known.read(part, 7)
        assert known.expected(part) == 0
        assert known.cut(part, [0.5, 0.5]) == []
    assert known.expected(Slice()) == pytest.approx(100)


def test_crowded_spans_are_told():
    """Those that hold more than they should, as long as they can be cut."""
    known = Distribution(MINUTE, MINUTE + 99, 1000)
    known.learn(Slice(MINUTE + 10, MINUTE + 20), 800)
    assert list(known.crowded(500)) == [Slice(MINUTE + 10, MINUTE + 20)]
    assert list(known.crowded(900)) == []
