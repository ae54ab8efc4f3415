"""Jira's rate limits: which apply to a request, and for how long. Counting is in buckets.py.

Source, for every number and header here: https://developer.atlassian.com/cloud/jira/platform/rate-limiting/
(2026-10-09); the numbers of endpoints are in bursts.py.
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from vantage_jira_plugin.simulator.buckets import HourlyQuota, SlidingWindow, TokenBucket
from vantage_jira_plugin.simulator.bursts import CUSTOM_BURSTS, Burst, default_burst
from vantage_jira_plugin.simulator.refusals import BURST, ClosedWindow, QuotaStanding, quota_headers, refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vantage_jira_plugin.simulator.clock import Clock
    from vantage_jira_plugin.simulator.messages import Response

__all__ = ["Admission", "Limits", "Traffic"]

#: Points per clock hour of an app over all its tenants (Tier 1).
POINTS_PER_HOUR = 65_000

#: Writes on one issue: (how many, in how many seconds); each holds.
PER_ISSUE_WRITES = ((20, 2.0), (100, 30.0))


@dataclass(frozen=True, slots=True)
class Traffic:
    """What a limit can depend on; `issue` only where the request writes to one."""

    client_id: str
    cloud_id: str
    method: str
    template: str
    issue: str | None = None


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether a request may pass: `refusal` is the 429 to give, or None."""

    refusal: Response | None = None
    closed_window: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


