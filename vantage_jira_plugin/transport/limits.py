"""Decides what a 429 means: what is closed, how long to wait, when to give up. Pure; it neither waits nor sends.

Source: https://developer.atlassian.com/cloud/jira/platform/rate-limiting/ (2026-10-09).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "BackoffPolicy",
    "GiveUp",
    "Refusal",
    "Scope",
    "Wait",
    "announced_seconds",
    "clock_time",
    "closes",
    "header_count",
]

#: First wait after a 429 that names no time; doubles from here. Source: page above, "Retry".
FIRST_WAIT_SECONDS = 2.0
#: The doubling stops here. Source: as above.
LONGEST_WAIT_SECONDS = 30.0
#: Repeats of one request, beside the first attempt. Source: as above.
MAX_RETRIES = 4
#: What must be left of the caller's patience after a wait, for the request itself.
RESERVE_SECONDS = 0.5
#: All waits of one request stay below this: the leeway before expiry at which tokens are renewed.
MAX_TOTAL_WAIT_SECONDS = 60.0

#: A refusal closes nothing for longer than this; the longest limit of Jira's is an hour. Chosen here, so that a header
#: which is nonsense does not close an endpoint for ever.
LONGEST_CLOSED_SECONDS = 3600.0
#: An announced wait below this is not enough to go by where the request was refused before. Jira does send 0.
_LEAST_ANNOUNCED_SECONDS = 1.0
#: The last moment that can be told, in epoch seconds: the end of the year 9999.
_LAST_MOMENT = 253_402_300_799.0
_HOUR_SECONDS = 3600.0


class Scope(Enum):
    """What a refusal closes."""

    ENDPOINT = "endpoint"
    ISSUE = "issue"
    SITE = "site"
    APP = "app"

    @property
    def words(self) -> str:
        """What is closed, for people."""
        return {
            Scope.ENDPOINT: "this endpoint",
            Scope.ISSUE: "writes to this issue",
            Scope.SITE: "everything of this app at this site",
            Scope.APP: "everything of this app at all sites",
        }[self]


#: `RateLimit-Reason` and what it closes; reasons that are not listed close the endpoint.
#: Source: page above, "Rate limit response headers".
_SCOPES: Mapping[str, Scope] = {
    "jira-burst-based": Scope.ENDPOINT,
    "jira-per-issue-on-write": Scope.ISSUE,
    "jira-quota-tenant-based": Scope.SITE,
    "jira-quota-global-based": Scope.APP,
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A 429 that was read.

    Attributes:
        reason: Jira's own word for the limit, or "rate limit" where it names none.
        seconds: how long it stays closed.
        limit: size of the bucket, where it says so.
    """

    scope: Scope
    reason: str
    seconds: float
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Send the same request again after so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Do not send it again; it could work after so many seconds."""

    seconds: float


def announced_seconds(headers: Mapping[str, str], *, now: float) -> float | None:
    """Return the seconds an answer asks to wait, or None where it names no time.

    `Retry-After` (an integer, an HTTP date, or 0, which Jira does send: pycontribs/jira#1805) wins
    over `X-RateLimit-Reset` (ISO 8601, also without seconds). `now` is epoch seconds.
    """
    retry_after = headers.get("Retry-After")
    if retry_after is not None:
        seconds = _retry_after_seconds(retry_after.strip(), now)
        if seconds is not None:
            return seconds
    reset = headers.get("X-RateLimit-Reset")
    if reset is not None:
        return _reset_seconds(reset.strip(), now)
    return None


def closes(headers: Mapping[str, str]) -> tuple[Scope, str]:
    """Return what a 429 closes, and Jira's word for the limit."""
    reason = headers.get("RateLimit-Reason", "").strip()
    known = reason if re.fullmatch(r"[A-Za-z0-9._-]{1,80}", reason) else "rate limit"
    return _SCOPES.get(reason.lower(), Scope.ENDPOINT), known


def header_count(headers: Mapping[str, str], name: str) -> int | None:
    """Return a header that is a whole number, or None."""
    value = headers.get(name, "").strip()
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 12 else None  # noqa: PLR2004


def clock_time(epoch_seconds: float, *, now: float) -> str:
    """Return a moment for people: `12:00:00 UTC`, with the day before it where that is not today."""
    moment = datetime.fromtimestamp(math.ceil(min(epoch_seconds, _LAST_MOMENT)), UTC)
    today = datetime.fromtimestamp(now, UTC).date()
    return moment.strftime("%H:%M:%S UTC" if moment.date() == today else "%Y-%m-%d %H:%M:%S UTC")


def _retry_after_seconds(text: str, now: float) -> float | None:
    """Read both forms of RFC 9110 section 10.2.3; a form that is neither counts as absent."""
    try:
        seconds = float(text)
    except ValueError:
        try:
            return _seconds_until(parsedate_to_datetime(text), now)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
    return seconds if 0 <= seconds < float("inf") else None


def _reset_seconds(text: str, now: float) -> float | None:
    try:
        return _seconds_until(datetime.fromisoformat(text), now)
    except ValueError:
        return None


def _seconds_until(moment: datetime, now: float) -> float:
    """Return the seconds to a moment, 0 where it is past; one without a zone is UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, aware.timestamp() - now)


@dataclass(frozen=True, slots=True)
class BackoffPolicy:
    """How a refused request is repeated.

    Attributes:
        fallback_seconds: the setting `retryAfter`: the wait after a 429 that names no time; None
            means doubling from 2 s to 30 s with jitter.
        max_total_wait_seconds: all waits of one request together stay below this.
    """

    fallback_seconds: float | None = None
    max_retries: int = MAX_RETRIES
    max_total_wait_seconds: float = MAX_TOTAL_WAIT_SECONDS

    def refusal(self, headers: Mapping[str, str], *, attempt: int, now: float, jitter: float) -> Refusal:
        """Return what a 429 closes, and for how long.

        `attempt` is the zero-based count of the attempt that was refused, `now` epoch seconds; `jitter` is a factor of
        0.7 to 1.3, which applies to our own guess only, since Jira answers earlier requests with the same or a longer
        time.
        """
        scope, reason = closes(headers)
        seconds = self._wait_seconds(
            scope, announced_seconds(headers, now=now), attempt=attempt, now=now, jitter=jitter
        )
        limit = header_count(headers, "X-RateLimit-Limit")
        return Refusal(scope, reason, min(seconds, LONGEST_CLOSED_SECONDS), limit)

    def _wait_seconds(self, scope: Scope, announced: float | None, *, attempt: int, now: float, jitter: float) -> float:
        if announced is not None and announced >= _LEAST_ANNOUNCED_SECONDS:
            return announced
        if scope in {Scope.SITE, Scope.APP}:  # the quota begins anew with the UTC clock hour
            return _HOUR_SECONDS - now % _HOUR_SECONDS
        if announced is None and self.fallback_seconds is not None:
            return self.fallback_seconds
        doublings = attempt if announced is None else attempt - 1
        own = float(min(FIRST_WAIT_SECONDS * 2.0**doublings, LONGEST_WAIT_SECONDS)) * jitter
        if announced is None:
            return own
        return max(announced, own) if attempt else announced

    def decide(
        self, refused: Refusal, *, attempt: int, waited_seconds: float, patience_seconds: float
    ) -> Wait | GiveUp:
        """Decide about a request that was refused with 429.

        Args:
            refused: the refusal.
            attempt: zero-based count of the attempt that was refused.
            waited_seconds: what this request has waited already.
            patience_seconds: what the caller can still wait.
        """
        seconds = refused.seconds
        too_long = (
            seconds + RESERVE_SECONDS > patience_seconds or waited_seconds + seconds >= self.max_total_wait_seconds
        )
        if attempt >= self.max_retries or too_long:
            return GiveUp(seconds)
        return Wait(seconds)
