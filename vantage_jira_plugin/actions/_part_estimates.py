"""What it would cost to list the parts of issues, and users. It reads only what tells how many issues there are.

How many parts there are nobody says before they are read. So what all issues take is the most, where the first of them
may suffice; what issues do not hold themselves is in no estimate.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.operations import FETCH_CHANGELOGS, LIST_FIELDS, LIST_USERS
from vantage_jira_plugin.points import answer_points
from vantage_jira_plugin.reading.batches import MOST_ISSUES, batch_sizes
from vantage_jira_plugin.reading.changelogs import ISSUES_PER_CALL
from vantage_jira_plugin.reading.forecast import forecast, forecast_batches
from vantage_jira_plugin.reading.issueparts import COMMENTS, WORKLOGS
from vantage_jira_plugin.reading.links import LINK_FIELDS
from vantage_jira_plugin.reading.presence import TIME_FIELDS
from vantage_jira_plugin.reading.span import changed_since
from vantage_jira_plugin.reading.users import USERS_PAGE_SIZE
from vantage_jira_plugin.rehearsal import Estimate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from vantage_jira_plugin.client import JiraClient

__all__ = ["of_changelog", "of_comments", "of_links", "of_sprints", "of_users", "of_worklogs"]

#: A sprint field, whose id is not asked for a dry run.
_ONE_FIELD = ("customfield",)


def of_comments(jira: JiraClient, parameters: Mapping[str, Any]) -> Estimate:
    """Return the cost of the issues that were changed since, with the comments that they hold themselves."""
    jql = changed_since(parameters["jql"], parameters["since"])
    return _until_enough(jira, jql, (COMMENTS.field_id,), parameters["max_rows"])


def of_worklogs(jira: JiraClient, parameters: Mapping[str, Any]) -> Estimate:
    """Return the cost of the issues, with the worklogs that they hold themselves."""
    return _until_enough(jira, parameters["jql"], (WORKLOGS.field_id,), parameters["max_rows"])


def of_changelog(jira: JiraClient, parameters: Mapping[str, Any]) -> Estimate:
    """Return the cost of the times of the issues, and of one page of changes for each thousand of them.

    What it takes to see whether issues without changes are there still is not in it (see `reading.presence`).
    """
    jql = changed_since(parameters["jql"], parameters["since"])
    fields = _fields(jira) if parameters["fields_"] else Estimate()
    return fields + _until_enough(jira, jql, TIME_FIELDS, parameters["max_rows"], besides=_changelogs)


def of_links(jira: JiraClient, parameters: Mapping[str, Any]) -> Estimate:
    """Return the cost of the issues with their links."""
    return _until_enough(jira, parameters["jql"], LINK_FIELDS, parameters["max_rows"])


def of_sprints(jira: JiraClient, parameters: Mapping[str, Any]) -> Estimate:
    """Return the cost of the issues with their sprints."""
    return _fields(jira) + forecast(jira, parameters["jql"], _ONE_FIELD, max_rows=MOST_ISSUES).estimate


def of_users(_jira: JiraClient, parameters: Mapping[str, Any]) -> Estimate:
    """Return the most that it may cost; Jira does not count users beforehand."""
    pages = math.ceil(parameters["max_rows"] / USERS_PAGE_SIZE) + 1  # one more shows that there are no others
    users = (pages - 1) * USERS_PAGE_SIZE
    least = Estimate(1, answer_points(LIST_USERS, []))
    most = Estimate(pages, pages - 1 + answer_points(LIST_USERS, [None] * users))
    return least + Estimate(most.requests - least.requests, most.points - least.points).if_needed


def _until_enough(
    jira: JiraClient,
    jql: str,
    fields: Sequence[str],
    max_rows: int,
    *,
    besides: Callable[[int], Estimate] = lambda _: Estimate(),
) -> Estimate:
    """Return the cost of the issues that are read first, and of all others if these have too few rows (see `gather`).

    Args:
        jira: the client of the action.
        jql: the query, not confined yet.
        fields: what to ask Jira for.
        max_rows: how many rows at most.
        besides: what is read of so many issues beside themselves.
    """
    first, *others = (
        seen.estimate + besides(seen.issues) for seen in forecast_batches(jira, jql, fields, batch_sizes(max_rows))
    )
    return sum((other.if_needed for other in others), start=first)


def _changelogs(issues: int) -> Estimate:
    """Return the cost of a page of changes for each thousand issues."""
    calls = math.ceil(issues / ISSUES_PER_CALL)
    return Estimate(calls, calls * answer_points(FETCH_CHANGELOGS, {}))


def _fields(jira: JiraClient) -> Estimate:
    """Return the cost of the site's list of fields, where it is not known."""
    return Estimate() if jira.has_catalogue else Estimate(1, answer_points(LIST_FIELDS, []))
