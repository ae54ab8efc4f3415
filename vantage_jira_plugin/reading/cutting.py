"""Where a search is cut so that every worker has a part, and what is counted for that. Pure; nothing is read here."""

from __future__ import annotations

import math
from collections import deque
from itertools import pairwise
from typing import TYPE_CHECKING

from .parts import SlicePart
from .plan import FIRST_COUNTS, sampled
from .sampling import sample, shape_of
from .slices import Distribution, Slice, even_slices

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Cutter"]

#: What is expected to end within so many pages is not cut: its pieces would end in the middle of theirs.
_LEAST_PAGES = 1.5
#: A part that holds less than this share of the largest is not cut: the largest comes soon.
_WORTHWHILE = 0.5
#: A span of minutes that holds so many times an even share is counted more finely, into so many pieces at most.
_CROWDED = 1.5
_FINEST = 8
#: After so many full pages beyond what was expected the rest is counted again: counts are approximate.
_OVERDUE_PAGES = 2
#: Counts at once while there are pages to read.
_FINE_COUNTS = 2
#: Counts in all, for each worker.
_MOST_COUNTS = 6
#: A piece may hold this share more than it is expected to.
_INEXACT = 0.02
#: More is cut off for the caller's limit than it needs by what is counted, which is approximate.
_SPARE = 1.05


