"""Failures as the contract's error body and as words for people. No failure is decided here."""

from __future__ import annotations

from collections import Counter
from math import ceil
from typing import TYPE_CHECKING

from .tables import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vantage_jira_plugin.contract import ErrorBody, PluginError

__all__ = ["error_body", "error_lines"]


def error_body(error: PluginError, action: str | None) -> ErrorBody:
    """Return what an envelope would say of an error that was raised."""
    return {
        "code": error.code,
        "message": error.message,
        "action": action,
        "status": error.status,
        "retryable": error.retryable,
        "retryAfter": error.retry_after_seconds,
        "errors": error.errors,
        "hint": error.hint,
        "traceId": error.trace_id,
    }


def error_lines(error: ErrorBody, again: str | None = None) -> Iterator[str]:
    """Yield an error in words: what happened, which fields, what to do; each sentence once.

    `again` says how the command is run again; it follows the hint, which speaks of the action's inputs only.
    """
    said = error["message"]
    yield printable(f"{error['code']}: {said}")
    for line in _field_lines(error):
        said += f"\n{line}"
        yield printable(f"  {line}")
    if error["retryAfter"] is not None:
        # Never too early: a call within the last part of a second would fail again.
        yield f"  it can work again in {ceil(error['retryAfter'])} s"
    if error["hint"] and not _holds(said, error["hint"]):
        yield printable(f"  hint: {error['hint']}")
    if again:
        yield f"  {again}"
    if error["traceId"]:
        yield printable(f"  Atlassian's trace id: {error['traceId']}")


def _field_lines(error: ErrorBody) -> Iterator[str]:
    """Yield `field: text` of what the message does not say; a text that several fields share is said by name."""
    shared = Counter(text for texts in error["errors"].values() for text in set(texts))
    for name, texts in error["errors"].items():
        for text in dict.fromkeys(texts):
            if not _holds(error["message"], text) or (shared[text] > 1 and name not in error["message"]):
                yield f"{name}: {text}"


def _holds(said: str, text: str) -> bool:
    return text.strip().rstrip(".").casefold() in said.casefold()
