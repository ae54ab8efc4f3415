"""The parts of a pull: where each goes on, and how one page of it is read. Which part is next is decided in `pull`."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from vantage_jira_plugin.errors import JiraInvalidError
from vantage_jira_plugin.jql import narrowed
from vantage_jira_plugin.operations import BULK_FETCH_ISSUES, SEARCH_ISSUES

from .chain import TokenChain
from .foreign import confined_issue
from .keeper import PartState
from .pages import list_of
from .plan import MAX_PAGE_SIZE
from .slices import Slice, created_of, minute_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from vantage_jira_plugin.client import JiraClient

    from .keeper import Keeper
    from .pages import Page

__all__ = ["Bundle", "Listing", "Part", "Query", "Reader", "SlicePart", "restored_part"]

_Made = TypeVar("_Made")

#: In Jira's answer to a token that is older than seven days, or no token of its own.
#: Source: recorded answer, "The provided next page token is invalid or expired."
_BAD_TOKEN = "page token"
#: What came too large in one piece is asked for again in so many.
_SMALLER = 10
#: What is asked for where only the list of ids is wanted.
_ID_ONLY = ["id"]


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched for: clauses, an `ORDER BY` part, the fields, and issues to be seen as they are."""

    clauses: str
    order: str
    fields: tuple[str, ...]
    reconcile: tuple[int, ...] = ()

    def jql(self, part: Slice, order: str | None = None) -> str:
        """Return the query for a slice."""
        return narrowed(self.clauses, part.clauses, self.order if order is None else order)

    def body(self, part: Slice, fields: Sequence[str] | None = None) -> dict[str, Any]:
        """Return the request for pages of a slice."""
        body = {"jql": self.jql(part), "fields": list(self.fields if fields is None else fields)}
        return {**body, "reconcileIssues": list(self.reconcile)} if self.reconcile else body


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


class _Kept(NamedTuple, Generic[_Made]):
    """What is kept of an issue once it is read: where it stands, and what was made of it, if it is told."""

    id: str
    created: object
    made: tuple[_Made, ...]


class Reader(Generic[_Made]):
    """Reads pages of parts into a keeper; several threads at once, each at a part of its own."""

    def __init__(
        self,
        jira: JiraClient,
        query: Query,
        make: Callable[[dict[str, Any]], _Made],
        keeper: Keeper[_Made],
    ) -> None:
        self._jira = jira
        self._query = query
        self._make = make
        self._keeper = keeper
        self._confined = jira.settings.allowed_projects is not None

    def page(self, part: SlicePart, size: int) -> None:
        """Read the next page of a slice, of at most so many issues."""
        began_at = time.monotonic()
        try:
            made = self._slice_page(part, size)
        except JiraInvalidError as error:
            if not part.resumed or part.newest_first is None or _BAD_TOKEN not in error.message:
                raise
            part.begin_again(part.rest)  # the token is older than a week; where it led is known besides
            made = self._slice_page(part, size)
        if part.done:
            part.chain, part.at_last = TokenChain(SEARCH_ISSUES), []  # what it knows is needed no more
        part.resumed = False
        part.seconds = time.monotonic() - began_at
        part.rows += len(made)
        self._keeper.page(part.state, made)

    def _slice_page(self, part: SlicePart, size: int) -> list[_Made]:
        with self._jira.rows_reserved(size) as rows:
            page = part.chain.next(self._jira, self._query.body(part.part), rows, self._kept)
        part.advance(page)
        return [made for issue in page.items for made in issue.made]

    def ids(self, listing: Listing, size: int, bundle_size: int) -> list[Bundle]:
        """Read the next page of ids, of at most so many, and return it as bundles that are noted with it."""
        with self._jira.rows_reserved(min(size, MAX_PAGE_SIZE)) as rows:
            page = listing.chain.next(self._jira, self._query.body(listing.part, _ID_ONLY), rows)
        ids = [str(item.get("id")) for item in page.items]
        bundles = [
            Bundle(position=(listing.pages + 1, number), ids=ids[start : start + bundle_size])
            for number, start in enumerate(range(0, len(ids), bundle_size))
        ]
        listing.pages += 1
        listing.listed += len(ids)
        listing.done, listing.trouble, listing.warned = page.last, page.trouble, listing.warned or page.warned
        self._keeper.planned([listing.state, *(bundle.state for bundle in bundles)])
        return bundles

    def bundle(self, bundle: Bundle) -> None:
        """Read the issues of a bundle; those that are gone or hidden by now are left out.

        What Jira could not answer for the moment, or in one piece with the others, is asked for again in smaller
        pieces. Where that does not help, the rows end before it, and the rest is left to be read another time.
        """
        made, failed = self._fetched(bundle.ids)
        piece = max(1, len(bundle.ids) // _SMALLER)
        unanswered: list[str] = []
        for start in range(0, len(failed), piece):
            more, still = self._fetched(failed[start : start + piece])
            made |= more
            unanswered += still
        gap = min(map(bundle.ids.index, unanswered), default=len(bundle.ids))
        rows = [made[issue_id] for issue_id in bundle.ids[:gap] if issue_id in made]
        bundle.ids = bundle.ids[gap:]
        bundle.rows, bundle.done = bundle.rows + len(rows), not bundle.ids
        bundle.trouble = "issues_unanswered" if unanswered else None
        self._keeper.page(bundle.state, rows)

    def _fetched(self, ids: Sequence[str]) -> tuple[dict[str, _Made], list[str]]:
        """Return what is made of issues, by id, and the ids of those that Jira says it could not answer.

        Shape: `{"issues": [...], "issueErrors": [{"id", "errorMessage"}]}`.

        Source: POST /rest/api/3/issue/bulkfetch; OpenAPI file, BulkIssueResults, "a retriable error or payload
        constraint".
        """
        body = {"issueIdsOrKeys": list(ids), "fields": list(self._query.fields)}
        with self._jira.rows_reserved(len(ids)):
            data = self._jira.call(BULK_FETCH_ISSUES, body=body, keep=self._kept)
        issues: list[_Kept[_Made]] = list_of(BULK_FETCH_ISSUES, data, "issues")
        made = {issue.id: made for issue in issues for made in issue.made}
        errors = data.get("issueErrors")
        named = {str(error.get("id")) for error in errors or () if isinstance(error, dict)}
        return made, [issue_id for issue_id in ids if issue_id in named and issue_id not in made]

    def _kept(self, issue: Any) -> _Kept[_Made]:
        """Return what is kept of an issue; nothing of what is none, or of one that the settings leave out.

        A query is confined to projects, and so is what it answers.
        """
        if not isinstance(issue, dict):
            return _Kept("", None, ())
        issue_id, created = str(issue.get("id")), created_of(issue)
        if self._confined:
            may_tell = self._jira.may_touch
            if not may_tell(str(issue.get("key")).rpartition("-")[0]):
                return _Kept(issue_id, created, ())
            issue = confined_issue(issue, may_tell)
        return _Kept(issue_id, created, (self._make(issue),))
