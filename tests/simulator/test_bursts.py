from __future__ import annotations

import math

import pytest

from vantage_jira_plugin.simulator.bursts import CUSTOM_BURSTS, Burst, default_burst


@pytest.mark.parametrize(
    ("method", "rate", "capacity"), [("GET", 100, 350), ("POST", 100, 200), ("PUT", 50, 300), ("DELETE", 50, 100)]
)
def test_documented_rates_hold_where_nothing_else_is_known(method, rate, capacity):
    """Each method has its steady rate and its recorded size."""
    assert (default_burst(method).rate_per_second, default_burst(method).capacity) == (rate, capacity)
    assert default_burst("PATCH") == default_burst("GET")


def test_reading_an_issue_has_numbers_of_its_own():
    """GET issue is documented at 150 per second and was recorded with 400."""
    assert CUSTOM_BURSTS["GET", "/rest/api/3/issue/{issueIdOrKey}"] == Burst(150, 400)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"rate_per_second": 0}, "rate_per_second"),
        ({"rate_per_second": math.inf}, "rate_per_second"),
        ({"rate_per_second": math.nan}, "rate_per_second"),
        ({"rate_per_second": True}, "rate_per_second"),
        ({"capacity": 0}, "capacity"),
        ({"capacity": 2.5}, "capacity"),
        ({"capacity": 10**400}, "capacity"),
        ({"retry_after_seconds": 0}, "retry_after_seconds"),
        ({"retry_after_seconds": 1.5}, "retry_after_seconds"),
        ({"announces": 1}, "announces"),
        ({"other_traffic_per_second": -1}, "other_traffic_per_second"),
        ({"other_traffic_per_second": 10}, "below rate_per_second"),
        ({"reason": ""}, "reason"),
        ({"reason": "two\r\nlines"}, "reason"),
        ({"reason": None}, "reason"),
    ],
)
def test_impossible_buckets_are_refused(wrong, told):
    """Numbers that no bucket has, traffic that leaves nothing and reasons that break a header are told."""
    with pytest.raises(ValueError, match=told):
        Burst(**{"rate_per_second": 10, "capacity": 5, **wrong})
