"""Failures as the contract's error body and as words for people. No failure is decided here."""

from __future__ import annotations

from typing import TYPE_CHECKING

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


def error_lines(error: ErrorBody) -> Iterator[str]:
    """Yield an error in words: what happened, which fields, what to do."""
    yield f"{error['code']}: {error['message']}"
    for name, texts in error["errors"].items():
        for text in texts:
            yield f"  {name}: {text}"
    if error["retryAfter"] is not None:
        yield f"  it can work again in {error['retryAfter']:g} s"
    if error["hint"]:
        yield f"  hint: {error['hint']}"
    if error["traceId"]:
        yield f"  Atlassian's trace id: {error['traceId']}"
