"""What a pull would take, without reading: requests, points and seconds, and how it would go about it."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vantage_jira_plugin.jql import created_order
from vantage_jira_plugin.operations import BULK_FETCH_ISSUES, COUNT_ISSUES, SEARCH_ISSUES
from vantage_jira_plugin.rehearsal import Estimate

from .continuation import Continuation
from .plan import Situation, bulk_size, likely_page, page_cap, plan
from .pull import query_of
from .work import asks_early

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from vantage_jira_plugin.client import JiraClient
    from vantage_jira_plugin.contract import PlannedRead
    from vantage_jira_plugin.operations import Operation

    from .plan import Plan

__all__ = ["Forecast", "forecast"]

#: What is asked before a search is cut: how many issues there are, and when the last of them was created.
_QUESTIONS = Estimate(requests=2, points=3)


@dataclass(frozen=True, slots=True)
class Forecast:
    """How many issues a pull would read, and what that takes."""

    issues: int
    estimate: Estimate


def forecast(
    jira: JiraClient,
    jql: str,
    fields: Sequence[str],
    *,
    max_rows: int | None,
    next_page_token: str | None = None,
    monotonic: Callable[[], float] = time.monotonic,
) -> Forecast:
    """Return what `pull` would use for as many issues as Jira counts now, at most those wanted, and in which reads.

    Behind a token of Jira's there are fewer; how many, nobody says. The time is as long as that of the count suggests.

    Source: POST /rest/api/3/search/approximate-count
    """
    query = query_of(jira, jql, fields)
    begin = Continuation.of(next_page_token)
    began_at = monotonic()
    found: int = jira.call(COUNT_ISSUES, body={"jql": query.jql(begin.part, "")})["count"]
    latency_seconds = monotonic() - began_at
    wanted = found if max_rows is None else min(found, max_rows)
    by_created = created_order(query.order) is not None and begin.token is None
    made = plan(
        Situation(
            wanted=wanted,
            page_size=likely_page(query.fields),
            bulk_size=min(page_cap(query.fields), bulk_size(query.fields)),
            by_created=by_created,
            whole=wanted == found,
            in_flight=1 if begin.token is not None else jira.settings.max_in_flight,
            pace=jira.pace(SEARCH_ISSUES),
            latency_seconds=latency_seconds,
            hourly_points=jira.hourly_points,
            points_left=jira.account.left,
        )
    )
    estimate = Estimate(made.requests, made.points, round(made.seconds, 1), _reads(made))
    if made.way == "chain" and by_created and asks_early(query, max_rows):
        estimate += replace(_QUESTIONS, reads=(_read(COUNT_ISSUES, 1), _read(SEARCH_ISSUES, 1)))
    return Forecast(wanted, estimate)


def _reads(made: Plan) -> tuple[PlannedRead, ...]:
    if made.way == "chain":
        return (_read(SEARCH_ISSUES, made.requests),)
    sliced = made.way == "slices"
    return (
        _read(COUNT_ISSUES, made.counts),
        _read(SEARCH_ISSUES, made.requests - made.counts - made.fetches, made.at_once if sliced else 1),
        _read(BULK_FETCH_ISSUES, made.fetches, 1 if sliced else made.at_once),
    )


def _read(operation: Operation, requests: int, at_once: int = 1) -> PlannedRead:
    return {
        "does": operation.does,
        "method": operation.method,
        "path": operation.template,
        "requests": requests,
        "atOnce": at_once,
    }
