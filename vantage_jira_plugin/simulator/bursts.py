"""The token buckets of endpoints: their numbers, documented or recorded. Counting is in buckets.py.

Sources, for every number here: https://developer.atlassian.com/cloud/jira/platform/rate-limiting/
(2026-10-09); bucket sizes are the `X-RateLimit-Limit` of recorded answers (2026-04-28, 2025-07).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vantage_jira_plugin.simulator.buckets import HOUR_SECONDS
from vantage_jira_plugin.simulator.given import is_flag, is_number, is_whole, is_word
from vantage_jira_plugin.simulator.refusals import BURST

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CUSTOM_BURSTS", "Burst", "default_burst"]

#: Largest rate and capacity. Chosen here, far above what one machine can ask.
_MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Burst:
    """The bucket of an endpoint and method, per tenant.

    Attributes:
        rate_per_second: tokens that flow in.
        capacity: tokens that it holds; full at the start.
        retry_after_seconds: a refusal closes the endpoint for at least that long; None for just until
            there is a token.
        announces: whether answered requests carry `X-RateLimit-Limit` and `-Remaining`.
        other_traffic_per_second: tokens that other apps of the tenant take from it.
        reason: `RateLimit-Reason` of its refusals.
    """

    rate_per_second: float
    capacity: int
    retry_after_seconds: int | None = None
    announces: bool = True
    other_traffic_per_second: float = 0.0
    reason: str = BURST

    def __post_init__(self) -> None:
        if not is_number(self.rate_per_second) or not 0 < self.rate_per_second <= _MOST:
            raise ValueError(f"rate_per_second is a number above 0, at most {_MOST}")
        if not is_whole(self.capacity) or not 1 <= self.capacity <= _MOST:
            raise ValueError(f"capacity is a whole number from 1 to {_MOST}")
        seconds = self.retry_after_seconds
        if seconds is not None and not (is_whole(seconds) and 1 <= seconds <= HOUR_SECONDS):
            raise ValueError(f"retry_after_seconds is a whole number from 1 to {HOUR_SECONDS}, or null")
        if not is_flag(self.announces):
            raise ValueError("announces is true or false")
        others = self.other_traffic_per_second
        if not is_number(others) or not 0 <= others < self.rate_per_second:
            raise ValueError("other_traffic_per_second is a number from 0 to below rate_per_second")
        if not is_word(self.reason):
            raise ValueError("reason is one word of visible ASCII")


#: Where nothing else is known, by method. No DELETE was ever recorded with its bucket size; twice the
#: rate, as POST has it, is an assumption.
_DEFAULTS: Mapping[str, Burst] = {
    "GET": Burst(100, 350),
    "POST": Burst(100, 200),
    "PUT": Burst(50, 300),
    "DELETE": Burst(50, 100),
}

#: By (method, template) where they differ from the defaults.
#: Sizes of attachment, component, role and count were never recorded: at least the rate is assumed.
CUSTOM_BURSTS: Mapping[tuple[str, str], Burst] = {
    ("GET", "/rest/api/3/issue/{issueIdOrKey}"): Burst(150, 400),
    ("GET", "/rest/api/3/issue/{issueIdOrKey}/changelog"): Burst(200, 200),
    ("GET", "/rest/api/3/user"): Burst(150, 400),
    ("GET", "/rest/api/3/attachment/content/{id}"): Burst(300, 350),
    ("GET", "/rest/api/3/attachment/thumbnail/{id}"): Burst(200, 350),
    ("GET", "/rest/api/3/component"): Burst(200, 350),
    ("GET", "/rest/api/3/project/{projectIdOrKey}/role/{id}"): Burst(200, 350),
    ("POST", "/rest/api/3/search/approximate-count"): Burst(150, 200),
    ("POST", "/rest/api/3/expression/evaluate"): Burst(150, 200),
    ("PUT", "/rest/api/3/component/{id}"): Burst(500, 500),
    ("GET", "/rest/servicedeskapi/servicedesk/{serviceDeskId}/customer"): Burst(5, 5),
}


def default_burst(method: str) -> Burst:
    """Return the bucket of an endpoint without numbers of its own."""
    return _DEFAULTS.get(method, _DEFAULTS["GET"])
