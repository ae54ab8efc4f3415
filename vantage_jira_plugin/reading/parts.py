"""The parts of a pull, and where each goes on. How they are read is in `reader`, which is next in `agenda`. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.operations import SEARCH_ISSUES

from .chain import TokenChain
from .keeper import PartState
from .slices import Slice, minute_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .continuation import Continuation
    from .pages import Page
    from .query import Query

__all__ = ["Bundle", "Listing", "Part", "SlicePart", "restored_part", "root_part"]


@dataclass(slots=True, kw_only=True)
class Part:
    """A part of a pull, in the thread that reads it or, between pages, in the one that plans.

    Attributes:
        position: sorts parts in the query's order; see `PartState`.
        rows: how many issues were kept of it.
        done: nothing of it is left.
        trouble: why it cannot be read to its end, or None.
        warned: whether Jira said that an answer may lack something.
        seconds: how long the last answer took, waits for limits included.
    """

    position: tuple[int, ...]
    rows: int = 0
    done: bool = False
    trouble: str | None = None
    warned: bool = False
    seconds: float = 0.0

    def where(self) -> Mapping[str, Any]:
        """Return where it goes on, as JSON data."""
        raise NotImplementedError

    @property
    def state(self) -> PartState:
        """What a keeper notes of it."""
        return PartState(self.position, self.where(), self.done, self.rows)


@dataclass(slots=True, kw_only=True)
class SlicePart(Part):
    """Issues of a slice, in the query's order, page by page.

    Attributes:
        by_created: whether they come in the order in which they were created, or against it.
        newest_first: against it; None where that is not known, or they come in another order.
        found: issues on the last page.
        stood: the minute `last` of the page before, or None.
        last: minute in which the last issue of the last page was created.
        at_last: ids of what was read of the minute `last`, which a rest of the slice begins with again.
        resumed: whether the next page is the first of a new run.
        cuts: how many parts were cut off it.
        overdue: how many full pages it had after it was to be at its end.
    """

    part: Slice
    by_created: bool
    newest_first: bool | None
    chain: TokenChain = field(default_factory=lambda: TokenChain(SEARCH_ISSUES))
    found: int = 0
    stood: int | None = None
    last: int | None = None
    at_last: list[str] = field(default_factory=list)
    resumed: bool = False
    cuts: int = 0
    overdue: int = 0

    def where(self) -> Mapping[str, Any]:
        """Return where it goes on."""
        return {
            "kind": "slice",
            "low": self.part.low,
            "high": self.part.high,
            "byCreated": self.by_created,
            "newestFirst": self.newest_first,
            "token": self.chain.token,
            "last": self.last,
            "atLast": list(self.at_last),
            "cuts": self.cuts,
            "warned": self.warned,
        }

    @property
    def begun(self) -> bool:
        """Whether a page of it was read, so that what is not done is known to hold more."""
        return self.last is not None or self.chain.token is not None

    @property
    def rest(self) -> Slice:
        """What is left of it, with the minute of the last issue, of which some may be read."""
        return self._from(self.last)

    @property
    def passed(self) -> Slice | None:
        """What the last page went through, without the minute in which it ended, unless that was the slice's last."""
        before = self._from(self.stood)
        if self.done:
            return before
        if self.last is None or self.newest_first is None:
            return None
        return Slice(self.last + 1, before.high) if self.newest_first else Slice(before.low, self.last)

    def _from(self, minute: int | None) -> Slice:
        """Return what there is of it from a minute on; from its beginning where there is none."""
        if minute is None or self.newest_first is None:
            return self.part
        return Slice(self.part.low, minute + 1) if self.newest_first else Slice(minute, self.part.high)

    def begin_again(self, part: Slice) -> None:
        """Read a slice that begins where this one stands, by a query of its own."""
        self.part, self.stood = part, None
        self.chain = TokenChain(SEARCH_ISSUES)
        self.chain.know(self.at_last)

    def advance(self, page: Page) -> None:
        """Take note of a page."""
        self.done, self.trouble, self.found = page.last, page.trouble, page.found
        self.warned = self.warned or page.warned
        if not self.by_created or not page.items:
            return
        first, last = minute_of(page.items[0].created), minute_of(page.items[-1].created)
        if first is None or last is None:
            self.by_created, self.newest_first = False, None  # nothing tells where it stands: it is read to its end
            return
        if self.newest_first is None and first != last:
            self.newest_first = first > last
        if last != self.last:
            self.at_last = []
        self.stood, self.last = self.last, last
        here = []
        for issue in reversed(page.items):
            if minute_of(issue.created) != last:
                break
            here.append(issue.id)
        self.at_last += reversed(here)


@dataclass(slots=True, kw_only=True)
class Listing(Part):
    """The ids of the issues of a slice, in the query's order, at up to 5,000 a page; each page becomes bundles."""

    part: Slice
    chain: TokenChain = field(default_factory=lambda: TokenChain(SEARCH_ISSUES))
    skip: list[str] = field(default_factory=list)
    pages: int = 0
    listed: int = 0

    def where(self) -> Mapping[str, Any]:
        """Return where it goes on."""
        return {
            "kind": "listing",
            "low": self.part.low,
            "high": self.part.high,
            "token": self.chain.token,
            "skip": self.skip,
            "pages": self.pages,
            "listed": self.listed,
            "warned": self.warned,
        }


@dataclass(slots=True, kw_only=True)
class Bundle(Part):
    """Issues whose ids are known, read in one bulk fetch."""

    ids: list[str]

    def where(self) -> Mapping[str, Any]:
        """Return what to read; nothing any more where that is done."""
        return {"kind": "bundle", "ids": [] if self.done else self.ids}


def root_part(query: Query, begin: Continuation) -> SlicePart:
    """Return the one part that a pull begins with: all that is left of the search."""
    by_created = query.by_created and begin.token is None  # where Jira's token leads is not known by `created`
    newest_first = begin.newest_first if query.newest_first is None else query.newest_first
    root = SlicePart(
        position=(0,),
        part=begin.part,
        by_created=by_created,
        newest_first=newest_first if by_created else None,
    )
    root.chain.token = begin.token
    if by_created and begin.newest_first is not None:
        root.last, root.at_last = begin.minute, list(begin.known)
    root.chain.know(begin.known)
    return root


def restored_part(state: PartState) -> Part:
    """Return the part that a keeper has noted.

    Raises:
        KeyError, TypeError: it is none.
    """
    where = state.state
    kept: dict[str, Any] = {"position": tuple(state.position), "rows": state.rows, "done": state.done}
    if where["kind"] == "bundle":
        return Bundle(ids=list(where["ids"]), **kept)
    kept["warned"] = where["warned"]
    chain, part = TokenChain(SEARCH_ISSUES, where["token"]), Slice(where["low"], where["high"])
    if where["kind"] == "listing":
        chain.know(where["skip"])
        listed = {"pages": where["pages"], "listed": where["listed"]}
        return Listing(part=part, chain=chain, skip=list(where["skip"]), **listed, **kept)
    chain.know(where["atLast"])
    return SlicePart(
        part=part,
        by_created=where["byCreated"],
        newest_first=where["newestFirst"],
        chain=chain,
        last=where["last"],
        at_last=list(where["atLast"]),
        resumed=where["token"] is not None,
        cuts=where["cuts"],
        **kept,
    )
