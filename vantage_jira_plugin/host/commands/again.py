"""Whether a failed run that writes may be run again under its id, and how that is said. Nothing is run here."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime
from math import ceil
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.host.tables import printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vantage_jira_plugin.contract import ErrorBody

__all__ = ["again_line"]

#: Codes of failures that the same call settles, whether or not its error says that it is retryable.
SETTLED_BY_REPEATING = ("unknown_outcome", "conflict")
#: The input by which an action tells a write that it has done before.
KEY_INPUT = "idempotencyKey"


def again_line(error: ErrorBody, run_id: str, actions: Sequence[Mapping[str, Any]], *, now: float) -> str | None:
    """Return `run it again with --run-id r1 after 12:51:23 UTC`; None where that is no good advice.

    `actions` are what manifests say of the action that failed and of those that were done before it; `now` is epoch
    seconds. Where none writes a new run does as well, and where one takes no key it would be written twice.
    """
    writing = [action for action in actions if action.get("writes")]
    keyed = all(KEY_INPUT in action.get("inputs", {}).get("properties", {}) for action in writing)
    if not writing or not keyed or not (error["retryable"] or error["code"] in SETTLED_BY_REPEATING):
        return None
    wait = f" after {_clock_time(now, error['retryAfter'])}" if error["retryAfter"] else ""
    return printable(f"run it again with --run-id {shlex.quote(run_id)}{wait}")


def _clock_time(now: float, wait_seconds: float) -> str:
    """Return when a wait is over, to the second, never too early; with the day where it is another one."""
    today, then = (datetime.fromtimestamp(at, UTC) for at in (now, ceil(now + wait_seconds)))
    return f"{then:%H:%M:%S} UTC" if then.date() == today.date() else f"{then:%Y-%m-%d %H:%M:%S} UTC"
