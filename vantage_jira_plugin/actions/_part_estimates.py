"""What it would cost to list the parts of issues, and users. It reads only what tells how many issues there are.

How many parts there are nobody says before they are read: what issues do not hold themselves is not counted.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.jql import confined
from vantage_jira_plugin.operations import COUNT_ISSUES, FETCH_CHANGELOGS, LIST_FIELDS, LIST_USERS
from vantage_jira_plugin.points import answer_points
from vantage_jira_plugin.reading.batches import MOST_ISSUES, first_batch
from vantage_jira_plugin.reading.changelogs import ISSUES_PER_CALL
from vantage_jira_plugin.reading.forecast import forecast
from vantage_jira_plugin.reading.issueparts import COMMENTS, WORKLOGS
from vantage_jira_plugin.reading.links import LINK_FIELDS
from vantage_jira_plugin.reading.span import changed_since
from vantage_jira_plugin.reading.users import USERS_PAGE_SIZE
from vantage_jira_plugin.rehearsal import Estimate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vantage_jira_plugin.client import JiraClient

__all__ = ["of_changelog", "of_comments", "of_links", "of_sprints", "of_users", "of_worklogs"]

#: A sprint field, whose id is not asked for a dry run.
_ONE_FIELD = ("customfield",)


def of_comments(jira: JiraClient, parameters: Mapping[str, Any]) -> Estimate:
    """Return the cost of the issues that were changed since, with the comments that they hold themselves."""
    jql = changed_since(parameters["jql"], parameters["since"])
    return _issues(jira, jql, (COMMENTS.field_id,), parameters["max_rows"])[1]


def of_worklogs(jira: JiraClient, parameters: Mapping[str, Any]) -> Estimate:
    """Return the cost of the issues, with the worklogs that they hold themselves."""
    return _issues(jira, parameters["jql"], (WORKLOGS.field_id,), parameters["max_rows"])[1]


def of_changelog(jira: JiraClient, parameters: Mapping[str, Any]) -> Estimate:
    """Return the cost of the keys of the issues, and of one page of changes for each thousand of them."""
    jql = changed_since(parameters["jql"], parameters["since"])
    found, cost = _issues(jira, jql, ("key",), parameters["max_rows"])
    calls = math.ceil(found / ISSUES_PER_CALL)
    fields = _fields(jira) if parameters["fields_"] else Estimate()
    return fields + cost + Estimate(calls, calls * answer_points(FETCH_CHANGELOGS, {}))


def of_links(jira: JiraClient, parameters: Mapping[str, Any]) -> Estimate:
    """Return the cost of the issues with their links."""
    return _issues(jira, parameters["jql"], LINK_FIELDS, parameters["max_rows"])[1]


def of_sprints(jira: JiraClient, parameters: Mapping[str, Any]) -> Estimate:
    """Return the cost of the issues with their sprints."""
    return _fields(jira) + forecast(jira, parameters["jql"], _ONE_FIELD, max_rows=MOST_ISSUES).estimate


def of_users(_jira: JiraClient, parameters: Mapping[str, Any]) -> Estimate:
    """Return the most that it may cost; Jira does not count users beforehand."""
    pages = math.ceil(parameters["max_rows"] / USERS_PAGE_SIZE) + 1  # one more shows that there are no others
    users = (pages - 1) * USERS_PAGE_SIZE
    return Estimate(pages, pages - 1 + answer_points(LIST_USERS, [None] * users))


def _issues(jira: JiraClient, jql: str, fields: Sequence[str], max_rows: int) -> tuple[int, Estimate]:
    """Return how many issues Jira counts now, and what it costs to read them all, which few rows may not need.

    Source: POST /rest/api/3/search/approximate-count
    """
    found: int = jira.call(COUNT_ISSUES, body={"jql": confined(jql, jira.settings.allowed_projects)})["count"]
    return found, forecast(jira, jql, fields, max_rows=max(found, first_batch(max_rows))).estimate


def _fields(jira: JiraClient) -> Estimate:
    """Return the cost of the site's list of fields, where it is not known."""
    return Estimate() if jira.has_catalogue else Estimate(1, answer_points(LIST_FIELDS, []))