class Cutter:
    """Knows how the issues that are left are spread over time.

    Attributes:
        counts: slices that are to be counted.
        sample: ids of issues of which it is to be found out when they were created.
    """

    def __init__(self, workers: int) -> None:
        self.counts: deque[Slice] = deque()
        self.sample: list[str] = []
        self._workers = workers
        self._distribution: Distribution | None = None
        self._first = 0
        self._asked = 0
        self._told = 0
        self._ids = (0, 0)
        #: What was counted before the sample was there, which comes first.
        self._before: list[tuple[Slice, float]] = []

    @property
    def counting(self) -> bool:
        """Whether the first counts are under way, after which everything is cut."""
        return self._distribution is not None and not self.ready

    @property
    def ready(self) -> bool:
        """Whether parts can be cut: enough is counted."""
        return self._distribution is not None and self._told >= self._first and not self.sample

    def next_count(self, *, idle: bool) -> Slice | None:
        """Return the slice to be counted next, or None: counts that only cut more finely mostly leave room for pages.

        Args:
            idle: whether there is no page to read meanwhile.
        """
        under_way = self._asked - self._told - len(self.counts)
        may = idle or self.counting or under_way < _FINE_COUNTS
        return self.counts.popleft() if self.counts and may else None

    def begin(
        self, oldest: int, newest: int, left: float, *, page_size: int, ids: tuple[int, int] | None = None
    ) -> None:
        """Take note of how many issues are left between which minutes; spans of these are to be counted.

        Args:
            oldest: minute in which the first of them was created.
            newest: minute in which the last of them was created.
            left: how many they are taken to be.
            page_size: issues on a page.
            ids: the least and the largest of them; None where none may be sampled.
        """
        if ids is not None:
            self._ids = ids
            self.sample = sample(*ids, sampled(left))
        self._distribution = Distribution(oldest, newest, left)
        pieces = min(self._workers, FIRST_COUNTS, max(2, int(left / page_size / _LEAST_PAGES)))
        self._count(Slice(self._distribution.oldest, self._distribution.newest + 1), pieces)
        self._first = self._asked

    def begin_again(self, oldest: int, newest: int, parts: Sequence[Slice]) -> None:
        """Take note of where issues are left, and have these slices counted."""
        self._distribution = Distribution(oldest, newest, 0)
        self.counts += parts
        self._asked += len(parts)

    def counted(self, part: Slice, count: int) -> None:
        """Take note of a count; what turns out to be crowded is counted more finely."""
        self._told += 1
        if self._distribution is None:
            return
        if self.sample:
            self._before.append((part, count))
        else:
            self._distribution.learn(part, count)
            self._refine()

    def sampled(self, found: Iterable[tuple[int, int]]) -> None:
        """Take note of what is there to be seen of the sample: ids, and the minutes in which they were created."""
        self.sample = []
        if self._distribution is None:
            return
        shape = shape_of(found, *self._ids)
        if shape:
            self._distribution.shape(shape)
        for part, count in self._before:
            self._distribution.learn(part, count)
        self._before = []
        self._refine()

    def _refine(self) -> None:
        """Have counted more finely what has turned out to be crowded."""
        if self._told < self._asked or self._distribution is None:
            return
        left = self._distribution.expected(Slice())
        for crowded in list(self._distribution.crowded(_CROWDED * left / max(1, self._first))):
            pieces = min(_FINEST, max(2, int(2 * self._workers * self._distribution.expected(crowded) / left)))
            if self._asked + pieces <= _MOST_COUNTS * self._workers:
                self._count(crowded, pieces)

    def _count(self, part: Slice, pieces: int) -> None:
        """Have a slice counted in pieces."""
        counts = even_slices(part, pieces)
        self.counts += counts
        self._asked += len(counts)

    def read(self, part: SlicePart) -> None:
        """Take note of a page that was read of a part."""
        passed = part.passed
        if self._distribution is not None and part.newest_first is not None and passed is not None:
            self._distribution.read(passed, part.found)

    def expected(self, part: SlicePart) -> float:
        """Return how many issues the rest of a part is taken to hold; 0 where nothing is known."""
        if self._distribution is None or part.newest_first is None or part.done:
            return 0.0
        return self._distribution.expected(part.rest)

    def cut(self, part: SlicePart, idle: int, *, page_size: int, wanted: float, largest: float) -> list[SlicePart]:
        """Cut the rest of a part that nobody reads now, and return what was cut off it, in order; maybe nothing.

        Args:
            part: it begins anew where it stands, and ends sooner.
            idle: workers that have nothing to read, the one of this part among them.
            page_size: issues on a page.
            wanted: how many more issues the caller takes, from here on.
            largest: how many the largest of the other parts is taken to hold.
        """
        if not self.ready or self._distribution is None or part.newest_first is None:
            return []
        held = self._distribution.expected(part.rest)
        needed = min(held, _SPARE * wanted + page_size)
        pieces = min(idle, int(needed / page_size / _LEAST_PAGES))
        if idle > 1 and held < page_size <= part.found:
            self._doubt(part)
        if pieces < 2 or held < _WORTHWHILE * largest:  # noqa: PLR2004 - two is the fewest that is a cut
            return []
        shares = [size / held for size in _sizes(needed, pieces, page_size)]
        if needed < held:
            shares.append(1 - needed / held)
        oldest_first = shares[::-1] if part.newest_first else shares
        bounds = self._distribution.cut(part.rest, oldest_first)
        if not bounds:
            return []
        rest = part.rest
        edges = [rest.low, *bounds, rest.high]
        slices = [Slice(low, high) for low, high in pairwise(edges)]
        near, *far = slices[::-1] if part.newest_first else slices
        part.begin_again(near)
        cut_off = [_cut_off(part, piece, part.cuts + len(far) - number) for number, piece in enumerate(far)]
        part.cuts += len(far)
        return cut_off

    def _doubt(self, part: SlicePart) -> None:
        """Have the rest of a part counted that was to be at its end, and goes on with full pages."""
        part.overdue += 1
        if part.overdue % _OVERDUE_PAGES == 0:
            self.counts.append(part.rest)
            self._asked += 1


def _sizes(needed: float, pieces: int, page_size: int) -> list[float]:
    """Return how many issues each piece is to hold: as many, or a page more in a few.

    What is expected to fill its last page has one page more as often as not, for an issue or two.
    """
    even = needed / pieces
    full = math.ceil(even / page_size) * page_size - _INEXACT * even
    longer = min(pieces, max(0, math.ceil((needed - pieces * full) / page_size)))
    sizes = [full + page_size] * longer + [full] * (pieces - longer)
    return [size * needed / sum(sizes) for size in sizes]


def _cut_off(part: SlicePart, piece: Slice, number: int) -> SlicePart:
    """Return a piece as a part; what is cut off later, or lies nearer, has a larger number and sorts first."""
    return SlicePart(position=(*part.position, -number), part=piece, by_created=True, newest_first=part.newest_first)
