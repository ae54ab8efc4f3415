"""The parts of a pull as they are shared out: which is read next, which is needed, what is read so far. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .parts import Bundle, Listing, Part, SlicePart
from .slices import Slice

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .cutting import Cutter

__all__ = ["Agenda"]

#: Bundles that wait to be read, for each worker; more ids are not listed meanwhile.
_BUNDLES_AHEAD = 4
#: Where the list of ids sorts: behind everything that it names.
_LISTING_POSITION = (1 << 62,)


class Agenda:
    """The parts in the query's order, and which of them somebody reads.

    Attributes:
        parts: in the query's order.
    """

    def __init__(self, cutter: Cutter, *, max_rows: int | None, workers: int) -> None:
        self.parts: list[Part] = []
        self._cutter = cutter
        self._max_rows: float = math.inf if max_rows is None else max_rows
        self._bundles_ahead = _BUNDLES_AHEAD * workers
        self._reading: set[tuple[int, ...]] = set()

    def add(self, parts: Iterable[Part]) -> None:
        """Put parts where they belong."""
        self.parts = sorted([*self.parts, *parts], key=lambda part: part.position)

    # ---- who reads ----------------------------------------------------------------------------

    def begin(self, part: Part) -> None:
        """Take note that somebody reads a part from now on."""
        self._reading.add(part.position)

    def end(self, part: Part) -> None:
        """Take note that nobody reads it any more."""
        self._reading.discard(part.position)

    def is_read(self, part: Part) -> bool:
        """Tell whether somebody reads a part."""
        return part.position in self._reading

    def ready(self) -> Iterator[Part]:
        """Yield parts that nobody reads, in the query's order, as far as they are needed."""
        rows: float = 0.0
        for part in self.parts:
            rows += part.rows
            if rows > self._max_rows:
                return
            if part.done:
                continue
            if not self.is_read(part) and part.trouble is None and self._may_read(part, rows):
                yield part
            rows += self.expected(part)

    def _may_read(self, part: Part, rows: float) -> bool:
        """Tell whether a part can be read on, with so many issues read of it and before it."""
        if isinstance(part, Listing):
            waiting = sum(isinstance(other, Bundle) and not other.done for other in self.parts)
            return rows < self._max_rows and waiting < self._bundles_ahead
        if len(self.parts) == 1 and self._cutter.counting:
            return False  # it is about to be cut, which cannot be done while its next page is read
        # Where all that the caller takes is read, one page of what was never asked for tells whether there is more.
        unknown = isinstance(part, SlicePart) and not part.begun
        return rows < self._max_rows or (unknown and rows == self._max_rows)

    # ---- how it is shared out -----------------------------------------------------------------

    @property
    def root(self) -> SlicePart | None:
        """The part that a pull begins with, while it is the only one and something is left of it."""
        root = self.parts[0]
        return root if len(self.parts) == 1 and isinstance(root, SlicePart) and not root.done else None

    @property
    def rests(self) -> list[Slice]:
        """What is left of the slices; nothing where the direction of one is not known, so that it cannot be cut."""
        left = [part for part in self.parts if isinstance(part, SlicePart) and not part.done]
        return [part.rest for part in left] if all(part.newest_first is not None for part in left) else []

    def cut(self, part: SlicePart, workers: int, page_size: int) -> list[SlicePart]:
        """Cut what is left of a part that nobody reads, where workers have nothing to do; return what was cut off."""
        idle = workers - len(self._reading)
        if not self._cutter.ready or idle <= 1 or self.is_read(part):
            return []  # this part's own worker reads on
        idle -= sum(1 for other in self.ready() if other is not part)
        others = [self.expected(other) for other in self.parts if other is not part]
        cut_off = self._cutter.cut(
            part, idle, page_size=page_size, wanted=self.wanted, largest=max(others, default=0.0)
        )
        if cut_off:
            self.add(cut_off)
        return cut_off

    def list_ids(self, root: SlicePart) -> Listing:
        """Let a list of ids take the place of the rest of the one part that there is."""
        root.done = True
        listing = Listing(position=_LISTING_POSITION, part=root.rest, skip=root.chain.known)
        listing.chain.know(listing.skip)
        self.parts.append(listing)
        return listing

    def listed(self, bundles: Sequence[Bundle]) -> None:
        """Put bundles right before the list that they are of, which is the last part."""
        self.parts[-1:-1] = bundles

    # ---- what is read, and what is to come ----------------------------------------------------

    @property
    def rows(self) -> int:
        """How many issues are read, gaps or not."""
        return sum(part.rows for part in self.parts)

    @property
    def wanted(self) -> float:
        """How many more the caller takes."""
        return self._max_rows - self.rows

    def total(self, counted: int | None) -> int | None:
        """Return how many issues will be read where Jira counts so many; None where it has not told."""
        return None if counted is None else max(self.rows, int(min(counted, self._max_rows)))

    def expected(self, part: Part) -> float:
        """Return how many issues the rest of a part is taken to hold; 0 where nothing is known."""
        if isinstance(part, Bundle):
            return 0.0 if part.done else len(part.ids)
        return self._cutter.expected(part) if isinstance(part, SlicePart) else 0.0

    @property
    def unlisted(self) -> float:
        """How many more the caller takes beside what is expected of the parts."""
        return self.wanted - sum(self.expected(part) for part in self.parts)

    @property
    def whole(self) -> bool:
        """Whether every part is read to its end, and the caller takes it all."""
        return all(part.done for part in self.parts) and self.rows <= self._max_rows

    def incomplete_reason(self, stopped: str | None) -> str | None:
        """Return why the rows are not all, or None where they are; `stopped` says why nothing more was begun."""
        enough = self._prefix() >= self._max_rows
        if not self.whole and not enough:
            return stopped or "maxRows"
        if any(part.warned for part in self.parts):
            return "jira_warning"
        return None if self.whole else "maxRows"

    def _prefix(self) -> int:
        """Return how many issues are read up to the first gap, in the query's order."""
        rows = 0
        for part in self.parts:
            rows += part.rows
            if not part.done:
                break
        return rows

    # ---- where the next call goes on ----------------------------------------------------------

    @property
    def newest_first(self) -> bool | None:
        """In which direction of `created` the issues came; None where in neither."""
        slices = (part for part in self.parts if isinstance(part, SlicePart))
        return next((part.newest_first for part in slices if part.newest_first is not None), None)

    @property
    def chain_token(self) -> str | None:
        """Jira's own token of the rest, where all was read as one chain and no issue too many.

        None where that was a slice: the token belongs to its query, not to the caller's.
        """
        only = self.parts[0]
        if len(self.parts) > 1 or not isinstance(only, SlicePart) or only.part != Slice():
            return None
        return only.chain.token if only.rows <= self._max_rows else None
