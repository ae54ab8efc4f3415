from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vantage_jira_plugin.reading.sampling import sample, shape_of


def test_a_sample_lies_evenly_between_two_ids():
    """Without these, which are known."""
    assert sample(0, 220, 10) == ["20", "40", "60", "80", "100", "120", "140", "160", "180", "200"]


@pytest.mark.parametrize(("low", "high", "wanted"), [(0, 1000, 9), (0, 10, 500), (7, 7, 500)])
def test_few_ids_are_no_sample(low, high, wanted):
    """Neither few that are wanted, nor few that there are."""
    assert sample(low, high, wanted) == []


@given(st.integers(0, 10_000), st.integers(0, 10_000), st.integers(0, 500))
def test_a_sample_is_as_large_as_is_wanted_at_most(low, width, wanted):
    """Its ids rise, each is one time in it, and all lie between the two."""
    ids = [int(issue_id) for issue_id in sample(low, low + width, wanted)]
    assert ids == sorted(set(ids))
    assert len(ids) <= wanted
    assert all(low <= issue_id < low + width for issue_id in ids)


def test_a_shape_is_which_share_was_created_before_a_minute():
    """In whatever order Jira has answered."""
    found = [(120, 3), (110, 1), (150, 50), (140, 6), (130, 4)]
    assert shape_of(found, 100, 200) == [(1, 0.1), (3, 0.2), (4, 0.3), (6, 0.4), (50, 0.5)]


def test_issues_with_a_number_later_than_their_time_are_passed_over():
    """They were imported; the others rise."""
    found = [(110, 10), (120, 20), (130, 2), (140, 40), (150, 5), (160, 60), (170, 70)]
    assert [minute for minute, _ in shape_of(found, 100, 200)] == [10, 20, 40, 60, 70]


def test_few_issues_have_no_shape():
    """Four that rise are not enough."""
    assert shape_of([(110, 1), (120, 2), (130, 3), (140, 4), (150, 4)], 100, 200) == []


@given(st.lists(st.tuples(st.integers(1, 99), st.integers(0, 50)), max_size=40))
def test_a_shape_rises(found):
    """In both of its numbers, whatever is found."""
    shape = shape_of(found, 0, 100)
    assert all(0 < share < 1 for _, share in shape)
    assert [minute for minute, _ in shape] == sorted({minute for minute, _ in shape})
    assert [share for _, share in shape] == sorted(share for _, share in shape)
