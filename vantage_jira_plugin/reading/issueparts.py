"""Comments and worklogs of many issues, all of them: an issue's own JSON holds but some. It makes no rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.errors import NotFoundError, SiteGoneError
from vantage_jira_plugin.operations import LIST_COMMENTS, LIST_WORKLOGS

from .crew import side_by_side

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from vantage_jira_plugin.client import JiraClient
    from vantage_jira_plugin.operations import Operation

__all__ = ["COMMENTS", "WORKLOGS", "Holder", "PartKind", "holder", "whole_parts"]


@dataclass(frozen=True, slots=True)
class PartKind:
    """A list that belongs to an issue.

    Attributes:
        field_id: the issue's field that holds the first of them: `{<values>: [...], "total"}`.
        values: what the list is called, there and in the operation's answer.
        operation: reads all of them, by `startAt`.
        page_size: how many to ask for; Jira silently lowers larger numbers than it gives.
    """

    field_id: str
    values: str
    operation: Operation
    page_size: int
    query: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


#: Source: OpenAPI file, GET issue/{issueIdOrKey}/comment, maxResults and orderBy.
COMMENTS = PartKind("comment", "comments", LIST_COMMENTS, 100, MappingProxyType({"orderBy": "created"}))
#: Source: OpenAPI file, GET issue/{issueIdOrKey}/worklog, maxResults. An issue's own field holds twenty at most.
WORKLOGS = PartKind("worklog", "worklogs", LIST_WORKLOGS, 5000)


@dataclass(frozen=True, slots=True)
class Holder:
    """An issue and its parts; None where it does not hold them all itself."""

    issue_id: str
    issue_key: str
    parts: list[dict[str, Any]] | None = field(repr=False)


def holder(issue: Mapping[str, Any], kind: PartKind) -> Holder:
    """Return the parts that an issue holds, where they are all that it has.

    Shape: `{"id", "key", "fields": {"comment": {"comments": [...], "total"}}}`. An issue that says nothing of them is
    asked for them.
    """
    fields = issue.get("fields")
    page = fields.get(kind.field_id) if isinstance(fields, dict) else None
    found = page.get(kind.values) if isinstance(page, dict) else None
    total = page.get("total") if isinstance(page, dict) else None
    whole = isinstance(found, list) and isinstance(total, int) and len(found) >= total
    parts = [part for part in found if isinstance(part, dict)] if whole and isinstance(found, list) else None
    return Holder(str(issue.get("id")), str(issue.get("key")), parts)


def whole_parts(
    jira: JiraClient, holders: Iterable[Holder], kind: PartKind
) -> Iterator[tuple[Holder, list[dict[str, Any]], str | None]]:
    """Yield each issue with all its parts, and why some are missing (None where none are), in the order given.

    Those that do not hold them are asked side by side.

    Raises:
        PluginError: a list could not be read; one of an issue that is gone by now is told as missing.
    """
    issues = list(holders)
    lacking = [issue for issue in issues if issue.parts is None]
    lists = side_by_side(jira, lambda issue: _read(jira, issue, kind), lacking)
    for issue in issues:
        yield (issue, issue.parts, None) if issue.parts is not None else (issue, *next(lists))


def _read(jira: JiraClient, issue: Holder, kind: PartKind) -> tuple[list[dict[str, Any]], str | None]:
    """Read all parts of one issue, each once, and why they are not all.

    Shape of a page: `{"startAt", "maxResults", "total", <values>: [...]}`. What is deleted meanwhile moves the rest
    forward, past where the next page would begin: that much is read again.
    """
    found: dict[str, dict[str, Any]] = {}
    start = before = 0
    while True:
        reason = jira.why_stop()
        if reason is not None:
            return list(found.values()), reason
        query = {**kind.query, "startAt": start, "maxResults": kind.page_size}
        try:
            with jira.rows_reserved(0):
                data = jira.call(kind.operation, {"issueIdOrKey": issue.issue_id}, query=query)
        except SiteGoneError:
            raise
        except NotFoundError:  # deleted, or hidden, since it was found
            return list(found.values()), "issue_not_found"
        page = data[kind.values]
        found |= {str(part.get("id")): part for part in page if isinstance(part, dict)}
        total = data.get("total")
        if not isinstance(total, int):
            total = None
        elif total < before:
            start, before = max(0, start - (before - total)), total
            continue
        start, before = start + len(page), total or 0
        if total is not None and start >= total:
            return list(found.values()), None if len(found) >= total else "page_repeated"
        if not page:
            return list(found.values()), None if total is None else "empty_pages"
