"""What reads would cost: a function for each action that does not write. It reads only what tells how much there is.

A dry run of a write needs none: it goes as far as its write. Points are those of `points`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.fields.system import ALWAYS_COLUMNS, EXCLUDE, WILDCARDS, needs_catalogue
from vantage_jira_plugin.jql import confined
from vantage_jira_plugin.operations import COUNT_ISSUES, GET_ISSUE, LIST_FIELDS, SEARCH_PROJECTS
from vantage_jira_plugin.points import answer_points
from vantage_jira_plugin.reading.pages import MAX_PAGE_SIZE, PROJECTS_PAGE_SIZE
from vantage_jira_plugin.rehearsal import Estimate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vantage_jira_plugin.client import JiraClient

__all__ = ["of_issue", "of_projects", "of_search", "of_sites"]

#: Issues on a page of a search where fields are named, and where some of them are rich. Jira only says that
#: pages may be shorter than 5,000 where more than keys is asked for; these numbers are those of its bulk fetch.
#: Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/, "Bulk fetch issues".
_LEAN_PAGE = 1000
_RICH_PAGE = 100
#: Most fields of a lean page, and fields that make it rich. Source: as above.
_LEAN_FIELDS = 100
_RICH_FIELDS = frozenset({"comment", "worklog", "attachment"})


def of_sites(_jira: JiraClient, _parameters: Mapping[str, Any]) -> Estimate:
    """Return one request to Atlassian's login, which costs no points of Jira's."""
    return Estimate(requests=1)


def of_issue(jira: JiraClient, parameters: Mapping[str, Any]) -> Estimate:
    """Return the cost of one issue; whether it exists is not asked."""
    return _fields(jira, parameters["fields_"]) + Estimate(1, answer_points(GET_ISSUE, {}))


def of_search(jira: JiraClient, parameters: Mapping[str, Any]) -> Estimate:
    """Return the cost of as many issues as Jira counts now, at most those wanted.

    Behind a page token there are fewer; how many, nobody says.

    Source: POST /rest/api/3/search/approximate-count
    """
    fields: Sequence[str] = parameters["fields_"]
    jql = confined(parameters["jql"], jira.settings.allowed_projects)
    found: int = jira.call(COUNT_ISSUES, body={"jql": jql})["count"]
    return _fields(jira, fields) + _listed(min(found, parameters["max_rows"]), _search_page(fields))


def of_projects(jira: JiraClient, parameters: Mapping[str, Any]) -> Estimate:
    """Return the cost of as many projects as there are behind the token, at most those wanted.

    Source: GET /rest/api/3/project/search
    """
    data = jira.call(SEARCH_PROJECTS, query={"query": parameters["query"], "maxResults": 1})
    total = data.get("total")
    behind = total - int(parameters["next_page_token"] or 0) if isinstance(total, int) else parameters["max_rows"]
    return _listed(min(max(behind, 0), parameters["max_rows"]), PROJECTS_PAGE_SIZE)


def _fields(jira: JiraClient, fields: Sequence[str]) -> Estimate:
    """Return the cost of the site's list of fields, where these need it and it is not known."""
    if not needs_catalogue(fields) or jira.has_catalogue:
        return Estimate()
    return Estimate(1, answer_points(LIST_FIELDS, []))


def _listed(rows: int, page_size: int) -> Estimate:
    """Return the cost of a list of core objects: one point each, and one for each page, the first always."""
    pages = max(1, math.ceil(rows / page_size))
    return Estimate(pages, pages + rows)


def _search_page(fields: Sequence[str]) -> int:
    """Return how many issues Jira puts on a page where these fields are asked for."""
    if set(fields) <= set(ALWAYS_COLUMNS):
        return MAX_PAGE_SIZE
    wide = any(field in WILDCARDS for field in fields) or all(field.startswith(EXCLUDE) for field in fields)
    rich = wide or len(fields) > _LEAN_FIELDS or any(field.casefold() in _RICH_FIELDS for field in fields)
    return _RICH_PAGE if rich else _LEAN_PAGE
