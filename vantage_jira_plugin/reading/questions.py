"""What is asked about a search beside its pages: how many issues, and when created. Nothing is decided here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vantage_jira_plugin.errors import HttpError
from vantage_jira_plugin.operations import BULK_FETCH_ISSUES, COUNT_ISSUES, SEARCH_ISSUES

from .slices import Slice, created_minute

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vantage_jira_plugin.client import JiraClient

    from .query import Query

__all__ = ["Questions"]


class Questions:
    """Asks one question with one request; several threads at once. Points are set aside meanwhile."""

    def __init__(self, jira: JiraClient, query: Query) -> None:
        self._jira = jira
        self._query = query

    def count(self, part: Slice) -> int:
        """Return how many issues Jira counts in a slice, approximately.

        Source: POST /rest/api/3/search/approximate-count
        """
        with self._jira.rows_reserved(0):
            count: int = self._jira.call(COUNT_ISSUES, body={"jql": self._query.jql(part, "")})["count"]
        return count

    def end(self, *, newest: bool) -> tuple[int | None, str]:
        """Return in which minute the newest or oldest issue was created, None where there is none, and its id."""
        body = {
            "jql": self._query.jql(Slice(), f"ORDER BY created {'DESC' if newest else 'ASC'}"),
            "fields": ["created"],
            "maxResults": 1,
        }
        with self._jira.rows_reserved(1):
            issues = self._jira.call(SEARCH_ISSUES, body=body)["issues"]
        return (created_minute(issues[0]), str(issues[0].get("id"))) if issues else (None, "")

    def created(self, ids: Sequence[str]) -> list[tuple[int, int]]:
        """Return id and minute of creation of those issues that are there to be seen.

        Nothing where Jira refuses it or the points that are left do not do: pulls go on without.
        """
        body = {"issueIdsOrKeys": list(ids), "fields": ["created"]}
        with self._jira.rows_reserved(len(ids)) as afforded:
            if afforded < len(ids):
                return []
            try:
                issues = self._jira.call(BULK_FETCH_ISSUES, body=body)["issues"]
            except HttpError:
                return []
        found = ((str(issue.get("id")), created_minute(issue)) for issue in issues if isinstance(issue, dict))
        return [(int(issue_id), minute) for issue_id, minute in found if minute is not None and issue_id.isdecimal()]
