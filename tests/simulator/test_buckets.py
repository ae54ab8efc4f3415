from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vantage_jira_plugin.simulator.buckets import HourlyQuota, SlidingWindow, TokenBucket

GAPS = st.lists(st.floats(min_value=0, max_value=2), min_size=1, max_size=80)


def test_bucket_gives_its_capacity_at_once_and_then_the_rate():
    """A full bucket holds its capacity; empty, it says when the next token comes."""
    bucket = TokenBucket(rate_per_second=4, capacity=3, filled_at=0.0)
    assert [bucket.take(0.0) for _ in range(4)] == [0, 0, 0, 0.25]
    assert bucket.take(0.25) == 0
    assert bucket.take(0.25) == 0.25


def test_others_take_from_the_bucket_too():
    """What flows in is less what others take: a token comes later, and no more than that comes in a second."""
    bucket = TokenBucket(rate_per_second=10, capacity=2, filled_at=0.0, other_traffic_per_second=8)
    assert [bucket.take(0.0) for _ in range(3)] == [0, 0, 0.5]
    assert [bucket.take(1.0) for _ in range(3)] == [0, 0, 0.5]


@given(GAPS)
def test_bucket_never_gives_more_than_capacity_and_rate(gaps):
    """In any stretch no more is taken than the capacity and what flowed in."""
    bucket, now, taken = TokenBucket(2, 5, 0.0), 0.0, 0
    for gap in gaps:
        now += gap
        taken += bucket.take(now) == 0
    assert taken <= 5 + 2 * now + 1e-6


@given(GAPS)
def test_window_never_holds_more_than_its_limit(gaps):
    """No window of its length contains more events than the limit, and waiting as told is enough."""
    window, now, events = SlidingWindow(3, 1.0), 0.0, []
    for gap in gaps:
        now += gap
        now += window.wait_seconds(now) + 1e-9
        assert window.wait_seconds(now) == 0
        window.add(now)
        events.append(now)
    assert all(later - earlier > 0.999999 for earlier, later in zip(events, events[3:], strict=False))


def test_quota_starts_anew_with_the_clock_hour():
    """Points are counted within a UTC clock hour."""
    quota = HourlyQuota().at(7199.0)
    quota.used += 10
    assert quota.at(7199.9).used == 10
    assert quota.reset_at() == 7200.0
    assert quota.at(7200.0).used == 0
