"""One list that pages by token, guarded against servers that go round in circles. It reads one page at a time."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from .pages import Page, not_jiras, objects_of, warnings_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from vantage_jira_plugin.client import JiraClient
    from vantage_jira_plugin.operations import Operation

__all__ = ["TokenChain"]

_Taken = TypeVar("_Taken")

#: Pages may be empty and still not the last; so many in a row are a fault of the server.
_MAX_EMPTY_PAGES = 10
#: So many pages in a row with nothing but what was read already.
_MAX_STALE_PAGES = 3
#: How many objects back one that comes again is known; new matches move pages by a few.
_KNOWN_IDS = 20_000


@dataclass(slots=True)
class TokenChain:
    """Where a list that pages by token goes on: `{<values>: [...], nextPageToken?, isLast}`.

    It stops at a token that comes back (prowler-cloud/prowler#12539), at one that is missing although more is
    announced, at many empty pages in a row, and at pages that bring nothing new. Each object comes once.

    Attributes:
        token: of the next page; None before the first.
    """

    operation: Operation
    values: str
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

    def next(self, jira: JiraClient, body: Mapping[str, Any], size: int, take: Callable[[Page], _Taken]) -> _Taken:
        """Read the next page, and return what is taken of it: of its new objects, and where the list goes on.

        Args:
            jira: the client of the action.
            body: the request, without what says which page is meant.
            size: how many objects at most.
            take: makes of a page what is kept of it, one page at a time.

        Raises:
            JiraUnavailableError: the answer is not of the list's shape.
        """
        self._seen.add(self.token)
        request = {**body, "maxResults": size}
        if self.token is not None:
            request["nextPageToken"] = self.token
        taken: _Taken = jira.call(self.operation, body=request, digest=lambda data: take(self._page(jira, data)))
        return taken

    def _page(self, jira: JiraClient, data: Mapping[str, Any]) -> Page:
        items = objects_of(self.operation, data, self.values)
        token = data.get("nextPageToken") or None
        if not isinstance(token, (str, type(None))):
            raise not_jiras(self.operation, "a page token that is no text")
        last = data.get("isLast") is True or (token is None and data.get("isLast") is not False)
        awaited = self._awaited.intersection(str(item.get("id")) for item in items)
        self._awaited -= awaited
        new = self._new(items)
        self._empty = 0 if items else self._empty + 1
        self._stale = self._stale + 1 if items and not new and not awaited else 0
        trouble = None if last else self._trouble(token)
        self.token = None if last or trouble == "page_token_repeated" else token
        return Page(new, last, self.token, trouble, warnings_of(jira, data), found=len(items))

    def _new(self, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the objects that were not read yet, and know them; one without an id is always new."""
        new = []
        for item in items:
            item_id = item.get("id")
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
