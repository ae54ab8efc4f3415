"""How many issues come in one answer, by the fields that are asked for. Pure; how a search is read is in `plan`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vantage_jira_plugin.fields.system import EXCLUDE, WILDCARDS

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "LEAN_ISSUES",
    "MAX_PAGE_SIZE",
    "RICH_ISSUES",
    "bulk_limit",
    "bulk_size",
    "likely_page",
    "only_keys",
    "page_cap",
]

#: Most issues on a page of search/jql, where only ids or keys are asked for; else Jira sends fewer.
#: Source: OpenAPI file, POST search/jql, maxResults.
MAX_PAGE_SIZE = 5000
#: Issues in one bulk fetch where fields are named, and where some of them are rich.
#: Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/, "Bulk fetch issues".
LEAN_ISSUES = 1000
RICH_ISSUES = 100
#: Most fields of a lean answer, and fields that make it rich. Source: as above.
_LEAN_FIELDS = 100
_RICH_FIELDS = frozenset({"comment", "worklog", "attachment"})
#: Pages of few fields are light, and of any with these heavy: so many issues are asked for. Chosen here.
_LIGHT_FIELDS = 10
_LIGHT_PAGE = 1000
_HEAVY_FIELDS = frozenset({"*all", "*navigable", "comment", "description", "environment", "worklog"})
_HEAVY_PAGE = 200
#: What Jira calls the fields that every answer has.
_KEYS = frozenset({"id", "key"})


def bulk_limit(fields: Sequence[str]) -> int:
    """Return how many issues Jira takes in one bulk fetch of these fields, as they are sent."""
    wide = any(field in WILDCARDS for field in fields) or all(field.startswith(EXCLUDE) for field in fields)
    return RICH_ISSUES if wide or len(fields) > _LEAN_FIELDS or not _RICH_FIELDS.isdisjoint(fields) else LEAN_ISSUES


def page_cap(fields: Sequence[str]) -> int:
    """Return how many issues a page is asked for at most, so that those in flight need little memory.

    A thousand issues with descriptions are some five megabytes of JSON, and ten times that as data.
    """
    if only_keys(fields):
        return MAX_PAGE_SIZE
    return _LIGHT_PAGE if len(fields) <= _LIGHT_FIELDS and _HEAVY_FIELDS.isdisjoint(fields) else _HEAVY_PAGE


def only_keys(fields: Sequence[str]) -> bool:
    """Tell whether nothing but ids and keys is asked for."""
    return set(fields) <= _KEYS


def bulk_size(fields: Sequence[str]) -> int:
    """Return how many issues are fetched at once: as many as Jira takes, and no more than are asked for on a page."""
    return min(page_cap(fields), bulk_limit(fields))


def likely_page(fields: Sequence[str]) -> int:
    """Return how many issues Jira is likely to put on a page of a search, before one was seen.

    It only says that pages may be shorter than 5,000 where more than keys is asked for; these are the numbers of its
    bulk fetch.
    """
    return MAX_PAGE_SIZE if only_keys(fields) else bulk_size(fields)
