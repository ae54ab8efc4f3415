from __future__ import annotations

import pytest

from vantage_jira_plugin.simulator.refusals import ClosedWindow, QuotaStanding, quota_headers, refusal

STANDING = QuotaStanding("global-app-quota", 100, used=10, reset_at=3600.0)


@pytest.mark.parametrize(("used", "left"), [(80, ""), (81, ";r=19"), (100, ";r=0"), (130, ";r=0")])
def test_remaining_points_show_below_a_fifth(used, left):
    """At a fifth left nothing is said; below it, what is left, never less than nothing."""
    headers = quota_headers(QuotaStanding("tenant-app-quota", 100, used, 3600.0), now=3000.5)
    assert headers["RateLimit"] == f'"tenant-app-quota"{left};t=600'
    assert ("X-RateLimit-NearLimit" in headers) is bool(left)


@pytest.mark.parametrize(("until", "seconds"), [(10.2, "1"), (11.0, "1"), (11.1, "2"), (9.0, "1")])
def test_wait_is_rounded_up_and_at_least_a_second(until, seconds):
    """Whoever waits the whole seconds announced finds the window open."""
    answer = refusal(ClosedWindow(until, "jira-burst-based", 5), None, now=10.0)
    assert answer.status == 429
    assert answer.headers["Retry-After"] == seconds
    assert answer.headers["RateLimit-Policy"] == '"jira-burst-based";q=5;w=1'


def test_refusal_carries_the_quota_too():
    """A refusal for another reason still shows how the quota stands."""
    answer = refusal(ClosedWindow(12.0, "jira-per-issue-on-write", 20), STANDING, now=10.0)
    assert answer.headers["RateLimit-Policy"] == '"global-app-quota";q=100;w=3600'
    assert answer.headers["X-RateLimit-Reset"] == "1970-01-01T00:00:12Z"
