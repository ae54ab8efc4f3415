"""What pulls would take, without reading: requests, points and seconds, and how they would go about it."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vantage_jira_plugin.operations import BULK_FETCH_ISSUES, COUNT_ISSUES, SEARCH_ISSUES
from vantage_jira_plugin.rehearsal import Estimate

from .continuation import Continuation
from .plan import Situation, plan
from .query import query_of
from .sizes import bulk_size, likely_page, only_keys
from .survey import asks_early

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from vantage_jira_plugin.client import JiraClient
    from vantage_jira_plugin.contract import PlannedRead
    from vantage_jira_plugin.operations import Operation

    from .plan import Plan
    from .query import Query

__all__ = ["Forecast", "forecast", "forecast_batches"]

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
    begin = Continuation.of(next_page_token)
    search = _search(jira, jql, fields, begin, monotonic)
    wanted = search.found if max_rows is None else min(search.found, max_rows)
    cut = begin.token is None and not only_keys(search.query.fields)
    made = _planned(jira, search, wanted, search.found, cut=cut)
    return Forecast(wanted, _estimate(made, early=cut and asks_early(search.query, max_rows)))


def forecast_batches(
    jira: JiraClient,
    jql: str,
    fields: Sequence[str],
    sizes: Iterable[int],
    *,
    monotonic: Callable[[], float] = time.monotonic,
) -> Iterator[Forecast]:
    """Yield what each pull would use where all issues are read in pulls of these sizes, as far as there are issues.

    There is one at least. Where a chain was cut off, Jira's token goes on, which is a chain again.

    Source: POST /rest/api/3/search/approximate-count
    """
    search = _search(jira, jql, fields, Continuation(), monotonic)
    left, cut = search.found, not only_keys(search.query.fields)
    for size in sizes:
        wanted = min(left, size)
        made = _planned(jira, search, wanted, left, cut=cut)
        yield Forecast(wanted, _estimate(made, early=cut and asks_early(search.query, size)))
        left, cut = left - wanted, cut and made.way != "chain"
        if not left:
            return


@dataclass(frozen=True, slots=True)
class _Search:
    """What is searched for, how many issues Jira counts, and how long it took to answer that."""

    query: Query
    found: int
    latency_seconds: float


def _search(
    jira: JiraClient, jql: str, fields: Sequence[str], begin: Continuation, monotonic: Callable[[], float]
) -> _Search:
    query = query_of(jira, jql, fields)
    began_at = monotonic()
    found: int = jira.call(COUNT_ISSUES, body={"jql": query.jql(begin.part, "")})["count"]
    return _Search(query, found, monotonic() - began_at)


def _planned(jira: JiraClient, search: _Search, wanted: int, left: int, *, cut: bool) -> Plan:
    """Return how so many of the issues that are left would be read; `cut` says whether it may be in parts."""
    return plan(
        Situation(
            wanted=wanted,
            page_size=likely_page(search.query.fields),
            bulk_size=bulk_size(search.query.fields),
            by_created=search.query.by_created,
            whole=wanted == left,
            in_flight=jira.settings.max_in_flight if cut else 1,
            pace=jira.pace(SEARCH_ISSUES),
            latency_seconds=search.latency_seconds,
            hourly_points=jira.hourly_points,
            points_left=jira.account.left,
        )
    )


def _estimate(made: Plan, *, early: bool) -> Estimate:
    """Return what a plan takes; `early` says whether questions are asked before there is one."""
    estimate = Estimate(made.requests, made.points, round(made.seconds, 1), _reads(made))
    if made.way == "chain" and early:
        estimate += replace(_QUESTIONS, reads=(_read(COUNT_ISSUES, 1), _read(SEARCH_ISSUES, 1)))
    return estimate


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
