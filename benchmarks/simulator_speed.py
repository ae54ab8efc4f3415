"""Measures how fast the simulator answers by itself, so that it is known not to be what holds measured clients up."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.floor import session_of
from benchmarks.table import Table
from benchmarks.workplace import running_workplace

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    import requests

    from benchmarks.workplace import Access

__all__ = ["measure", "section"]

_SIZES = (20_000, 200_000)
_QUICK_SIZES = (2_000,)
_ROUNDS = 25
_SEARCH = "/rest/api/3/search/jql"
_COUNT = "/rest/api/3/search/approximate-count"
_PROJECT = "project = DEV"
#: Slices end so many days before each other, so that none was asked for before; the issues are of the last two years.
_APART_DAYS = 10
_DAY_SECONDS = 86_400
_TIMEOUT_SECONDS = 120.0


@dataclass(frozen=True)
class SimulatorSpeed:
    """Median milliseconds of a kind of request, against a site of so many issues."""

    issues: int
    what: str
    milliseconds: float

    def told(self) -> dict[str, object]:
        """Return what is printed while measuring."""
        return {"issues": self.issues, "what": self.what, "milliseconds": round(self.milliseconds, 2)}


def measure(_: Collection[str], *, quick: bool = False) -> list[SimulatorSpeed]:
    """Ask a simulator of each size, in a process of its own, for each kind of answer, one after the other."""
    return [speed for issues in (_QUICK_SIZES if quick else _SIZES) for speed in _of_size(issues)]


_TEXT = """## How fast the simulator answers

One client asks a simulator in a process of its own, without latency, one request after the other; medians of up to
{rounds}. What measured clients wait for beyond the latency that was set is this, and what they do themselves.

{table}
"""


def section(speeds: Sequence[SimulatorSpeed]) -> str:
    """Return the part of the page about the simulator."""
    sizes = sorted({speed.issues for speed in speeds})
    table = Table(("answer", *(f"{size:,} issues" for size in sizes)))
    for what in dict.fromkeys(speed.what for speed in speeds):
        of = {speed.issues: speed.milliseconds for speed in speeds if speed.what == what}
        table.add(what, *(f"{of[size]:.1f} ms" for size in sizes))
    return _TEXT.format(rounds=_ROUNDS, table=table)


def _of_size(issues: int) -> Iterator[SimulatorSpeed]:
    with running_workplace("--issues", str(issues)) as place:
        session = session_of(place.access)
        whole = {"jql": f"{_PROJECT} ORDER BY created DESC", "fields": ["*all"], "maxResults": 100}
        pages = list(_chain(session, place.access, whole))
        yield SimulatorSpeed(issues, "page of 100, all fields, not read before", statistics.median(pages))
        yield SimulatorSpeed(
            issues,
            "the same pages again",
            statistics.median(_chain(session, place.access, {**whole, "maxResults": 100})),
        )
        ids = {"jql": f"{_PROJECT} ORDER BY created DESC", "fields": ["id"], "maxResults": 5000}
        yield SimulatorSpeed(issues, "page of 5,000 ids", statistics.median(_chain(session, place.access, ids)))
        yield SimulatorSpeed(
            issues,
            "count of a slice by `created`, not asked for before",
            _median(session, place.access, _COUNT, ({"jql": _slice(number)} for number in range(_ROUNDS))),
        )
        first = (
            {
                "jql": f"{_slice(_ROUNDS + number)} ORDER BY created DESC",
                "fields": ["summary", "created"],
                "maxResults": 100,
            }
            for number in range(_ROUNDS)
        )
        yield SimulatorSpeed(
            issues, "first page of such a slice, two fields", _median(session, place.access, _SEARCH, first)
        )


def _slice(number: int) -> str:
    minute = (time.time() - number * _APART_DAYS * _DAY_SECONDS) // 60
    return f"{_PROJECT} AND created < {minute * 60_000:.0f}"


def _chain(session: requests.Session, access: Access, body: dict[str, Any]) -> Iterator[float]:
    """Yield the milliseconds of the first pages of a search, one after the other."""
    token: str | None = None
    for _ in range(_ROUNDS):
        milliseconds, data = _timed(session, access, _SEARCH, {**body, **({"nextPageToken": token} if token else {})})
        yield milliseconds
        token = data.get("nextPageToken")
        if token is None:
            return


def _median(session: requests.Session, access: Access, path: str, bodies: Iterable[dict[str, Any]]) -> float:
    return statistics.median(_timed(session, access, path, body)[0] for body in bodies)


def _timed(session: requests.Session, access: Access, path: str, body: dict[str, Any]) -> tuple[float, dict[str, Any]]:
    started = time.perf_counter()
    answer = session.post(access.site_url + path, json=body, timeout=_TIMEOUT_SECONDS)
    milliseconds = (time.perf_counter() - started) * 1000
    answer.raise_for_status()
    data: dict[str, Any] = answer.json()
    return milliseconds, data
