"""A search cut by when its issues were created: the slices, and how many issues each is taken to hold. Pure.

Only `created` cuts a search for good: it never changes, so that no issue moves from a slice that is read later to one
that was read before. (`id > 10000` is no range of ids: Jira compares numbers within the project of issue 10000.)
Bounds are whole minutes, the precision of dates in JQL, written as epoch milliseconds, which no time zone changes.

Source: https://support.atlassian.com/jira-software-cloud/docs/jql-fields/, "Created", "Issue key".
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["Distribution", "Slice", "created_minute", "created_of", "even_slices", "minute_of"]

_MINUTE_MILLISECONDS = 60_000
_MINUTE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Slice:
    """Issues created in a span of minutes since the epoch: `low` belongs to it, `high` does not; None is no bound."""

    low: int | None = None
    high: int | None = None

    @property
    def clauses(self) -> tuple[str, ...]:
        """The span in JQL; an empty tuple where it has no bounds."""
        low = () if self.low is None else (f"created >= {self.low * _MINUTE_MILLISECONDS}",)
        high = () if self.high is None else (f"created < {self.high * _MINUTE_MILLISECONDS}",)
        return low + high


def created_minute(issue: Mapping[str, Any]) -> int | None:
    """Return the minute since the epoch in which an issue was created; None where it does not say.

    Shape: `{"fields": {"created": "2026-04-28T15:31:13.533+0200"}}`.
    """
    return minute_of(created_of(issue))


def created_of(issue: Mapping[str, Any]) -> object:
    """Return what an issue says of its creation."""
    fields = issue.get("fields")
    return fields.get("created") if isinstance(fields, dict) else None


def minute_of(created: object) -> int | None:
    """Return the minute since the epoch of a time; None for what is none."""
    if not isinstance(created, str):
        return None
    try:
        moment = datetime.fromisoformat(created)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return int(moment.timestamp() // _MINUTE_SECONDS)
    except (ValueError, OverflowError):
        return None


class Distribution:
    """How many issues are left to read in which minutes, as counts and pages have shown so far.

    Every page asks for it several times: sums are kept, and neighbours that are both read are one cell.

    Args:
        oldest, newest: minutes in which the first and the last issue was created.
        count: how many there are.
    """

    def __init__(self, oldest: int, newest: int, count: float) -> None:
        self.oldest = min(oldest, newest)
        self.newest = max(oldest, newest)
        #: Cells lie between two bounds each, without a gap; within a cell issues are taken to be spread evenly.
        self._bounds = [self.oldest, self.newest + 1]
        self._counts = [max(0.0, count)]
        #: How many issues lie before each bound.
        self._sums = [0.0, *self._counts]

    def shape(self, points: Iterable[tuple[int, float]]) -> None:
        """Take note of how all issues are spread: minutes that rise, and which share of all was created before each.

        What else is known is forgotten.
        """
        whole = self._sums[-1]
        bounds, sums = [self.oldest], [0.0]
        for minute, share in points:
            if bounds[-1] < minute <= self.newest:
                bounds.append(minute)
                sums.append(min(whole, max(sums[-1], whole * share)))
        self._bounds, self._counts = bounds, [after - before for before, after in pairwise([*sums, whole])]
        self._add_up()

    def span(self, part: Slice) -> tuple[int, int]:
        """Return the bounds of a slice, where it has none those of all issues."""
        low = self.oldest if part.low is None else part.low
        high = self.newest + 1 if part.high is None else part.high
        return low, high

    def expected(self, part: Slice) -> float:
        """Return how many issues a slice is taken to hold."""
        low, high = self.span(part)
        return max(0.0, self._before(high) - self._before(low))

    def _before(self, minute: int) -> float:
        """Return how many issues are taken to lie before a minute."""
        if minute <= self.oldest:
            return 0.0
        if minute > self.newest:
            return self._sums[-1]
        cell = bisect_right(self._bounds, minute) - 1
        low, high = self._bounds[cell], self._bounds[cell + 1]
        return self._sums[cell] + self._counts[cell] * (minute - low) / (high - low)

    def learn(self, part: Slice, count: float) -> None:
        """Take note that so many issues are left in a slice; what is known of the rest of a cell stays.

        Within the slice the shares of its cells stay as they were taken to be.
        """
        low, high = self.span(part)
        start, end = max(low, self.oldest), min(high, self.newest + 1)
        if start >= end:
            return  # it lies beyond what was the first or the last minute when the search began
        before = self.expected(part)
        first, last = bisect_right(self._bounds, start) - 1, bisect_left(self._bounds, end)
        bounds: list[int] = []
        counts: list[float] = []
        for cell in range(first, last):
            cell_low, cell_high, held = self._bounds[cell], self._bounds[cell + 1], self._counts[cell]
            inner_low, inner_high = max(cell_low, start), min(cell_high, end)
            inner = held * (inner_high - inner_low) / (cell_high - cell_low)
            # What a cell holds beyond the slice is what it was counted to hold, less what has been found in the slice.
            found = count * inner / before if before else count * (inner_high - inner_low) / (high - low)
            outside = max(0.0, held - found)
            outer = (inner_low - cell_low) + (cell_high - inner_high)
            if cell_low < inner_low:
                bounds.append(cell_low)
                counts.append(outside * (inner_low - cell_low) / outer)
            bounds.append(inner_low)
            counts.append(found)
            if inner_high < cell_high:
                bounds.append(inner_high)
                counts.append(outside * (cell_high - inner_high) / outer)
        self._bounds[first:last] = bounds
        self._counts[first:last] = counts
        self._add_up()

    def read(self, part: Slice, count: float) -> None:
        """Take note that so many issues were found in a slice and read, so that none is left in it."""
        self.learn(part, count)
        low, high = self.span(part)
        self._counts = [
            0.0 if low <= bound < high else held for bound, held in zip(self._bounds, self._counts, strict=False)
        ]
        self._add_up()

    def _add_up(self) -> None:
        """Make one cell of neighbours in which nothing is left, and add up what lies before each bound."""
        bounds: list[int] = []
        counts: list[float] = []
        for bound, held in zip(self._bounds, self._counts, strict=False):
            if held or not counts or counts[-1]:
                bounds.append(bound)
                counts.append(held)
        self._bounds, self._counts = [*bounds, self.newest + 1], counts
        self._sums = [0.0, *accumulate(counts)]

    def cut(self, part: Slice, shares: list[float]) -> list[int]:
        """Return minutes that cut a slice, from the oldest, so that its pieces hold such shares of its issues.

        Fewer than asked for where a minute holds too many: it cannot be cut.
        """
        low, high = self.span(part)
        start, whole = self._before(low), self.expected(part)
        bounds: list[int] = []
        wanted = 0.0
        for share in shares[:-1]:
            wanted += share
            bound = self._minute_of(start + whole * wanted)
            if bound is not None and (bounds[-1] if bounds else low) < bound < high:
                bounds.append(bound)
        return bounds

    def _minute_of(self, count: float) -> int | None:
        """Return the minute before which so many of all issues lie; None where there are not so many."""
        end = bisect_left(self._sums, count)
        if not 0 < end < len(self._sums):
            return None
        low, high, held = self._bounds[end - 1], self._bounds[end], self._counts[end - 1]
        return low + round((high - low) * (count - self._sums[end - 1]) / held)

    def crowded(self, most: float) -> Iterator[Slice]:
        """Yield the cells that hold more issues than this and can be cut."""
        for (low, high), held in zip(pairwise(self._bounds), self._counts, strict=True):
            if held > most and high - low > 1:
                yield Slice(low, high)


def even_slices(part: Slice, pieces: int) -> list[Slice]:
    """Cut a bounded slice into pieces of as many minutes each, oldest first; fewer where it has fewer minutes."""
    if part.low is None or part.high is None:
        raise ValueError("an unbounded slice has no even pieces")
    width = part.high - part.low
    bounds = sorted({part.low + width * number // pieces for number in range(pieces)} | {part.high})
    return [Slice(low, high) for low, high in pairwise(bounds)]
