"""Percentiles by linear interpolation, and ranks."""

from __future__ import annotations

from statistics import median, quantiles

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vantage_jira_plugin.analysis.percentiles import percentile, rank

_VALUES = st.lists(st.floats(0, 1e9), min_size=1, max_size=50).map(sorted)
_PERCENT = st.floats(0, 100)


@pytest.mark.parametrize(
    ("percent", "expected"),
    [
        (0, 1.0),
        (50, 2.5),  # place 3 * 0.5 = 1.5, half way from 2 to 3
        (85, 3.55),  # place 3 * 0.85 = 2.55, from 3 towards 4
        (100, 4.0),
    ],
)
def test_four_values_by_hand(percent, expected):
    """Of 1, 2, 3, 4, what lies at place (n - 1) p."""
    assert percentile([1.0, 2.0, 3.0, 4.0], percent) == pytest.approx(expected)


def test_no_values_have_no_percentile():
    """There is none of nothing."""
    assert percentile([], 50) is None


@given(st.lists(st.floats(0, 1e9), min_size=2, max_size=50).map(sorted))
def test_it_is_the_inclusive_method_of_the_standard_library(values):
    """Each percent from 1 to 99 is what `statistics.quantiles(method="inclusive")` cuts at."""
    expected = quantiles(values, n=100, method="inclusive")
    found = [percentile(values, percent) for percent in range(1, 100)]
    assert found == pytest.approx(expected)


@given(_VALUES)
def test_the_half_is_the_median(values):
    """50 % is the median, 0 % the least and 100 % the greatest value."""
    found = [percentile(values, percent) for percent in (0, 50, 100)]
    assert found == pytest.approx([values[0], median(values), values[-1]])


@given(_VALUES, _PERCENT, _PERCENT)
def test_more_percent_is_never_less(values, one, other):
    """Percentiles grow with the percent, and stay among the values."""
    low, high = sorted((one, other))
    assert values[0] <= percentile(values, low) <= percentile(values, high) <= values[-1]


def test_the_rank_counts_equals():
    """3 of 4 values are not larger than 2; the largest has 100 %."""
    assert [rank([1, 2, 2, 5], value) for value in (1, 2, 5)] == [25, 75, 100]


@given(_VALUES, st.data())
def test_ranks_follow_the_values(values, data):
    """A larger value never ranks lower, and every rank is above 0 and at most 100."""
    low, high = sorted(data.draw(st.tuples(st.sampled_from(values), st.sampled_from(values))))
    assert 0 < rank(values, low) <= rank(values, high) <= 100
