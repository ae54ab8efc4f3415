"""Measures a pull through a small bucket: how near the ideal time, and what is sent into closed windows."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks import pulls
from benchmarks.limited_reads import AIM_CLOSED, AIM_RATIO, CAPACITY, RATE_PER_SECOND
from benchmarks.pulls import Job, pulled, title_of
from benchmarks.table import Table
from benchmarks.workplace import running_workplace

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from benchmarks.pulls import Ids, Pulled

_TEMPLATE = "/rest/api/3/search/jql"
#: One client asks by POST, the others by GET.
_METHODS = ("GET", "POST")
_LATENCY_SECONDS = 0.15
#: Jira's pages of all fields.
_PAGE_SIZE = 100
_IN_FLIGHT = 8
#: Runs at a time. They wait nearly all the time; each has a simulator of its own.
_AT_A_TIME = 2


@dataclass(frozen=True)
class Plan:
    """One pull through a bucket that closes for so many seconds when it is empty."""

    client: str
    retry_after_seconds: int
    announces: bool
    issues: int


@dataclass(frozen=True)
class Outcome:
    """What came of it."""

    plan: Plan
    expected: Ids
    run: Pulled

    @property
    def pages(self) -> int:
        """Requests of a sequential read."""
        return -(-self.expected.read // _PAGE_SIZE)

    @property
    def ideal_seconds(self) -> float:
        """How long these take at least: the bucket is full at first, then they wait for what flows in."""
        return (self.pages - CAPACITY) / RATE_PER_SECOND

    @property
    def ratio(self) -> float:
        """Seconds taken by the ideal."""
        return self.run.seconds / self.ideal_seconds

    @property
    def closed_share(self) -> float:
        """Share of the requests that were sent into a closed window."""
        return self.run.closed / max(1, self.run.requests)

    def told(self) -> dict[str, Any]:
        """Return the figures as JSON data."""
        return {
            "case": "limited-pull",
            "client": self.plan.client,
            "retryAfter": self.plan.retry_after_seconds,
            "announces": self.plan.announces,
            "ratio": round(self.ratio, 3),
            "ideal": self.ideal_seconds,
            "requests": self.run.requests,
            "refused": pulls.statuses(self.run.log)[429],
            "closed": self.run.closed,
            "exact": self.run.ids.exact(self.expected),
            "failure": self.run.failure,
        }


def measure(clients: Collection[str], *, quick: bool) -> list[Outcome]:
    """Pull through every bucket, a few at a time."""
    issues = 5_000 if quick else 20_000
    plans = [
        Plan(peer, 1, announces=True, issues=issues) for peer in pulls.wanted(("jira", "atlassian-pages"), clients)
    ]
    if "ours" in clients:
        plans += [Plan("ours", seconds, announces, issues) for announces in (True, False) for seconds in (1, 5)]
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        return list(pool.map(_measured, plans))


def _measured(plan: Plan) -> Outcome:
    with running_workplace("--issues", str(plan.issues)) as place:
        expected = pulls.expected_ids(place)
        place.simulated.control("settings", {"latency_seconds": _LATENCY_SECONDS})
        for method in _METHODS:
            bucket = {
                "method": method,
                "template": _TEMPLATE,
                "rate_per_second": RATE_PER_SECOND,
                "capacity": CAPACITY,
                "retry_after_seconds": plan.retry_after_seconds,
                "announces": plan.announces,
            }
            place.simulated.control("limits", bucket)
        return Outcome(plan, expected, pulled(place, Job(plan.client, pulls.ALL_FIELDS, _IN_FLIGHT)))


# ---- the page -------------------------------------------------------------------------------

_TEXT = """## The same through a bucket of {rate} requests per second

{issues:,} issues with `*all`, {latency:g} ms an answer, {in_flight} in flight, while the search's bucket holds
{capacity} and fills at {rate} per second; a refusal closes it for `Retry-After` seconds, and what comes earlier is
refused again. The ideal is that of the {pages:,} pages of a sequential read, {ideal:g} s: the bucket's size at once,
the rest as it fills. Ours also asks where the history ends, and reads the pages at the ends of its slices. The peers
send one request after the other, too slowly to meet the limit. *Bare*: successful answers carry no `X-RateLimit`
headers. {at_a_time} runs at a time, each with a simulator of its own.

Aim: at most {aim_ratio} times the ideal, at most {aim_closed:.0%} of the requests into a closed window.

{table}
"""


def section(outcomes: Sequence[Outcome]) -> str:
    """Return the part of the page about these runs."""
    table = Table(("client", "Retry-After", "seconds / ideal", "closed", "refused", "requests", "whole"))
    for outcome in outcomes:
        plan, run = outcome.plan, outcome.run
        ours = plan.client == "ours"
        table.add(
            title_of(plan.client),
            f"{plan.retry_after_seconds} s{'' if plan.announces else ', bare'}",
            f"{outcome.ratio:.2f}{_missed(ours and outcome.ratio > AIM_RATIO)}",
            f"{outcome.closed_share:.1%}{_missed(ours and outcome.closed_share > AIM_CLOSED)}",
            f"{pulls.statuses(run.log)[429]:,}",
            f"{run.requests:,}",
            run.failure or ("yes" if run.ids.exact(outcome.expected) else f"no: {run.ids.different:,}"),
        )
    return _TEXT.format(
        rate=RATE_PER_SECOND,
        capacity=CAPACITY,
        issues=outcomes[0].expected.read,
        latency=_LATENCY_SECONDS * 1000,
        in_flight=_IN_FLIGHT,
        pages=outcomes[0].pages,
        ideal=outcomes[0].ideal_seconds,
        at_a_time=_AT_A_TIME,
        aim_ratio=AIM_RATIO,
        aim_closed=AIM_CLOSED,
        table=table,
    )


def _missed(missed: bool) -> str:  # noqa: FBT001 - one of two words
    return " (aim missed)" if missed else ""
