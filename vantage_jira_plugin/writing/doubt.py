"""What a call says of a write that it could not settle: who is at it, what settles it, what to check. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vantage_jira_plugin.auth.record import iso_datetime
from vantage_jira_plugin.errors import InputError, PluginError, UnknownOutcomeError, WriteUnderWayError

if TYPE_CHECKING:
    from .entry import Entry
    from .finder import Finder

__all__ = ["elsewhere", "in_doubt", "under_way", "unsettled"]

#: How long to wait with another look where the failure of the last one names no time.
_LOOK_AGAIN_SECONDS = 60.0


def in_doubt(
    message: str, entry: Entry, finder: Finder, *, now: float, cause: PluginError | None = None
) -> UnknownOutcomeError:
    """Return the error of a write that may or may not have happened.

    It may be run again, other than one without a key: that finds out first.
    """
    error = UnknownOutcomeError(
        message,
        hint=(
            "Run it again with the same idempotencyKey: that finds out, and does it only where it did not happen. "
            f"Or look in {finder.place} for what was made since {iso_datetime(entry.sent_at)} "
            f"with {finder.mark}."
        ),
    )
    error.retryable = True
    error.retry_after_seconds = _until(entry, now)
    if cause is not None:
        error.status, error.trace_id = cause.status, cause.trace_id
    return error


def unsettled(cause: PluginError) -> UnknownOutcomeError:
    """Return the error of an earlier attempt that cannot be looked for at the moment; this call has sent nothing."""
    error = UnknownOutcomeError(
        f"an earlier call may or may not have done it, and looking for it failed: {cause.message}",
        hint=cause.hint or "Run it again with the same idempotencyKey.",
    )
    error.retryable = True
    waits = cause.retry_after_seconds
    error.retry_after_seconds = _LOOK_AGAIN_SECONDS if waits is None else waits
    error.status, error.trace_id = cause.status, cause.trace_id
    return error


def under_way(entry: Entry, *, now: float) -> WriteUnderWayError:
    """Return the error of a write that another worker may be doing; this call has sent nothing."""
    error = WriteUnderWayError(
        "another worker is doing the same, with the same idempotency key",
        hint="Try again: it gives what that worker made, or does it where it did not.",
    )
    error.retry_after_seconds = _until(entry, now)
    return error


def elsewhere(finder: Finder, place: str | None) -> InputError:
    """Return the error of a key that was used before to write in another place; this call has sent nothing.

    What was made there is not told, nor the place, where the connection must not touch it.
    """
    shown = None if place is None else finder.described(place)
    text = f"was used before for {shown or 'another place'}, and stands for what was written there"
    return InputError(
        f"nothing was sent: the idempotency key {text}",
        errors={"idempotencyKey": [text]},
        hint="Give each write a key of its own; without one, it is made of the workflow's run and node.",
    )


def _until(entry: Entry, now: float) -> float:
    return round(max(entry.settled_at - now, 0.0), 1)
