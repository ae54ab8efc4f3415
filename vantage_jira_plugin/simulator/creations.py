"""Which issues were created when, in order, so that a span of time costs what is in it. Knows nothing else of them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort

__all__ = ["Creations", "Span"]

#: From when to when, epoch seconds, both ends included.
Span = tuple[float, float]


class Creations:
    """Ids of issues by the time of their creation."""

    def __init__(self) -> None:
        self._entries: list[tuple[float, int]] = []

    def add(self, created_at: float, issue_id: int) -> None:
        """Note an issue."""
        insort(self._entries, (created_at, issue_id))

    def remove(self, created_at: float, issue_id: int) -> None:
        """Forget an issue that was noted with this time."""
        place = bisect_left(self._entries, (created_at, issue_id))
        if self._entries[place : place + 1] == [(created_at, issue_id)]:
            del self._entries[place]

    def within(self, span: Span) -> list[int]:
        """Return the issues of a span, the oldest first."""
        first = bisect_left(self._entries, (span[0], 0))
        last = bisect_right(self._entries, (span[1], float("inf")))
        return [issue_id for _created_at, issue_id in self._entries[first:last]]
