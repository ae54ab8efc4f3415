"""Builds the two answers of an action: a table, or a failure in people's words. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from .contract import Column, FailureEnvelope, Metadata, SuccessEnvelope, Usage
    from .errors import PluginError
    from .rehearsal import Rehearsal

__all__ = ["Table", "failure", "success"]

#: Shorter texts are no secrets, and masking them would garble messages.
_SHORTEST_SECRET = 8


@dataclass(frozen=True, slots=True)
class Table:
    """What an action returns: rows, their columns, and whether they are all.

    Attributes:
        incomplete_reason: why rows are missing; None where none are.
        next_page_token: where the caller can go on.
        rehearsal: of a dry run, which has no rows.
        state: what an incremental reader hands in again at its next call.
        chart: a Vega-Lite specification that draws these rows, without the rows.
    """

    columns: Sequence[Column]
    rows: Sequence[dict[str, Any]] = field(repr=False)
    incomplete_reason: str | None = None
    next_page_token: str | None = None
    rehearsal: Rehearsal | None = None
    state: str | None = None
    chart: Mapping[str, Any] | None = None


def success(table: Table, *, action: str, site: str | None, usage: Usage, warnings: Sequence[str]) -> SuccessEnvelope:
    """Return the envelope of a table."""
    metadata: Metadata = {
        "action": action,
        "site": site,
        "columns": [column.copy() for column in table.columns],
        "count": len(table.rows),
        "complete": table.incomplete_reason is None,
        "usage": usage,
        "warnings": list(dict.fromkeys(warnings)),
    }
    if table.incomplete_reason is not None:
        metadata["incompleteReason"] = table.incomplete_reason
    if table.next_page_token is not None:
        metadata["nextPageToken"] = table.next_page_token
    if table.state is not None:
        metadata["state"] = table.state
    if table.chart is not None:
        metadata["chart"] = dict(table.chart)
    if table.rehearsal is not None:
        estimate = table.rehearsal.estimate
        metadata["dryRun"] = True
        metadata["estimate"] = {"requests": estimate.requests, "points": estimate.points}
        if estimate.seconds:
            metadata["estimate"]["seconds"] = round(estimate.seconds, 1)
        if not estimate.is_sure:
            metadata["estimate"]["atLeast"] = {
                "requests": estimate.requests - estimate.unsure_requests,
                "points": estimate.points - estimate.unsure_points,
            }
        metadata["plan"] = [*estimate.reads, *table.rehearsal.plan]
    return {"output1": {"data": list(table.rows), "metadata": metadata}}


def failure(error: PluginError, *, action: str | None, secrets: Collection[str] = ()) -> FailureEnvelope:
    """Return the envelope of a failure; known secrets are masked wherever Jira may have echoed them."""
    # The longest first: one may begin like another, whose end would stay behind.
    masked = sorted((secret for secret in secrets if len(secret) >= _SHORTEST_SECRET), key=len, reverse=True)

    def mask(text: str) -> str:
        for secret in masked:
            text = text.replace(secret, "***")
        return text

    return {
        "error": {
            "code": error.code,
            "message": mask(error.message),
            "action": action,
            "status": error.status,
            "retryable": error.retryable,
            "retryAfter": error.retry_after_seconds,
            "errors": {name: [mask(text) for text in texts] for name, texts in error.errors.items()},
            "hint": error.hint,
            "traceId": error.trace_id,
        }
    }
