"""What Jira answers of single issues and projects that a count leaves in doubt. It decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.errors import JiraInvalidError, NotFoundError
from vantage_jira_plugin.jql import confined
from vantage_jira_plugin.operations import SEARCH_ISSUES, SEARCH_PROJECTS
from vantage_jira_plugin.reading.chain import TokenChain
from vantage_jira_plugin.reading.fetched import Pieces
from vantage_jira_plugin.reading.pages import offset_pages

from .items import identity
from .queries import picked_query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vantage_jira_plugin.client import JiraClient

__all__ = ["matching_ids", "project_states"]

#: Issues of one search that are looked at beside its index.
#: Source: OpenAPI file, POST search/jql, reconcileIssues.
_RECONCILED = 50
#: Projects that one search may name. Source: OpenAPI file, GET project/search, keys.
_NAMED_PROJECTS = 50
#: What a project may be. Source: same place, status (experimental).
_PROJECT_STATES = ("live", "archived", "deleted")


def matching_ids(jira: JiraClient, clauses: str, ids: Sequence[int]) -> tuple[set[int], str | None]:
    """Return those of these issues that the query finds as they are now, whatever its index knows, and why not all.

    Where Jira cannot tell, all issues of that search count as found, and the next count sees: an issue that went
    between two requests makes it refuse the query, and it may end a list early or warn that something lacks.

    Source: POST /rest/api/3/search/jql, reconcileIssues
    """

    def search(some: Sequence[int]) -> set[int]:
        body = {
            "jql": confined(picked_query(clauses, some), jira.settings.allowed_projects),
            "fields": ["key"],
            "reconcileIssues": list(some),
        }
        chain = TokenChain(SEARCH_ISSUES)
        found: set[int] = set()
        while True:
            try:
                page = chain.next(jira, body, len(some))
            except JiraInvalidError:
                return set(some)
            if page.warned or page.trouble is not None:
                return set(some)
            found.update(identity(issue)[0] for issue in page.items)
            if page.last:
                return found

    pieces = Pieces(jira, ids, _RECONCILED)
    return {issue_id for page in pieces.answers(search) for issue_id in page}, pieces.stopped


def project_states(jira: JiraClient, keys: Sequence[str]) -> tuple[dict[str, str], str | None]:
    """Return what the projects of these keys are, as far as they are to be seen, and why not all were asked for.

    Source: GET /rest/api/3/project/search, which answers 404 where it finds none.
    """

    def search(some: Sequence[str]) -> list[Mapping[str, Any]]:
        query = {"keys": list(some), "status": list(_PROJECT_STATES)}
        pages = offset_pages(jira, SEARCH_PROJECTS, query=query, values="values", page_size=_NAMED_PROJECTS)
        try:
            return [project for page in pages for project in page.items]
        except NotFoundError:
            return []

    pieces = Pieces(jira, keys, _NAMED_PROJECTS)
    found = [project for page in pieces.answers(search) for project in page]
    return {str(project.get("key")): _state_of(project) for project in found}, pieces.stopped


def _state_of(project: Mapping[str, Any]) -> str:
    """Return what a project says that it is: `{"key", "archived"?, "deleted"?}`, true where it is so."""
    return next((name for name in _PROJECT_STATES[1:] if project.get(name) is True), _PROJECT_STATES[0])
