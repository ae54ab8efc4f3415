"""Jira's points: what a request costs, and which budget of the settings refuses more. Pure; `meter` counts.

Source, for what costs what: https://developer.atlassian.com/cloud/jira/platform/rate-limiting/ (2026-10-09).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal

from .errors import (
    BudgetSpentError,
    HttpError,
    InputError,
    ScopeMissingError,
    SiteGoneError,
    UnauthorizedError,
    UnknownOutcomeError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .errors import PluginError
    from .operations import Operation
    from .settings import Settings

__all__ = [
    "HOUR_SECONDS",
    "Spent",
    "Work",
    "answer_points",
    "budget_refusal",
    "doubted_points",
    "hour_of",
    "points_left",
    "refusal_points",
]

Priority = Literal["interactive", "background"]
_PRIORITIES: Mapping[str, Priority] = {"interactive": "interactive", "background": "background"}

#: Jira's quotas, and so the budgets, run from one UTC clock hour to the next. Source: page above.
HOUR_SECONDS = 3600
#: What every request costs, and a write in all. Source: page above.
_REQUEST_POINTS = 1
#: What the gateway in front of Jira refuses: a token, its scopes, a site that is not in the grant.
_GATEWAY_REFUSALS = (UnauthorizedError, ScopeMissingError, SiteGoneError)


# ---- what a request costs -------------------------------------------------------------------


def answer_points(operation: Operation, data: Any) -> int:
    """Return the points of a request that was answered well; a write is one flat, whatever it writes."""
    return _REQUEST_POINTS if operation.writes else _REQUEST_POINTS + operation.read_points(data)


def refusal_points(operation: Operation, error: PluginError) -> int:
    """Return the points of an attempt of a request that failed.

    "Each request" has its base point; whether that holds for those that fail is left open. Here it does
    for whatever Jira answered, and for a write that may have happened; a 429 was not let in, nor was what
    the gateway refused, a 5xx is Jira's own failure, and what the token endpoint answers is not Jira's. A
    read whose answer never came or could not be read may have cost its objects too: nobody can tell.
    """
    if isinstance(error, UnknownOutcomeError):
        return _REQUEST_POINTS
    if not isinstance(error, HttpError) or error.path != operation.template or error.status is None:
        return 0
    if isinstance(error, _GATEWAY_REFUSALS):
        return 0
    free = error.status == HTTPStatus.TOO_MANY_REQUESTS or error.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return 0 if free else _REQUEST_POINTS


def doubted_points(status: int, repeated_status: int) -> int:
    """Return the points of an answer that had the token renewed, from its status and that of the repetition.

    A new token that changes nothing shows that Jira itself had answered; else the gateway had refused the old one. A
    401 is always the gateway's.
    """
    return _REQUEST_POINTS if status == repeated_status != HTTPStatus.UNAUTHORIZED else 0


# ---- what may be spent ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Work:
    """Whose work a call of an action is: of which run, and whether people wait for it."""

    run_id: str | None = None
    priority: Priority = "interactive"

    @classmethod
    def of(cls, context: Mapping[str, Any]) -> Work:
        """Read the context of a call: `{runId?, priority?}`.

        Raises:
            InputError: there is no such priority.
        """
        run_id = context.get("runId")
        wanted = context.get("priority")
        priority = _PRIORITIES.get(wanted) if isinstance(wanted, str) else None
        if priority is None and wanted is not None:
            text = f"must be {' or '.join(_PRIORITIES)}"
            raise InputError(f"context.priority {text}", errors={"priority": [text]})
        return cls(str(run_id) if run_id else None, priority or "interactive")


@dataclass(frozen=True, slots=True)
class Spent:
    """Points spent: by this app at this site in this UTC hour, and by the run."""

    in_hour: int = 0
    in_run: int = 0


def points_left(settings: Settings, work: Work, spent: Spent) -> float | None:
    """Return how many points such work may still spend, not below 0; None where no budget applies."""
    left: list[float] = []
    if settings.points_per_run is not None and work.run_id is not None:
        left.append(settings.points_per_run - spent.in_run)
    if settings.points_per_hour is not None:
        left.append(_most_per_hour(settings.points_per_hour, settings, work) - spent.in_hour)
    return max(0, min(left)) if left else None


def _most_per_hour(per_hour: int, settings: Settings, work: Work) -> float:
    return per_hour * settings.background_share if work.priority == "background" else per_hour


def budget_refusal(settings: Settings, work: Work, spent: Spent, *, now: float) -> BudgetSpentError | None:
    """Return why no more may be spent, or None. The run's budget comes first: waiting does not help there."""
    per_run, per_hour = settings.points_per_run, settings.points_per_hour
    if per_run is not None and work.run_id is not None and spent.in_run >= per_run:
        refused = BudgetSpentError(
            f"nothing was sent: this run has spent {spent.in_run} of its {per_run} points (setting pointsPerRun); "
            f"{work.priority} work in it is refused",
            hint="Ask an administrator to raise pointsPerRun, or let the run read less.",
        )
        refused.retryable = False
        return refused
    if per_hour is None:
        return None
    most = _most_per_hour(per_hour, settings, work)
    if spent.in_hour < most:
        return None
    ends_at = hour_of(now) + HOUR_SECONDS
    text = (
        f"nothing was sent: {spent.in_hour} of the {per_hour} points of this hour are spent (setting pointsPerHour); "
        f"{work.priority} work is refused until {datetime.fromtimestamp(ends_at, UTC):%H:%M} UTC"
    )
    names = "pointsPerHour"
    if most < per_hour:
        text += f", from {most:g} points on (setting backgroundShare): the rest is kept for people"
        names = "pointsPerHour or backgroundShare"
    refused = BudgetSpentError(text, hint=f"Wait for the next hour, or ask an administrator to raise {names}.")
    refused.retry_after_seconds = ends_at - now
    return refused


def hour_of(now: float) -> float:
    """Return when the UTC clock hour of a moment began, in epoch seconds."""
    return now - now % HOUR_SECONDS
