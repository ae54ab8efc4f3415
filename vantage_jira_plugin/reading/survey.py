"""What is known of a search as a whole, and what that says of its next requests. Pure; `questions` does the asking."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

from .plan import Situation
from .sizes import RICH_ISSUES, bulk_size, likely_page, page_cap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .parts import SlicePart
    from .query import Query

__all__ = ["Survey", "asks_early"]

#: Whoever wants more issues than this is told how many there are while the first page is read.
_MANY_ROWS = 1000
#: A page of a slice may hold so many times what the largest one so far held: how long pages are depends on the issues.
_PAGE_ROOM = 2
#: Workers are kept busy by so many times the requests that fit into the pace at which the search may be asked.
_PACE_ROOM = 1.3
#: A whole read may differ so much from Jira's count, which is approximate and lags behind.
_COUNT_SHARE = 0.9
_COUNT_SLACK = 50

Question = Literal["count", "end"]


def asks_early(query: Query, max_rows: int | None) -> bool:
    """Tell whether a pull asks how many issues there are before it has seen a page."""
    directed = query.by_created and query.newest_first is not None
    return directed and (max_rows is None or max_rows > _MANY_ROWS)


class Survey:
    """What answers have told of a search, and what that says of the next ones.

    Attributes:
        counted: how many issues Jira counts; None until it has told.
        far_minute: when the last of them in the query's order was created; None until that is known.
        page_size: issues on the largest page so far; 0 before the first.
        latency_seconds: how long the fastest page took.
        bundle_size: issues in one bulk fetch.
    """

    def __init__(self, fields: Sequence[str], in_flight: int) -> None:
        self.counted: int | None = None
        self.far_minute: int | None = None
        self.page_size = 0
        self.latency_seconds = math.inf
        self._in_flight = in_flight
        self._page_cap = page_cap(fields)
        self.bundle_size = self._bulk_size = bulk_size(fields)
        self._likely_page = likely_page(fields)
        self._far_id = ""
        self._asked: set[Question] = set()

    # ---- what is asked and told ---------------------------------------------------------------

    def unasked(self, root: SlicePart) -> list[Question]:
        """Return what is to be asked now, each once: the far end has no meaning before a direction is known."""
        wanted: list[Question] = ["count"] if root.newest_first is None else ["count", "end"]
        unasked = [question for question in wanted if question not in self._asked]
        self._asked.update(unasked)
        return unasked

    def ask_nothing(self) -> None:
        """Take pages for what they are likely to be, where an earlier run has read some, and let no plan be made."""
        self.page_size = self._likely_page
        self._asked = {"count", "end"}

    def told_end(self, end: tuple[int | None, str]) -> None:
        """Take note of when the last issue was created, and its id."""
        self.far_minute, self._far_id = end

    def saw(self, part: SlicePart) -> None:
        """Take note of a page that was read of a part."""
        self.latency_seconds = min(self.latency_seconds, part.seconds)
        self.page_size = max(self.page_size, part.found) or RICH_ISSUES

    # ---- what that says -----------------------------------------------------------------------

    def knows(self, root: SlicePart) -> bool:
        """Tell whether everything is known that a plan depends on."""
        if self.counted is None or not self.page_size:
            return False
        ends = root.newest_first is not None and root.last is not None and self.far_minute is not None
        return ends or not root.by_created

    def situation(
        self, root: SlicePart, wanted: float, *, pace: float, hourly_points: int | None, points_left: int | None
    ) -> Situation:
        """Return what a plan depends on, where that is known; `wanted` is how many more issues the caller takes."""
        left = self.left(root.rows)
        return Situation(
            wanted=int(min(left, wanted)),
            page_size=self.page_size,
            bulk_size=self._bulk_size,
            by_created=root.by_created,
            whole=wanted >= left,
            in_flight=self._in_flight,
            pace=pace,
            latency_seconds=self.latency_seconds,
            hourly_points=hourly_points,
            points_left=points_left,
        )

    def left(self, rows: int) -> int:
        """Return how many issues are taken to be left where so many are read."""
        return max(0, (self.counted or 0) - rows)

    def ids(self, known: Sequence[str]) -> tuple[int, int] | None:
        """Return the least and the largest id among those known and that of the last issue; None where none is one."""
        ids = [int(issue_id) for issue_id in (*known, self._far_id) if issue_id.isdecimal()]
        return (min(ids), max(ids)) if ids else None

    def page(self, wanted: float, *, cut: bool) -> int:
        """Return how many issues to ask for on a page, of a slice or of a chain that is not cut.

        The latter ends where its caller goes on: the next token leads right behind its last row.
        """
        if cut:
            return min(self._page_cap, _PAGE_ROOM * self.page_size)
        return max(1, int(min(self._page_cap, wanted)))

    def even_bundles(self, rows: int) -> None:
        """Where so many are read, have as many in each bundle as make the last round of fetches a full one."""
        left = self.left(rows)
        rounds = math.ceil(max(1, left) / self._bulk_size / self._in_flight)
        self.bundle_size = max(1, min(self._bulk_size, math.ceil(left / (rounds * self._in_flight))))

    def workers(self, most: int, pace: float) -> int:
        """Return how many may read at once: no more than the pace of the endpoint keeps busy."""
        if math.isinf(self.latency_seconds):
            return most  # no page was read yet
        return min(most, max(2, math.ceil(_PACE_ROOM * pace * self.latency_seconds)))

    def doubt(self, rows: int) -> str | None:
        """Say where a whole read has far fewer rows than Jira counted: the count may be behind, or its index."""
        if self.counted is None or rows >= _COUNT_SHARE * self.counted - _COUNT_SLACK:
            return None
        return (
            f"Jira counted about {self.counted} issues and answered {rows}, each page to its end: its count is "
            "behind, or its index"
        )
