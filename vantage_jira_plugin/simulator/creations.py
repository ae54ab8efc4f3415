"""Which issues were created when, in order, so that a span of time costs what is in it. Knows nothing else of them."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["ALWAYS", "Creations", "Span"]

#: From when to when, epoch seconds, both ends included.
Span = tuple[float, float]
#: Any time of creation.
ALWAYS: Span = (-math.inf, math.inf)
#: Issues of some shelves that are put one by one among those of another; more are sorted with them.
_MOST_INSERTED = 100


@dataclass(slots=True)
class _Shelf:
    """Times of creation and ids side by side, in the order of both."""

    times: array[float] = field(default_factory=lambda: array("d"))
    ids: array[int] = field(default_factory=lambda: array("q"))

    def place(self, created_at: float, issue_id: int) -> int:
        """Return where an issue stands, or would."""
        first = bisect_left(self.times, created_at)
        return bisect_left(self.ids, issue_id, first, bisect_right(self.times, created_at, first))

    def insert(self, created_at: float, issue_id: int) -> None:
        """Put an issue in its place."""
        place = self.place(created_at, issue_id)
        self.times.insert(place, created_at)
        self.ids.insert(place, issue_id)

    def entries(self, first: int, last: int) -> Iterator[tuple[float, int]]:
        """Return what stands at these places."""
        return zip(self.times[first:last], self.ids[first:last], strict=True)

    def ends(self, span: Span) -> tuple[int, int]:
        """Return the places of the first issue of a span and of the first one after it."""
        first = bisect_left(self.times, span[0])
        return first, max(first, bisect_right(self.times, span[1]))


class Creations:
    """Ids of issues by the time of their creation, on shelves of which any can be asked together."""

    def __init__(self) -> None:
        self._shelves: dict[str, _Shelf] = {}

    @classmethod
    def of(cls, entries: Iterable[tuple[float, int]]) -> Self:
        """Return one shelf of these times and ids, which come in order."""
        made = cls()
        shelf = made._shelves[""] = _Shelf()
        for created_at, issue_id in entries:
            shelf.times.append(created_at)
            shelf.ids.append(issue_id)
        return made

    def __len__(self) -> int:
        return sum(len(shelf.ids) for shelf in self._shelves.values())

    def add(self, created_at: float, issue_id: int, shelf: str = "") -> None:
        """Note an issue."""
        self._shelves.setdefault(shelf, _Shelf()).insert(created_at, issue_id)

    def remove(self, created_at: float, issue_id: int, shelf: str = "") -> None:
        """Forget an issue that was noted with this time on this shelf."""
        kept = self._shelves.get(shelf, _Shelf())
        place = kept.place(created_at, issue_id)
        if place < len(kept.ids) and (kept.times[place], kept.ids[place]) == (created_at, issue_id):
            del kept.times[place], kept.ids[place]

    def count(self, span: Span, shelves: Iterable[str] | None = None) -> int:
        """Return how many issues of a span stand on these shelves, or on all."""
        ends = (shelf.ends(span) for shelf in self._chosen(shelves))
        return sum(last - first for first, last in ends)

    def within(self, span: Span, shelves: Iterable[str] | None = None) -> array[int]:
        """Return the issues of a span on these shelves, or on all, the oldest first."""
        parts = [(shelf, *shelf.ends(span)) for shelf in self._chosen(shelves)]
        parts = [part for part in parts if part[1] < part[2]]
        parts.sort(key=lambda part: part[2] - part[1])
        *others, (shelf, first, last) = parts or [(_Shelf(), 0, 0)]
        merged = _Shelf(shelf.times[first:last], shelf.ids[first:last])
        entries = [entry for shelf, *ends in others for entry in shelf.entries(*ends)]
        if len(entries) > _MOST_INSERTED:
            entries += merged.entries(0, len(merged.ids))
            return array("q", [issue_id for _created_at, issue_id in sorted(entries)])
        for created_at, issue_id in entries:
            merged.insert(created_at, issue_id)
        return merged.ids

    def _chosen(self, shelves: Iterable[str] | None) -> list[_Shelf]:
        if shelves is None:
            return list(self._shelves.values())
        return [self._shelves[name] for name in set(shelves) if name in self._shelves]
