"""How one page of a part is read into a keeper. Which part is next, and of how many issues a page is, is in `work`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from vantage_jira_plugin.errors import JiraInvalidError
from vantage_jira_plugin.operations import BULK_FETCH_ISSUES, SEARCH_ISSUES

from .chain import TokenChain
from .foreign import confined_issue
from .pages import list_of
from .parts import Bundle
from .slices import created_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from vantage_jira_plugin.client import JiraClient

    from .keeper import Keeper
    from .parts import Listing, SlicePart
    from .query import Query

__all__ = ["Reader"]

_Made = TypeVar("_Made")

#: In Jira's answer to a token that is older than seven days, or no token of its own.
#: Source: recorded answer, "The provided next page token is invalid or expired."
_BAD_TOKEN = "page token"
#: What came too large in one piece is asked for again in so many.
_SMALLER = 10
#: What is asked for where only the list of ids is wanted.
_ID_ONLY = ["id"]


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
        with self._jira.rows_reserved(size) as rows:
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
        pieces, down to single issues. The rows end before the first that is not answered even alone; the rest is left
        to be read another time, and not asked for now: it may be that Jira answers nothing.
        """
        made, unanswered = self._fetched(bundle.ids)
        size = largest = max(1, len(bundle.ids) // _SMALLER)
        while unanswered:
            asked, later = unanswered[:size], unanswered[size:]
            more, still = self._fetched(asked)
            made |= more
            unanswered = still + later
            if still == asked and len(asked) == 1:
                break
            size = max(1, size // _SMALLER) if still else min(largest, size * _SMALLER)
        gap = bundle.ids.index(unanswered[0]) if unanswered else len(bundle.ids)
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
