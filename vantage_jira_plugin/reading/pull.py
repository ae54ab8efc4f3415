"""All issues that a query finds, whole or with the reason why not. It knows paging, not what is made of an issue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from vantage_jira_plugin.jql import confined
from vantage_jira_plugin.operations import SEARCH_ISSUES

from .pages import take, token_pages

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from vantage_jira_plugin.client import JiraClient

__all__ = ["Pulled", "pull"]

_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True)
class Pulled(Generic[_Made]):
    """What was made of the issues, in the query's order, and why they are not all (None where they are)."""

    items: list[_Made]
    incomplete_reason: str | None
    next_page_token: str | None


def pull(
    jira: JiraClient,
    jql: str,
    fields: Sequence[str],
    *,
    max_rows: int,
    make: Callable[[dict[str, Any]], _Made],
    next_page_token: str | None = None,
) -> Pulled[_Made]:
    """Read the issues that a query finds, confined to the projects that the settings allow, each once.

    Args:
        jira: the client of the action.
        jql: the query; it may name an order.
        fields: what to ask Jira for: ids, or wildcards.
        max_rows: how many issues at most.
        make: makes of Jira's JSON of an issue what is kept of it; called in the threads that read.
        next_page_token: where an earlier call with the same query stopped.

    Raises:
        JiraInvalidError: Jira does not understand the query.
    """
    allowed = jira.settings.allowed_projects
    fresh = jira.fresh_issue_ids(next_page_token)
    body = {
        "jql": confined(jql, allowed),
        "fields": list(fields),
        **({"reconcileIssues": fresh} if fresh else {}),
    }
    pages = token_pages(
        jira, SEARCH_ISSUES, body=body, values="issues", next_page_token=next_page_token, max_rows=max_rows
    )
    taken = take(
        jira,
        pages,
        max_rows=max_rows,
        keep=lambda issue: allowed is None or str(issue.get("key")).rpartition("-")[0] in allowed,
    )
    jira.keep_issue_ids(taken.next_page_token, fresh)
    return Pulled([make(issue) for issue in taken.items], taken.incomplete_reason, taken.next_page_token)
