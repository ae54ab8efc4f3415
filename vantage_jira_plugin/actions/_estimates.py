"""What reads would cost: a function for each action that does not write. It reads only what tells how much there is.

A dry run of a write needs none: it goes as far as its write. Points are those of `points`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.analysis.reading import HISTORY_FIELDS
from vantage_jira_plugin.fields.system import needs_catalogue
from vantage_jira_plugin.operations import (
    FETCH_CHANGELOGS,
    GET_ISSUE,
    LIST_FIELDS,
    LIST_STATUSES,
    MYSELF,
    SEARCH_PROJECTS,
)
from vantage_jira_plugin.points import answer_points
from vantage_jira_plugin.reading.changelogs import ISSUES_PER_CALL
from vantage_jira_plugin.reading.forecast import forecast
from vantage_jira_plugin.reading.pages import PROJECTS_PAGE_SIZE
from vantage_jira_plugin.reading.rows import issue_table
from vantage_jira_plugin.rehearsal import Estimate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vantage_jira_plugin.client import JiraClient

__all__ = ["of_histories", "of_issue", "of_projects", "of_search", "of_sites", "of_sprints", "of_trends"]


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
    seen = forecast(
        jira,
        parameters["jql"],
        _asked(jira, fields),
        max_rows=parameters["max_rows"],
        next_page_token=parameters.get("next_page_token"),
    )
    return _fields(jira, fields) + seen.estimate


def of_histories(jira: JiraClient, parameters: Mapping[str, Any]) -> Estimate:
    """Return the cost of the histories of as many issues as Jira counts now, at most those wanted.

    Besides there is the site's list of statuses, and, where days count and no time zone is given, the account. Whether
    issues that never moved are there still is not in it (see `reading.presence`): a point for each thousand, and for
    each that was updated without any change, of which nobody knows before how many there are.

    Source: POST /rest/api/3/search/approximate-count
    """
    cost = Estimate(1, answer_points(LIST_STATUSES, []))
    if "time_zone" in parameters and parameters["time_zone"] is None and parameters.get("layout") != "sprints":
        cost += Estimate(1, answer_points(MYSELF, {}))
    for jql in (parameters["jql"], parameters.get("past_jql")):
        if jql is not None:
            seen = forecast(jira, jql, HISTORY_FIELDS, max_rows=parameters["max_issues"])
            changelogs = math.ceil(seen.issues / ISSUES_PER_CALL)
            cost += seen.estimate + Estimate(changelogs, changelogs * answer_points(FETCH_CHANGELOGS, {}))
    return cost


def of_sprints(jira: JiraClient, parameters: Mapping[str, Any]) -> Estimate:
    """Return the cost of histories, and of the list of fields that says where sprints and planned dates are.

    Source: POST /rest/api/3/search/approximate-count
    """
    fields = Estimate() if jira.has_catalogue else Estimate(1, answer_points(LIST_FIELDS, []))
    return fields + of_histories(jira, parameters)


def of_trends(jira: JiraClient, parameters: Mapping[str, Any]) -> Estimate:
    """Return the cost of histories where changelogs say what is resolved, else of issues alone.

    Source: POST /rest/api/3/search/approximate-count
    """
    if parameters["resolved_by"] == "statusCategory":
        return of_histories(jira, parameters)
    zone = Estimate() if parameters["time_zone"] else Estimate(1, answer_points(MYSELF, {}))
    return zone + forecast(jira, parameters["jql"], HISTORY_FIELDS, max_rows=parameters["max_issues"]).estimate


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


def _asked(jira: JiraClient, fields: Sequence[str]) -> tuple[str, ...]:
    """Return what Jira would be asked for, as far as that is known without asking."""
    if not needs_catalogue(fields):
        return issue_table(fields, None).request_fields
    if jira.has_catalogue:
        return issue_table(fields, jira.catalogue()).request_fields
    return tuple(field.casefold() for field in fields)
