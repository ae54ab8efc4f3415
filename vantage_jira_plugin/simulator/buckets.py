"""Three ways to count requests: a token bucket, a sliding window, an hourly quota. No HTTP, no locks."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

__all__ = ["HOUR_SECONDS", "HourlyQuota", "SlidingWindow", "TokenBucket"]

#: Length of the quota window, which is a UTC clock hour.
#: Source: https://developer.atlassian.com/cloud/jira/platform/rate-limiting/ (2026-10-09)
HOUR_SECONDS = 3600


@dataclass(slots=True)
class TokenBucket:
    """A bucket that fills at a steady rate; each request takes one token.

    `other_traffic_per_second` is what others steadily take; it is below the rate, so that something is left.
    """

    rate_per_second: float
    capacity: int
    filled_at: float
    other_traffic_per_second: float = 0.0
    tokens: float = field(init=False)

    def __post_init__(self) -> None:
        self.tokens = float(self.capacity)

    def take(self, now: float) -> float:
        """Take a token and return 0, or return the seconds until there is one."""
        left_per_second = self.rate_per_second - self.other_traffic_per_second
        self.tokens = min(self.capacity, self.tokens + max(0.0, now - self.filled_at) * left_per_second)
        self.filled_at = now
        if self.tokens >= 1:
            self.tokens -= 1
            return 0.0
        return (1 - self.tokens) / left_per_second


@dataclass(slots=True)
class SlidingWindow:
    """At most `limit` events in any `window_seconds`."""

    limit: int
    window_seconds: float
    events: deque[float] = field(default_factory=deque)

    def wait_seconds(self, now: float) -> float:
        """Return 0 where one more event fits now, else the seconds until it does."""
        while self.events and self.events[0] <= now - self.window_seconds:
            self.events.popleft()
        if len(self.events) < self.limit:
            return 0.0
        return self.events[0] + self.window_seconds - now

    def add(self, now: float) -> None:
        """Count an event."""
        self.events.append(now)


@dataclass(slots=True)
class HourlyQuota:
    """Points used in the current clock hour."""

    used: int = 0
    hour: int = 0

    def at(self, now: float) -> HourlyQuota:
        """Return itself, emptied where a new hour has begun."""
        hour = int(now // HOUR_SECONDS)
        if hour != self.hour:
            self.hour = hour
            self.used = 0
        return self

    def reset_at(self) -> float:
        """Return when the hour ends, epoch seconds."""
        return float((self.hour + 1) * HOUR_SECONDS)
