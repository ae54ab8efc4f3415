"""A search cut by when its issues were created: the slices, and how many issues each is taken to hold. Pure.

Only `created` cuts a search for good: it never changes, so that no issue moves from a slice that is read later to one
that was read before. (`id > 10000` is no range of ids: Jira compares numbers within the project of issue 10000.)
Bounds are whole minutes, the precision of dates in JQL, written as epoch milliseconds, which no time zone changes.

Source: https://support.atlassian.com/jira-software-cloud/docs/jql-fields/, "Created", "Issue key".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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


@dataclass(frozen=True, slots=True)
class _Cell:
    low: int
    high: int
    count: float

    def share(self, low: int, high: int) -> float:
        """Return how many of its issues lie in a span, if they are spread evenly."""
        overlap = min(self.high, high) - max(self.low, low)
        return self.count * overlap / (self.high - self.low) if overlap > 0 else 0.0


class Distribution:
    """How many issues are left to read in which minutes, as counts and pages have shown so far.

    Args:
        oldest, newest: minutes in which the first and the last issue was created.
        count: how many there are.
    """

    def __init__(self, oldest: int, newest: int, count: float) -> None:
        self.oldest = min(oldest, newest)
        self.newest = max(oldest, newest)
        self._cells = [_Cell(self.oldest, self.newest + 1, max(0.0, count))]

    def span(self, part: Slice) -> tuple[int, int]:
        """Return the bounds of a slice, where it has none those of all issues."""
        low = self.oldest if part.low is None else part.low
        high = self.newest + 1 if part.high is None else part.high
        return low, high

    def expected(self, part: Slice) -> float:
        """Return how many issues a slice is taken to hold."""
        low, high = self.span(part)
        return sum(cell.share(low, high) for cell in self._cells)

    def learn(self, part: Slice, count: float) -> None:
        """Take note that so many issues are left in a slice; what is known of the rest of a cell stays.

        Within the slice the shares of its cells stay as they were taken to be.
        """
        low, high = self.span(part)
        if low >= high:
            return  # it lies beyond what was the first or the last minute when the search began
        before = self.expected(part)
        width = high - low
        cells: list[_Cell] = []
        for cell in self._cells:
            if cell.high <= low or cell.low >= high:
                cells.append(cell)
                continue
            inner_low, inner_high = max(cell.low, low), min(cell.high, high)
            inner = cell.share(low, high)
            # What a cell holds beyond the slice is what it was counted to hold, less what has been found in the slice.
            found = count * inner / before if before else count * (inner_high - inner_low) / width
            outside = max(0.0, cell.count - found) if cell.count else 0.0
            outer = (inner_low - cell.low) + (cell.high - inner_high)
            if cell.low < inner_low:
                cells.append(_Cell(cell.low, inner_low, outside * (inner_low - cell.low) / outer))
            cells.append(_Cell(inner_low, inner_high, found))
            if inner_high < cell.high:
                cells.append(_Cell(inner_high, cell.high, outside * (cell.high - inner_high) / outer))
        self._cells = cells

    def read(self, part: Slice, count: float) -> None:
        """Take note that so many issues were found in a slice and read, so that none is left in it."""
        self.learn(part, count)
        low, high = self.span(part)
        self._cells = [_Cell(cell.low, cell.high, 0.0) if low <= cell.low < high else cell for cell in self._cells]

    def cut(self, part: Slice, shares: list[float]) -> list[int]:
        """Return minutes that cut a slice, from the oldest, so that its pieces hold such shares of its issues.

        Fewer than asked for where a minute holds too many: it cannot be cut.
        """
        low, high = self.span(part)
        whole = self.expected(part)
        bounds: list[int] = []
        wanted = 0.0
        for share in shares[:-1]:
            wanted += share
            bound = self._minute_of(low, high, whole * wanted)
            if bound is not None and (bounds[-1] if bounds else low) < bound < high:
                bounds.append(bound)
        return bounds

    def _minute_of(self, low: int, high: int, count: float) -> int | None:
        """Return the minute before which a slice holds so many issues, counted from its oldest."""
        passed = 0.0
        for cell in self._cells:
            inner = cell.share(low, high)
            if inner and passed + inner >= count:
                start, end = max(cell.low, low), min(cell.high, high)
                return start + round((end - start) * (count - passed) / inner)
            passed += inner
        return None

    def crowded(self, most: float) -> Iterator[Slice]:
        """Yield the cells that hold more issues than this and can be cut."""
        for cell in self._cells:
            if cell.count > most and cell.high - cell.low > 1:
                yield Slice(cell.low, cell.high)


def even_slices(part: Slice, pieces: int) -> list[Slice]:
    """Cut a bounded slice into pieces of as many minutes each, oldest first; fewer where it has fewer minutes."""
    if part.low is None or part.high is None:
        raise ValueError("an unbounded slice has no even pieces")
    width = part.high - part.low
    bounds = sorted({part.low + width * number // pieces for number in range(pieces)} | {part.high})
    return [Slice(low, high) for low, high in pairwise(bounds)]
