"""One pull at work: which part is read next, by whom, and when it is cut. How a page is read is not known here."""

from __future__ import annotations

import math
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from vantage_jira_plugin.errors import HttpError, PluginError, RateLimitedError
from vantage_jira_plugin.fields.system import WILDCARDS
from vantage_jira_plugin.jql import created_order
from vantage_jira_plugin.operations import BULK_FETCH_ISSUES, COUNT_ISSUES, SEARCH_ISSUES

from .crew import Crew
from .cutting import Cutter
from .garbage import rare_collections
from .parts import Bundle, Listing, Part, Reader, SlicePart, restored_part
from .plan import MAX_PAGE_SIZE, RICH_ISSUES, Situation, bulk_size, likely_page, only_keys, page_cap, plan
from .slices import Slice, created_minute

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future

    from vantage_jira_plugin.client import JiraClient

    from .continuation import Continuation
    from .keeper import Keeper, PartState
    from .parts import Query
    from .plan import Plan

__all__ = ["Work", "asks_early"]

_Made = TypeVar("_Made")

#: Whoever wants more issues than this is told how many there are while the first page is read.
_MANY_ROWS = 1000
#: A page of a slice may hold so many times what the largest one so far held: how long pages are depends on the issues.
_PAGE_ROOM = 2
#: A page that leaves no more than so many like it is followed by the next, and nothing is counted.
_FEW_PAGES = 2
#: Workers are kept busy by so many times the requests that fit into the pace at which the search may be asked.
_PACE_ROOM = 1.3
#: One thread more for so many requests in flight: an answer is digested in a small part of the time it takes to come.
_SPARE_SHARE = 4
#: Counts at once while there are pages to read.
_FINE_COUNTS = 2
#: Bundles that wait to be read, for each request in flight; more ids are not listed meanwhile.
_BUNDLES_AHEAD = 4
#: A whole read may differ so much from Jira's count, which is approximate and lags behind.
_COUNT_SHARE = 0.9
_COUNT_SLACK = 50
#: Where the list of ids sorts: behind everything that it names.
_LISTING_POSITION = (1 << 62,)
_MINUTE_SECONDS = 60
_EVERYTHING = frozenset(WILDCARDS)


def asks_early(query: Query, max_rows: int | None) -> bool:
    """Tell whether a pull asks how many issues there are before it has seen a page."""
    directed = created_order(query.order) in {"asc", "desc"} and not only_keys(query.fields)
    return directed and (max_rows is None or max_rows > _MANY_ROWS)


