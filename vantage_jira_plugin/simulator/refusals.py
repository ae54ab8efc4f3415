"""What rate limits say on the wire: the quota's headers and the 429. Decides nothing, counts nothing.

Source: https://developer.atlassian.com/cloud/jira/platform/rate-limiting/ (2026-10-09)
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from vantage_jira_plugin.simulator.buckets import HOUR_SECONDS
from vantage_jira_plugin.simulator.clock import iso_at
from vantage_jira_plugin.simulator.messages import Response

__all__ = ["ClosedWindow", "QuotaStanding", "quota_headers", "refusal"]

#: Below this part of a quota answers carry `X-RateLimit-NearLimit` and `RateLimit` tells what is left.
NEAR_LIMIT = 0.2

#: Reason of a refusal by the token bucket.
BURST = "jira-burst-based"


@dataclass(frozen=True, slots=True)
class ClosedWindow:
    """A refusal in force: until when (epoch seconds), why, and the capacity that was used up."""

    until: float
    reason: str
    limit: int


@dataclass(frozen=True, slots=True)
class QuotaStanding:
    """How an hourly quota stands; `name` is the policy's, `enforced` False puts `Beta-` before it."""

    name: str
    points_per_hour: int
    used: int
    reset_at: float
    enforced: bool = True


def quota_headers(standing: QuotaStanding, now: float) -> dict[str, str]:
    """Return the headers that announce a quota: what is left only when that is little."""
    beta = "" if standing.enforced else "Beta-"
    left = max(0, standing.points_per_hour - standing.used)
    near = left < NEAR_LIMIT * standing.points_per_hour
    reset_seconds = max(0, math.ceil(standing.reset_at - now))
    headers = {
        f"{beta}RateLimit-Policy": f'"{standing.name}";q={standing.points_per_hour};w={HOUR_SECONDS}',
        f"{beta}RateLimit": f'"{standing.name}"{f";r={left}" if near else ""};t={reset_seconds}',
    }
    if near and standing.enforced:
        headers["X-RateLimit-NearLimit"] = "true"
    return headers


def refusal(closed: ClosedWindow, standing: QuotaStanding | None, now: float) -> Response:
    """Return the 429 of a window that is closed now."""
    headers = {} if standing is None else quota_headers(standing, now)
    if closed.reason == BURST:
        policy = f'"{BURST}";q={closed.limit};w=1'
        headers["RateLimit-Policy"] = ", ".join(filter(None, [headers.get("RateLimit-Policy"), policy]))
    headers |= {
        "Retry-After": str(max(1, math.ceil(closed.until - now))),
        "RateLimit-Reason": closed.reason,
        "X-RateLimit-Limit": str(closed.limit),
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": iso_at(math.ceil(closed.until)),
    }
    # The body of a 429 is not specified; Jira's usual shape is assumed.
    return Response(429, {"errorMessages": ["Rate limit exceeded."], "errors": {}}, headers)
