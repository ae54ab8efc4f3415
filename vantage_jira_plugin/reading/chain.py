"""One list that pages by token, guarded against servers that go round in circles. It reads one page at a time."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from .pages import Page, list_of, not_jiras, warnings_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from vantage_jira_plugin.client import JiraClient
    from vantage_jira_plugin.operations import Operation

__all__ = ["TokenChain"]

#: Pages may be empty and still not the last; so many in a row are a fault of the server.
_MAX_EMPTY_PAGES = 10
#: So many pages in a row with nothing but what was read already.
_MAX_STALE_PAGES = 3
#: How many objects back one that comes again is known: more than the largest page; new matches move pages by a few.
_KNOWN_IDS = 6_000


@dataclass(slots=True)
class TokenChain:
    """Where a list that pages by token goes on: `{<members>: [...], nextPageToken?, isLast}`.

    It stops at a token that comes back (prowler-cloud/prowler#12539), at one that is missing although more is
    announced, at many empty pages in a row, and at pages that bring nothing new. Each object comes once.

    Attributes:
        token: of the next page; None before the first.
    """

    operation: Operation
    token: str | None = None
    _seen: set[str | None] = field(default_factory=set)
    _ids: OrderedDict[str, None] = field(default_factory=OrderedDict)
    #: What was read before this list began, and has not come again yet.
    _awaited: set[str] = field(default_factory=set)
    _empty: int = 0
    _stale: int = 0

    @property
    def known(self) -> list[str]:
        """Ids of the objects that are known to be read."""
        return list(self._ids)

    def know(self, ids: Iterable[str]) -> None:
        """Take objects for read already."""
        for known in ids:
            self._ids[known] = None
            self._awaited.add(known)
        self._forget()

    def _forget(self) -> None:
        while len(self._ids) > _KNOWN_IDS:
            self._ids.popitem(last=False)

    def next(
        self,
        jira: JiraClient,
        body: Mapping[str, Any],
        size: int,
        keep: Callable[[dict[str, Any]], Any] = lambda item: item,
    ) -> Page:
        """Read the next page: what is kept of its new objects, and where the list goes on.

        Args:
            jira: the client of the action.
            body: the request, without what says which page is meant.
            size: how many objects at most.
            keep: makes of an object what the page holds in its place.

        Raises:
            JiraUnavailableError: the answer is not of the list's shape.
        """
        self._seen.add(self.token)
        request = {**body, "maxResults": size}
        if self.token is not None:
            request["nextPageToken"] = self.token
        # Nothing is noted of an object before all of the answer has been read: what is asked for again is new again.
        return self._page(jira, jira.call(self.operation, body=request, keep=partial(_with_id, keep)))

    def _page(self, jira: JiraClient, data: Mapping[str, Any]) -> Page:
        listed = list_of(self.operation, data, self.operation.members or "")
        items: list[tuple[object, Any]] = [item for item in listed if item is not None]
        token = data.get("nextPageToken") or None
        if not isinstance(token, (str, type(None))):
            raise not_jiras(self.operation, "a page token that is no text")
        last = data.get("isLast") is True or (token is None and data.get("isLast") is not False)
        awaited = self._awaited.intersection(str(item_id) for item_id, _ in items)
        self._awaited -= awaited
        new = self._new(items)
        self._empty = 0 if items else self._empty + 1
        self._stale = self._stale + 1 if items and not new and not awaited else 0
        trouble = None if last else self._trouble(token)
        self.token = None if last or trouble == "page_token_repeated" else token
        return Page(new, last, self.token, trouble, warnings_of(jira, data), found=len(items))

    def _new(self, items: Iterable[tuple[object, Any]]) -> list[Any]:
        """Return what is kept of objects that were not read yet, and know them; one without an id is always new."""
        new = []
        for item_id, item in items:
            if item_id is None or str(item_id) not in self._ids:
                new.append(item)
            if item_id is not None:
                self._ids[str(item_id)] = None
        self._forget()
        return new

    def _trouble(self, token: str | None) -> str | None:
        """Say why no further page can be had although this was not the last, or None."""
        if token is None:
            return "page_token_missing"
        if token in self._seen:
            return "page_token_repeated"
        if self._empty >= _MAX_EMPTY_PAGES:
            return "empty_pages"
        return "page_repeated" if self._stale >= _MAX_STALE_PAGES else None


def _with_id(keep: Callable[[dict[str, Any]], Any], item: object) -> tuple[object, Any] | None:
    """Return the id of an object and what is kept of it; None for what is no object."""
    return (item.get("id"), keep(item)) if isinstance(item, dict) else None