class Limits:
    """All limits of all tenants.

    Attributes:
        burst_on: whether the token bucket per tenant, endpoint and method is enforced.
        per_issue_on: whether writes per issue are limited.
        points_on: whether the hourly points are counted and announced at all.
        points_enforced: False as before enforcement: headers begin with `Beta-`, nothing is refused.
        points_per_hour: the quota, points.
        points_scope: one pool per app ("global") or per app and tenant ("tenant").
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Return to the documented numbers and forget all traffic."""
        with self._lock:
            self.burst_on = True
            self.per_issue_on = True
            self.points_on = True
            self.points_enforced = True
            self.points_per_hour = POINTS_PER_HOUR
            self.points_scope: Literal["global", "tenant"] = "global"
            self._bursts = dict(CUSTOM_BURSTS)
            self._buckets: dict[tuple[str, ...], TokenBucket] = {}
            self._windows: dict[tuple[str, ...], list[SlidingWindow]] = {}
            self._quotas: dict[tuple[str, ...], HourlyQuota] = {}
            self._closed: dict[tuple[str, ...], ClosedWindow] = {}

    def off(self) -> None:
        """Switch every limit off, until the next reset."""
        self.burst_on = self.per_issue_on = self.points_on = False

    def burst(
        self,
        method: str,
        template: str,
        rate_per_second: float,
        capacity: int,
        retry_after_seconds: int | None = None,
        *,
        announces: bool = True,
        other_traffic_per_second: float = 0.0,
        reason: str = BURST,
    ) -> None:
        """Set the bucket of one endpoint, which is then full and open; `Burst` says what the numbers are.

        The template is the path below `/ex/jira/{cloudId}`, with its parameters in braces.

        Raises:
            ValueError: no bucket could be like that.
        """
        burst = Burst(rate_per_second, capacity, retry_after_seconds, announces, other_traffic_per_second, reason)
        with self._lock:
            self._bursts[method, template] = burst
            for table in (self._buckets, self._closed):
                for key in [key for key in table if key[0] == "burst" and key[2:] == (method, template)]:
                    del table[key]

    @property
    def points_used(self) -> int:
        """Points used in this clock hour, over all apps and tenants."""
        with self._lock:
            now = self._clock()
            return sum(quota.at(now).used for quota in self._quotas.values())

    def admit(self, traffic: Traffic) -> Admission:
        """Let a request pass or refuse it."""
        with self._lock:
            now = self._clock()
            refused = self._quota_refusal(traffic, now)
            bucket_headers: dict[str, str] = {}
            if refused is None and self.burst_on:
                refused, bucket_headers = self._burst(traffic, now)
            if refused is None and self.per_issue_on and traffic.issue is not None:
                refused = self._issue_refusal(traffic, now)
            if refused is None:
                return Admission(headers=bucket_headers)
            closed, repeated = refused
            standing = self._standing(traffic, now) if self.points_on else None
            return Admission(refusal(closed, standing, now), closed_window=repeated)

    def charge(self, traffic: Traffic, points: int) -> dict[str, str]:
        """Count the points of an answered request; returns the quota's headers for the answer."""
        with self._lock:
            if not self.points_on:
                return {}
            now = self._clock()
            self._quota(traffic).at(now).used += points
            return quota_headers(self._standing(traffic, now), now)

    # Each of the three answers (what is closed, whether that had been announced before) or None.

    def _quota_refusal(self, traffic: Traffic, now: float) -> tuple[ClosedWindow, bool] | None:
        if not (self.points_on and self.points_enforced):
            return None
        key = ("points", traffic.client_id, self._pool(traffic))
        quota = self._quota(traffic).at(now)
        if self._still_closed(key, now) is not None and quota.used >= self.points_per_hour:
            return self._closed[key], True
        if quota.used < self.points_per_hour:
            return None
        reason = f"jira-quota-{self.points_scope}-based"
        return self._close(key, ClosedWindow(quota.reset_at(), reason, self.points_per_hour)), False

    def _burst(self, traffic: Traffic, now: float) -> tuple[tuple[ClosedWindow, bool] | None, dict[str, str]]:
        key = ("burst", traffic.cloud_id, traffic.method, traffic.template)
        burst = self._bursts.get((traffic.method, traffic.template)) or default_burst(traffic.method)
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = TokenBucket(
                burst.rate_per_second, burst.capacity, now, burst.other_traffic_per_second
            )
        closed = self._still_closed(key, now)
        if closed is not None:
            return (closed, True), {}
        wait = bucket.take(now)
        if wait > 0:
            until = now + max(math.ceil(wait), burst.retry_after_seconds or 0)
            return (self._close(key, ClosedWindow(until, burst.reason, bucket.capacity)), False), {}
        if not burst.announces:
            return None, {}
        # Source: recorded 200 answers of 2026-04-28 (no X-RateLimit-Reset there).
        return None, {
            "X-RateLimit-Limit": str(bucket.capacity),
            "X-RateLimit-Remaining": str(int(bucket.tokens)),
        }

    def _issue_refusal(self, traffic: Traffic, now: float) -> tuple[ClosedWindow, bool] | None:
        key = ("issue", traffic.cloud_id, traffic.issue or "")
        closed = self._still_closed(key, now)
        if closed is not None:
            return closed, True
        windows = self._windows.get(key)
        if windows is None:
            windows = self._windows[key] = [SlidingWindow(*numbers) for numbers in PER_ISSUE_WRITES]
        waits = [(window.wait_seconds(now), window.limit) for window in windows]
        wait, limit = max(waits)
        if wait > 0:
            until = now + math.ceil(wait)
            return self._close(key, ClosedWindow(until, "jira-per-issue-on-write", limit)), False
        for window in windows:
            window.add(now)
        return None

    def _still_closed(self, key: tuple[str, ...], now: float) -> ClosedWindow | None:
        closed = self._closed.get(key)
        if closed is not None and now >= closed.until:
            del self._closed[key]
            return None
        return closed

    def _close(self, key: tuple[str, ...], closed: ClosedWindow) -> ClosedWindow:
        self._closed[key] = closed
        return closed

    def _pool(self, traffic: Traffic) -> str:
        return traffic.cloud_id if self.points_scope == "tenant" else "*"

    def _quota(self, traffic: Traffic) -> HourlyQuota:
        return self._quotas.setdefault((traffic.client_id, self._pool(traffic)), HourlyQuota())

    def _standing(self, traffic: Traffic, now: float) -> QuotaStanding:
        quota = self._quota(traffic).at(now)
        name = f"{'global' if self.points_scope == 'global' else 'tenant'}-app-quota"
        return QuotaStanding(name, self.points_per_hour, quota.used, quota.reset_at(), self.points_enforced)
