"""How a search is read: as one chain of pages, in slices side by side, or as a list of ids that is then filled. Pure.

Points are those of `points`: each request one, and one for each issue that it answers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from .sizes import MAX_PAGE_SIZE

__all__ = [
    "FIRST_COUNTS",
    "Plan",
    "Situation",
    "Way",
    "plan",
    "sampled",
]

Way = Literal["chain", "slices", "ids"]

#: So few pages are read one after the other sooner than a search is cut.
_FEW_PAGES = 3
#: Reading ids first must save so many of the requests, since it costs twice the points.
_SAVES = 2
#: Where a quota is in force, reading ids first may spend this share of an hour's points beside what the issues cost.
_EXTRA_SHARE = 0.1
#: Spans that are counted first: as many requests as an endpoint that is new is asked at once (see `transport.pace`).
FIRST_COUNTS = 5
#: Ids that are asked for to see how all issues are spread: one for so many issues, and at most so many. Most name no
#: issue, which costs nothing: other things are numbered as well.
_SAMPLED_SHARE = 50
_MOST_SAMPLED = 500
#: A slice ends in the middle of a page.
_WASTED_PAGES = 0.5


@dataclass(frozen=True, slots=True)
class Situation:
    """What a plan depends on.

    Attributes:
        wanted: issues to be read yet: those counted, at most those that the caller takes.
        page_size: issues that Jira puts on a page of this search.
        bulk_size: issues that it takes in a bulk fetch of these fields.
        by_created: whether the query sorts by `created` first, so that slices follow each other in its order.
        whole: whether the caller takes all issues that were counted.
        in_flight: requests that may be under way at once.
        pace: requests per second that the search endpoint may be asked.
        latency_seconds: how long one answer takes.
        hourly_points: of the quota that is in force, or None.
        points_left: what budgets of the settings leave, or None.
    """

    wanted: int
    page_size: int
    bulk_size: int
    by_created: bool
    whole: bool
    in_flight: int
    pace: float = 100.0
    latency_seconds: float = 0.15
    hourly_points: int | None = None
    points_left: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """How a search is read, and what that takes: requests, Jira's points, seconds.

    Attributes:
        at_once: requests that are under way side by side.
        counts: of the requests, those that only count.
        fetches: of the requests, those that read issues by id.
    """

    way: Way
    at_once: int
    requests: int
    points: int
    seconds: float
    counts: int = 0
    fetches: int = 0


def plan(now: Situation) -> Plan:
    """Return how to read the rest of a search.

    Slices cost what a chain costs, and a few requests more. Ids first cost twice the points: they are for answers of
    few fields that come in small pages, and for orders that slices do not follow, where points do not matter so much.
    """
    pages = max(1, math.ceil(now.wanted / now.page_size))
    chain = _chain(now, pages)
    if pages <= _FEW_PAGES or now.in_flight <= 1:
        return chain
    ids = _ids(now)
    affords = _affords(now, ids)
    if now.by_created:
        slices = _slices(now, pages)
        saves = now.bulk_size > now.page_size and ids.requests * _SAVES <= slices.requests
        return ids if affords and saves else slices
    # Cut off in another order, only Jira's own token tells where the caller goes on.
    return ids if affords and now.whole and ids.seconds < chain.seconds else chain


def sampled(issues: float) -> int:
    """Return how many ids are asked for to see how so many issues are spread."""
    return min(_MOST_SAMPLED, int(issues / _SAMPLED_SHARE))


def _chain(now: Situation, pages: int) -> Plan:
    return Plan("chain", 1, pages, now.wanted + pages, _seconds(now, pages, 1))


def _slices(now: Situation, pages: int) -> Plan:
    at_once = min(now.in_flight, max(1, math.ceil(now.pace * now.latency_seconds)), pages)
    reads = 1 + pages + math.ceil(at_once * _WASTED_PAGES)
    counts = 1 + FIRST_COUNTS
    requests = reads + counts + 1
    return Plan(
        "slices",
        at_once,
        requests,
        now.wanted + requests + sampled(now.wanted),
        _seconds(now, reads, at_once) + 2 * now.latency_seconds,
        counts=counts,
        fetches=1,
    )


def _ids(now: Situation) -> Plan:
    lists = math.ceil(now.wanted / MAX_PAGE_SIZE)
    fetches = math.ceil(now.wanted / now.bulk_size)
    at_once = min(now.in_flight, fetches)
    # Fetching begins with the first page of ids.
    seconds = max(_seconds(now, lists, 1) + now.latency_seconds, now.latency_seconds + _seconds(now, fetches, at_once))
    requests = 1 + lists + fetches
    return Plan("ids", at_once, requests, 2 * now.wanted + requests, seconds, counts=1, fetches=fetches)


def _seconds(now: Situation, requests: int, at_once: int) -> float:
    """Return how long so many requests take: by their latency, or by the pace where that is slower."""
    return max(math.ceil(requests / max(1, at_once)) * now.latency_seconds, requests / now.pace)


def _affords(now: Situation, ids: Plan) -> bool:
    """Tell whether the points of reading ids first may be spent."""
    if now.points_left is not None and ids.points > now.points_left:
        return False
    return now.hourly_points is None or now.wanted <= _EXTRA_SHARE * now.hourly_points
