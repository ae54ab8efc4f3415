"""Decides when a read that failed for the moment is repeated. Pure; it neither waits nor sends, nor knows of limits."""

from __future__ import annotations

from dataclasses import dataclass

from .limits import MAX_TOTAL_WAIT_SECONDS, GiveUp, Wait

__all__ = ["RetryPolicy"]

#: Failed reads that are repeated: the first wait in seconds, doubled each time, and how often. A connection that broke
#: once is most often good again at once, unlike a limit.
FIRST_RETRY_SECONDS = 0.25
MAX_READ_RETRIES = 4
#: What a repeated read must still have of the caller's patience.
LEAST_PATIENCE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How a read is repeated whose answer did not come, was cut off, or says that Jira is down for the moment.

    Writes are never repeated by it: what is not known to have failed may have happened.
    """

    first_wait_seconds: float = FIRST_RETRY_SECONDS
    max_retries: int = MAX_READ_RETRIES

    def decide(
        self,
        *,
        attempt: int,
        jitter: float,
        announced: float | None,
        waited_seconds: float,
        lost_seconds: float,
        patience_seconds: float,
    ) -> Wait | GiveUp:
        """Decide about a read that failed.

        Args:
            attempt: zero-based count of the attempt that failed.
            jitter: factor of 0.7 to 1.3.
            announced: seconds that a 503 asks to wait; Jira sends `Retry-After` with some.
            waited_seconds: what this read has waited already after failures.
            lost_seconds: how long the failed attempt took; another must have as long.
            patience_seconds: what the caller can still wait.
        """
        seconds = self.first_wait_seconds * 2.0**attempt * jitter
        if announced is not None:
            seconds = max(announced, seconds)
        needed = seconds + max(lost_seconds, LEAST_PATIENCE_SECONDS)
        too_long = needed > patience_seconds or waited_seconds + seconds >= MAX_TOTAL_WAIT_SECONDS
        if attempt >= self.max_retries or too_long:
            return GiveUp(seconds)
        return Wait(seconds)
