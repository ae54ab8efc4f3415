"""Pages of Jira's lists, and how many of their rows are taken. It knows paging, not what the rows are.

Lists that page by token are read in `chain`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.errors import JiraUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from vantage_jira_plugin.client import JiraClient
    from vantage_jira_plugin.operations import Operation

__all__ = [
    "PROJECTS_PAGE_SIZE",
    "Page",
    "Taken",
    "list_of",
    "not_jiras",
    "objects_of",
    "offset_pages",
    "take",
    "warnings_of",
]

#: Most projects on a page; Jira silently lowers larger numbers. Source: OpenAPI file, GET project/search.
PROJECTS_PAGE_SIZE = 100
#: So many pages in a row with nothing but what was read already.
_MAX_STALE_PAGES = 3


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its objects, or what is kept of them, and where the next one is.

    Attributes:
        last: whether the list ends here.
        next_page_token: of lists that have one.
        warned: whether Jira says that its answer may lack something.
        found: how many objects it had, those included that were read before.
        trouble: why no further page can be had although this is not the last, or None.
    """

    items: list[Any] = field(repr=False)
    last: bool
    next_page_token: str | None = None
    trouble: str | None = None
    warned: bool = False
    found: int = 0


@dataclass(frozen=True, slots=True)
class Taken:
    """The objects taken, and why they are not all (None where they are)."""

    items: list[dict[str, Any]] = field(repr=False)
    incomplete_reason: str | None
    next_page_token: str | None


def offset_pages(
    jira: JiraClient,
    operation: Operation,
    *,
    query: Mapping[str, Any],
    values: str,
    page_size: int,
    next_page_token: str | None = None,
    max_rows: int | None = None,
) -> Iterator[Page]:
    """Read a list that pages by `startAt`: `{startAt, maxResults, total, isLast, <values>: [...]}`.

    Jira may send shorter pages than asked for; the next one starts behind what came. To the caller the
    offset is a token like any other. Never asks for more than is wanted.
    """
    start = int(next_page_token or 0)
    wanted = max_rows
    while True:
        size = jira.rows_afforded(page_size if wanted is None else min(wanted, page_size))
        data = jira.call(operation, query={**query, "startAt": start, "maxResults": size})
        items = objects_of(operation, data, values)
        start += len(items)
        wanted = None if wanted is None else wanted - len(items)
        total = data.get("total")
        last = data.get("isLast") is True or (isinstance(total, int) and start >= total)
        if not items and not last:
            promised = isinstance(total, int) or data.get("isLast") is False
            yield Page(items, not promised, trouble="empty_pages" if promised else None)
            return
        yield Page(items, last, None if last else str(start))
        if last or (wanted is not None and wanted <= 0):
            return


def take(
    jira: JiraClient,
    pages: Iterable[Page],
    *,
    max_rows: int,
    keep: Callable[[dict[str, Any]], bool] = lambda _: True,
) -> Taken:
    """Take objects until there are enough, the list ends, or time or points are spent; each id once.

    An issue may come twice when new matches move the pages; pages that bring nothing new end the
    reading, as does a server that ignores where it was asked to go on.
    """
    items: list[dict[str, Any]] = []
    ids: set[str] = set()
    reason: str | None = None
    token: str | None = None
    page: Page | None = None
    stale = 0
    warned = False
    for page in pages:
        new = [item for item in page.items if _is_new(item, ids)]
        fresh = [item for item in new if keep(item)]
        room = max_rows - len(items)
        items += fresh[:room]
        jira.progress(len(items), None, "rows read")
        # A token that leads past objects which were not taken would lose them.
        token = page.next_page_token if len(fresh) <= room else None
        warned = warned or page.warned
        stale = stale + 1 if page.items and not new else 0
        if page.trouble is not None:
            reason = page.trouble
            break
        if not page.last and stale >= _MAX_STALE_PAGES:
            reason = "page_repeated"
            break
        if len(fresh) > room or (len(items) >= max_rows and not page.last):
            reason = "maxRows"
            break
        if not page.last and (reason := jira.why_stop()) is not None:
            break
    else:
        # As many as wanted were read, and some of them came twice or were not to be kept.
        reason = None if page is None or page.last else "maxRows"
    if reason is None and warned:
        reason = "jira_warning"
    return Taken(items, reason, token if reason is not None else None)


def warnings_of(jira: JiraClient, data: Mapping[str, Any]) -> bool:
    """Hand Jira's own warnings on; each may mean that issues are missing.

    Shape: `{"warnings": [{"type", "message", "details"}]}`. Source: OpenAPI file, SearchAndReconcileResults.
    """
    warnings = data.get("warnings")
    if not isinstance(warnings, list) or not warnings:
        return False
    jira.warnings += [
        str(warning.get("message")) if isinstance(warning, dict) else str(warning) for warning in warnings
    ]
    return True


def _is_new(item: Mapping[str, Any], ids: set[str]) -> bool:
    """Tell whether an object was not seen yet, and note it; one without an id is always new."""
    item_id = item.get("id")
    if item_id is None:
        return True
    known = str(item_id) in ids
    ids.add(str(item_id))
    return not known


def objects_of(operation: Operation, data: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the objects of a list.

    Raises:
        JiraUnavailableError: the answer has no such list; that is not the same as an empty one.
    """
    return [value for value in list_of(operation, data, name) if isinstance(value, dict)]


def list_of(operation: Operation, data: Mapping[str, Any], name: str) -> list[Any]:
    """Return a list with whatever stands in it; raises as `objects_of`."""
    values = data.get(name)
    if not isinstance(values, list):
        raise not_jiras(operation, f"no list of {name}")
    return values


def not_jiras(operation: Operation, what: str) -> JiraUnavailableError:
    """Return the failure of a read that was answered with something that Jira does not answer."""
    return JiraUnavailableError(
        f"could not {operation.does}: Jira answered with {what}",
        status=HTTPStatus.OK.value,
        method=operation.method,
        path=operation.template,
        hint="Something between here and Jira may answer in its place; try again later.",
    )
