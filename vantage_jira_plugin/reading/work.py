"""One pull at work: what is begun next, and what follows from each result. How a page is read is not known here."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from vantage_jira_plugin.errors import PluginError, RateLimitedError
from vantage_jira_plugin.operations import SEARCH_ISSUES

from .agenda import Agenda
from .crew import Crew, Errands
from .cutting import Cutter
from .garbage import rare_collections
from .parts import Bundle, Listing, Part, SlicePart, restored_part, root_part
from .plan import plan
from .questions import Questions
from .reader import Reader
from .sizes import MAX_PAGE_SIZE, only_keys
from .survey import Survey, asks_early

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from vantage_jira_plugin.client import JiraClient

    from .continuation import Continuation
    from .keeper import Keeper, PartState
    from .plan import Way
    from .query import Query
    from .slices import Slice

__all__ = ["Work"]

_Made = TypeVar("_Made")

#: A page that leaves no more than so many like it is followed by the next, and nothing is counted.
_FEW_PAGES = 2
#: One thread more for so many requests in flight: an answer is digested in a small part of the time it takes to come.
_SPARE_SHARE = 4
_MINUTE_SECONDS = 60


class Work(Generic[_Made]):
    """One pull: begins what its agenda, its cutter and its survey say, in threads, and tells them what came of it.

    Attributes:
        agenda: the parts, and where the next call goes on.
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
        self._jira = jira
        self._query = query
        self._keeper = keeper
        self._reader = Reader(jira, query, make, keeper)
        self._questions = Questions(jira, query)
        self._crew = Crew(jira, spare=jira.settings.max_in_flight // _SPARE_SHARE)
        self._errands = Errands(self._crew)
        self._survey = Survey(query.fields, jira.settings.max_in_flight)
        self._cutter = Cutter(self._crew.size)
        self.agenda = Agenda(self._cutter, max_rows=max_rows, workers=self._crew.size)
        self._early = asks_early(query, max_rows)
        #: How the rest is read; None before that is decided.
        self._way: Way | None = "chain" if only_keys(query.fields) else None
        self._reason: str | None = None

    def run(self, begin: Continuation) -> str | None:
        """Read everything; return why it is not all, or None.

        Raises:
            PluginError: a read failed; nothing more is begun.
        """
        with rare_collections(), self._crew.working():
            restored = self._keeper.restored()
            if restored:
                self._begin_again(restored)
            else:
                self._begin(begin)
            while True:
                if self._survey.page_size and self._reason is None:
                    self._reason = self._jira.why_stop()
                if self._reason is None:
                    self._fill()
                if not self._errands:
                    return self._outcome()
                self._go_on()

    def _go_on(self) -> None:
        """Go on with a result; where time or the limits have ended a read, what was read before is kept.

        Raises:
            PluginError: the read failed otherwise, or nothing was read before.
        """
        try:
            go_on = self._errands.next()
        except PluginError as error:
            limited = isinstance(error, RateLimitedError)
            if not self.agenda.rows or not (limited or self._jira.why_stop() == "timeout"):
                raise
            self._reason = self._reason or (error.code if limited else "timeout")
            if limited:
                self._jira.warnings.append(error.message)
            return
        go_on()

    # ---- beginning and end --------------------------------------------------------------------

    def _begin(self, begin: Continuation) -> None:
        if begin.token is not None:
            self._way = "chain"  # nothing is known of where it leads
        root = root_part(self._query, begin)
        self.agenda.add([root])
        self._keeper.planned([root.state])
        if self._way is None and self._early:
            self._ask(root)

    def _begin_again(self, states: Sequence[PartState]) -> None:
        """Go on where an earlier run was ended; a list of ids is not made, for it would not know what is read."""
        self.agenda.add(map(restored_part, states))
        self._survey.ask_nothing()
        rests = self.agenda.rests
        if self._way is None and rests:
            self._errands.begin(partial(self._questions.end, newest=False), partial(self._was_told_oldest, rests))

    def _was_told_oldest(self, rests: Sequence[Slice], end: tuple[int | None, str]) -> None:
        oldest, _ = end
        if oldest is not None:
            self._cutter.begin_again(oldest, int(self._jira.now // _MINUTE_SECONDS), rests)

    def _outcome(self) -> str | None:
        """Return why the rows are not all, or None where they are."""
        doubt = self._survey.doubt(self.agenda.rows) if self.agenda.whole else None
        if doubt is not None:
            self._jira.warnings.append(doubt)
        return self.agenda.incomplete_reason(self._reason)

    # ---- what is done next --------------------------------------------------------------------

    def _fill(self) -> None:
        """Give every idle thread something to do."""
        while len(self._errands) < self._crew.size:
            left = self._jira.account.left
            if left is not None and left <= 1 and self._errands:
                return  # what is under way has set the rest aside
            part = next(self.agenda.ready(), None)
            count = self._cutter.next_count(idle=part is None)
            if count is not None:
                self._errands.begin(partial(self._questions.count, count), partial(self._was_counted, count))
            elif part is not None:
                self._read(part)
            else:
                return

    def _read(self, part: Part) -> None:
        self.agenda.begin(part)
        if isinstance(part, Bundle):
            self._errands.begin(partial(self._reader.bundle, part), partial(self._was_filled, part))
        elif isinstance(part, Listing):
            size = int(min(MAX_PAGE_SIZE, self.agenda.unlisted))
            self._errands.begin(
                partial(self._reader.ids, part, size, self._survey.bundle_size), partial(self._was_listed, part)
            )
        elif isinstance(part, SlicePart):
            size = self._survey.page(self.agenda.wanted, cut=len(self.agenda.parts) > 1)
            self._errands.begin(partial(self._reader.page, part, size), partial(self._was_read, part))

    # ---- what has been done -------------------------------------------------------------------

    def _was_read(self, part: SlicePart, _: None) -> None:
        self.agenda.end(part)
        self._survey.saw(part)
        self._cutter.read(part)
        self._tell()
        self._reason = self._reason or part.trouble
        if part.done or self._reason is not None or self._way == "chain":
            return
        if self._way is None and self.agenda.wanted > _FEW_PAGES * part.found:
            self._reason = self._jira.why_stop()
            if self._reason is not None:
                return
            self._ask(part)
            self._decide()
        self._cut(part)

    def _was_listed(self, listing: Listing, bundles: Sequence[Bundle]) -> None:
        self.agenda.end(listing)
        self._reason = self._reason or listing.trouble
        self.agenda.listed(bundles)

    def _was_filled(self, bundle: Bundle, _: None) -> None:
        self.agenda.end(bundle)
        self._reason = self._reason or bundle.trouble
        self._tell()

    def _was_told_count(self, count: int) -> None:
        self._survey.counted = count
        self._tell()
        self._decide()

    def _was_told_end(self, end: tuple[int | None, str]) -> None:
        self._survey.told_end(end)
        self._decide()

    def _was_counted(self, part: Slice, count: int) -> None:
        self._cutter.counted(part, count)
        self._cut_root()

    def _was_sampled(self, found: Sequence[tuple[int, int]]) -> None:
        self._cutter.sampled(found)
        self._cut_root()

    def _tell(self) -> None:
        self._jira.progress(self.agenda.rows, self.agenda.total(self._survey.counted), "rows read")

    # ---- how the rest is read -----------------------------------------------------------------

    def _ask(self, root: SlicePart) -> None:
        """Ask what the plan depends on, once."""
        unasked = self._survey.unasked(root)
        if "count" in unasked:
            self._errands.begin(partial(self._questions.count, root.part), self._was_told_count)
        if "end" in unasked:
            self._errands.begin(partial(self._questions.end, newest=not root.newest_first), self._was_told_end)

    def _decide(self) -> None:
        """Choose how the rest is read once everything is known that it depends on."""
        root = self.agenda.root
        if root is None or self._way is not None or not self._survey.knows(root):
            return
        situation = self._survey.situation(
            root,
            self.agenda.wanted,
            pace=self._jira.pace(SEARCH_ISSUES),
            hourly_points=self._jira.hourly_points,
            points_left=self._jira.account.left,
        )
        way = plan(situation).way
        if way == "ids" and self.agenda.is_read(root):
            return  # once its page has come
        self._way = way
        if way == "ids":
            self._survey.even_bundles(root.rows)
            listing = self.agenda.list_ids(root)
            self._keeper.planned([root.state, listing.state])
        elif way == "slices":
            self._begin_counts(root)

    def _begin_counts(self, root: SlicePart) -> None:
        if root.last is None or self._survey.far_minute is None:
            return
        # Ids lead into every project.
        ids = None if self._jira.settings.allowed_projects is not None else self._survey.ids(root.chain.known)
        left = self._survey.left(root.rows)
        self._cutter.begin(self._survey.far_minute, root.last, left, page_size=self._survey.page_size, ids=ids)
        if self._cutter.sample:
            self._errands.begin(partial(self._questions.created, self._cutter.sample), self._was_sampled)

    def _cut_root(self) -> None:
        """Cut what has waited for that."""
        root = self.agenda.root
        if root is not None and self._reason is None:
            self._cut(root)

    def _cut(self, part: SlicePart) -> None:
        workers = self._survey.workers(self._crew.size, self._jira.pace(SEARCH_ISSUES))
        cut_off = self.agenda.cut(part, workers, self._survey.page_size)
        if cut_off:
            self._keeper.planned([part.state, *(one.state for one in cut_off)])