class Work(Generic[_Made]):
    """One pull: its parts, what is known of the rest, and the threads that read.

    Attributes:
        parts: in the query's order.
    """

    def __init__(
        self,
        jira: JiraClient,
        query: Query,
        *,
        max_rows: int | None,
        make: Callable[[dict[str, Any]], _Made],
        keeper: Keeper[_Made],
    ) -> None:
        order = created_order(query.order)
        self.parts: list[Part] = []
        self._jira = jira
        self._query = query
        self._max_rows: float = math.inf if max_rows is None else max_rows
        self._early = asks_early(query, max_rows)
        self._keeper = keeper
        self._reader = Reader(jira, query, make, keeper)
        self._in_flight = jira.settings.max_in_flight
        self._crew = Crew(jira, spare=self._in_flight // _SPARE_SHARE)
        self._cutter = Cutter(self._crew.size)
        self._under_way: dict[Future[Any], Callable[[Any], None]] = {}
        self._ended: SimpleQueue[Future[Any]] = SimpleQueue()
        self._reading: set[tuple[int, ...]] = set()
        #: Whether slices follow each other in the query's order, as far as its text tells.
        self._by_created = order is not None and _has_created(query.fields)
        self._newest_first = {"asc": False, "desc": True}.get(order or "")
        #: Whether it may still be cut.
        self._open = not only_keys(query.fields)
        self._plan: Plan | None = None
        self._asked: set[str] = set()
        self._counts = 0
        self._counted: int | None = None
        self._far_minute: int | None = None
        self._far_id = ""
        self._page_size: int | None = None
        self._page_cap = page_cap(query.fields)
        self._bulk_size = self._bundle_size = min(self._page_cap, bulk_size(query.fields))
        self._latency_seconds = math.inf
        self._reason: str | None = None

    def run(self, begin: Continuation) -> str | None:
        """Read everything; return why it is not all, or None.

        Raises:
            PluginError: a read failed; nothing more is begun.
        """
        with rare_collections(), self._crew.working():
            self._begin(begin)
            while True:
                if self._page_size is not None and self._reason is None:
                    self._reason = self._jira.why_stop()
                if self._reason is None:
                    self._fill()
                if not self._under_way:
                    return self._outcome()
                self._take(self._ended.get())

    def _take(self, future: Future[Any]) -> None:
        """Go on with a result; where time or the limits have ended a read, what was read before is kept.

        Raises:
            PluginError: the read failed otherwise, or nothing was read before.
        """
        then = self._under_way.pop(future)
        try:
            result = future.result()
        except PluginError as error:
            limited = isinstance(error, RateLimitedError)
            if not any(part.rows for part in self.parts) or not (limited or self._jira.why_stop() == "timeout"):
                raise
            self._reason = self._reason or (error.code if limited else "timeout")
            if limited:
                self._jira.warnings.append(error.message)
            return
        then(result)

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

    # ---- beginning and end --------------------------------------------------------------------

    def _begin(self, begin: Continuation) -> None:
        restored = self._keeper.restored()
        if restored:
            self._restore(restored)
            return
        by_created = self._by_created and begin.token is None  # where Jira's token leads is not known by `created`
        newest_first = begin.newest_first if self._newest_first is None else self._newest_first
        self._open = self._open and begin.token is None
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
        self.parts = [root]
        self._keeper.planned([root.state])
        if self._open and root.newest_first is not None and self._early:
            self._ask(root)

    def _restore(self, states: Sequence[PartState]) -> None:
        self.parts = sorted(map(restored_part, states), key=lambda part: part.position)
        self._page_size = likely_page(self._query.fields)
        self._asked = {"count", "end"}  # no plan is made: a list of ids would not know what is read already
        open_slices = [part for part in self.parts if isinstance(part, SlicePart) and not part.done]
        if self._open and open_slices and all(part.newest_first is not None for part in open_slices):
            self._do(partial(self._end, "ASC"), partial(self._begin_again, [part.rest for part in open_slices]))

    def _begin_again(self, rests: Sequence[Slice], end: tuple[int | None, str]) -> None:
        oldest, _ = end
        if oldest is not None:
            self._cutter.begin_again(oldest, int(self._jira.now // _MINUTE_SECONDS), rests)

    def _outcome(self) -> str | None:
        """Return why the parts are not all, or None where they are."""
        rows = sum(part.rows for part in self.parts)
        warned = any(part.warned for part in self.parts)
        if all(part.done for part in self.parts) and rows <= self._max_rows:
            self._compare(rows)
            return "jira_warning" if warned else None
        if self._prefix() >= self._max_rows:
            return "jira_warning" if warned else "maxRows"
        return self._reason or "maxRows"

    def _compare(self, rows: int) -> None:
        """Say where much less was read than Jira counted: the count may be behind, or its index."""
        if self._counted is not None and rows < _COUNT_SHARE * self._counted - _COUNT_SLACK:
            self._jira.warnings.append(
                f"Jira counted about {self._counted} issues and answered {rows}, each page to its end: its count is "
                "behind, or its index"
            )

    # ---- what is done next --------------------------------------------------------------------

    def _fill(self) -> None:
        """Give every idle thread something to do."""
        while len(self._under_way) < self._crew.size:
            left = self._jira.account.left
            if left is not None and left <= 1 and self._under_way:
                return  # what is under way has set the rest aside
            ready = next(self._ready(), None)
            # Counts that only cut more finely leave most of the requests in flight to the pages.
            if self._cutter.counts and (ready is None or self._cutter.counting or self._counts < _FINE_COUNTS):
                part = self._cutter.counts.popleft()
                self._counts += 1
                self._do(partial(self._count, part), partial(self._was_counted, part))
                continue
            if ready is None:
                return
            self._read(ready)

    def _read(self, part: Part) -> None:
        self._reading.add(part.position)
        if isinstance(part, Bundle):
            self._do(partial(self._reader.bundle, part), partial(self._was_filled, part))
        elif isinstance(part, Listing):
            size = int(min(MAX_PAGE_SIZE, self._max_rows - sum(one.rows + self._expected(one) for one in self.parts)))
            self._do(partial(self._reader.ids, part, size, self._bundle_size), partial(self._was_listed, part))
        elif isinstance(part, SlicePart):
            size = self._size(part)
            self._do(partial(self._reader.page, part, size), partial(self._was_read, part))

    def _do(self, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        future = self._crew.begin(work)
        self._under_way[future] = then
        future.add_done_callback(self._ended.put)

    def _ready(self) -> Iterator[Part]:
        """Yield parts that nobody reads, in the query's order, as far as they are needed."""
        rows: float = 0.0
        for part in self.parts:
            rows += part.rows
            if rows > self._max_rows:
                return
            if part.done:
                continue
            if part.position not in self._reading and part.trouble is None and self._may_read(part, rows):
                yield part
            rows += self._expected(part)

    def _may_read(self, part: Part, rows: float) -> bool:
        """Tell whether a part can be read on, with so many issues read of it and before it."""
        if isinstance(part, Listing):
            waiting = sum(isinstance(other, Bundle) and not other.done for other in self.parts)
            return rows < self._max_rows and waiting < _BUNDLES_AHEAD * self._crew.size
        if len(self.parts) == 1 and self._cutter.counting:
            return False  # it is about to be cut, which cannot be done while its next page is read
        # Where all that the caller takes is read, one page of what was never asked for tells whether there is more.
        unknown = isinstance(part, SlicePart) and not part.begun
        return rows < self._max_rows or (unknown and rows == self._max_rows)

    def _prefix(self) -> float:
        """Return how many issues are read up to the first gap, in the query's order."""
        rows = 0
        for part in self.parts:
            rows += part.rows
            if not part.done:
                break
        return rows

    def _expected(self, part: Part) -> float:
        """Return how many issues the rest of a part is taken to hold; 0 where nothing is known."""
        if isinstance(part, Bundle):
            return 0.0 if part.done else len(part.ids)
        return self._cutter.expected(part) if isinstance(part, SlicePart) else 0.0

    def _size(self, part: SlicePart) -> int:
        """Return how many issues to ask for on a page."""
        if len(self.parts) > 1:
            return min(self._page_cap, _PAGE_ROOM * (self._page_size or self._page_cap))
        # A chain that is not cut ends where its caller goes on: the next token leads right behind its last row.
        return max(1, int(min(self._page_cap, self._max_rows - part.rows)))

    # ---- what has been done -------------------------------------------------------------------

    def _was_read(self, part: SlicePart, _: None) -> None:
        self._reading.discard(part.position)
        self._latency_seconds = min(self._latency_seconds, part.seconds)
        self._page_size = max(self._page_size or 0, part.found) or RICH_ISSUES
        self._cutter.read(part)
        self._tell()
        self._reason = self._reason or part.trouble
        if part.done or self._reason is not None or not self._open:
            return
        if self._plan is None and self._max_rows - part.rows > _FEW_PAGES * part.found:
            self._reason = self._jira.why_stop()
            if self._reason is not None:
                return
            self._ask(part)
            self._decide()
        self._cut(part)

    def _was_listed(self, listing: Listing, bundles: Sequence[Bundle]) -> None:
        self._reading.discard(listing.position)
        self._reason = self._reason or listing.trouble
        self.parts[-1:-1] = bundles  # right before the list itself

    def _was_filled(self, bundle: Bundle, _: None) -> None:
        self._reading.discard(bundle.position)
        self._reason = self._reason or bundle.trouble
        self._tell()

    def _tell(self) -> None:
        rows = sum(part.rows for part in self.parts)
        total = None if self._counted is None else max(rows, int(min(self._counted, self._max_rows)))
        self._jira.progress(rows, total, "rows read")

    # ---- how it is cut ------------------------------------------------------------------------

    def _ask(self, root: SlicePart) -> None:
        """Ask what the plan depends on, once: how many issues there are, and when the last of them was created."""
        if "count" not in self._asked:
            self._asked.add("count")
            self._do(partial(self._count, root.part), self._was_told_count)
        if "end" not in self._asked and root.newest_first is not None:
            self._asked.add("end")
            self._do(partial(self._end, "ASC" if root.newest_first else "DESC"), self._was_told_end)

    def _count(self, part: Slice) -> int:
        with self._jira.rows_reserved(0):
            count: int = self._jira.call(COUNT_ISSUES, body={"jql": self._query.jql(part, "")})["count"]
        return count

    def _end(self, direction: str) -> tuple[int | None, str]:
        """Return in which minute the first issue in one direction was created, None where there is none, and its id."""
        body = {
            "jql": self._query.jql(Slice(), f"ORDER BY created {direction}"),
            "fields": ["created"],
            "maxResults": 1,
        }
        with self._jira.rows_reserved(1):
            issues = self._jira.call(SEARCH_ISSUES, body=body)["issues"]
        return (created_minute(issues[0]), str(issues[0].get("id"))) if issues else (None, "")

    def _created(self, ids: Sequence[str]) -> list[tuple[int, int]]:
        """Return id and minute of creation of those issues that are there to be seen; nothing where Jira refuses it."""
        body = {"issueIdsOrKeys": list(ids), "fields": ["created"]}
        with self._jira.rows_reserved(len(ids)) as afforded:
            if afforded < len(ids):
                return []
            try:
                issues = self._jira.call(BULK_FETCH_ISSUES, body=body)["issues"]
            except HttpError:
                return []
        found = ((str(issue.get("id")), created_minute(issue)) for issue in issues if isinstance(issue, dict))
        return [(int(issue_id), minute) for issue_id, minute in found if minute is not None and issue_id.isdecimal()]

    def _was_told_count(self, count: int) -> None:
        self._counted = count
        self._tell()
        self._decide()

    def _was_told_end(self, end: tuple[int | None, str]) -> None:
        self._far_minute, self._far_id = end
        self._decide()

    def _was_counted(self, part: Slice, count: int) -> None:
        self._counts -= 1
        self._cutter.counted(part, count)
        self._cut_root()

    def _was_sampled(self, found: Sequence[tuple[int, int]]) -> None:
        self._cutter.sampled(found)
        self._cut_root()

    def _cut_root(self) -> None:
        """Cut what has waited for that."""
        root = self.parts[0]
        waited = len(self.parts) == 1 and root.position not in self._reading and not root.done
        if waited and self._cutter.ready and self._reason is None and isinstance(root, SlicePart):
            self._cut(root)

    def _decide(self) -> None:
        """Choose the plan once everything is known that it depends on."""
        root = self.parts[0]
        if not isinstance(root, SlicePart) or root.done or self._plan is not None:
            return
        if self._counted is None or self._page_size is None:
            return
        if root.by_created and (root.newest_first is None or self._far_minute is None or root.last is None):
            return
        left = max(0, self._counted - root.rows)
        self._plan = plan(self._situation(left, by_created=root.by_created))
        if self._plan.way == "chain":
            self._open = False
        elif self._plan.way == "ids":
            self._list_ids(root)
        elif root.last is not None and self._far_minute is not None:
            ids = self._sampled_ids(root)
            self._cutter.begin(self._far_minute, root.last, left, page_size=self._page_size, ids=ids)
            if self._cutter.sample:
                self._do(partial(self._created, self._cutter.sample), self._was_sampled)

    def _sampled_ids(self, root: SlicePart) -> tuple[int, int] | None:
        """Return the ids between which issues may be looked at; None where settings confine what may."""
        ids = [int(issue_id) for issue_id in (*root.chain.known, self._far_id) if issue_id.isdecimal()]
        return None if self._jira.settings.allowed_projects is not None or not ids else (min(ids), max(ids))

    def _situation(self, left: int, *, by_created: bool) -> Situation:
        wanted = min(left, self._max_rows)
        return Situation(
            wanted=int(wanted),
            page_size=self._page_size or RICH_ISSUES,
            bulk_size=self._bulk_size,
            by_created=by_created,
            whole=wanted == left,
            in_flight=self._in_flight,
            pace=self._jira.pace(SEARCH_ISSUES),
            latency_seconds=self._latency_seconds,
            hourly_points=self._jira.hourly_points,
            points_left=self._jira.account.left,
        )

    def _list_ids(self, root: SlicePart) -> None:
        """Let the list of ids take the place of the rest of the chain."""
        if root.position in self._reading:
            self._plan = None  # once its page has come
            return
        self._open = False
        root.done = True
        listing = Listing(position=_LISTING_POSITION, part=root.rest, skip=root.chain.known)
        listing.chain.know(listing.skip)
        rounds = math.ceil(max(1, (self._counted or 0) - root.rows) / self._bulk_size / self._in_flight)
        even = math.ceil(((self._counted or 0) - root.rows) / (rounds * self._in_flight))
        self._bundle_size = max(1, min(self._bulk_size, even))
        self.parts.append(listing)
        self._keeper.planned([root.state, listing.state])

    def _cut(self, part: SlicePart) -> None:
        """Cut what is left of a part, where workers have nothing to do."""
        idle = self._workers - len(self._reading)
        if not self._cutter.ready or idle <= 1:
            return  # this part's own worker reads on
        idle -= sum(1 for other in self._ready() if other is not part)
        others = [self._expected(other) for other in self.parts if other is not part]
        cut_off = self._cutter.cut(
            part,
            idle,
            page_size=self._page_size or RICH_ISSUES,
            wanted=self._max_rows - sum(one.rows for one in self.parts),
            largest=max(others, default=0.0),
        )
        if cut_off:
            self.parts = sorted([*self.parts, *cut_off], key=lambda one: one.position)
            self._keeper.planned([part.state, *(one.state for one in cut_off)])

    @property
    def _workers(self) -> int:
        """How many may read at once: no more than the pace of the endpoint keeps busy."""
        if math.isinf(self._latency_seconds):
            return self._crew.size  # no page was read yet
        pace = self._jira.pace(SEARCH_ISSUES)
        return min(self._crew.size, max(2, math.ceil(_PACE_ROOM * pace * self._latency_seconds)))


def _has_created(fields: Sequence[str]) -> bool:
    """Tell whether issues come with the moment of their creation, which slices need."""
    wide = not _EVERYTHING.isdisjoint(fields) and "-created" not in fields
    return wide or "created" in fields
