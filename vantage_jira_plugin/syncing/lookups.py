"""What Jira answers of single issues and projects that a count leaves in doubt. It decides nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from vantage_jira_plugin.errors import JiraInvalidError, NotFoundError, RateLimitedError
from vantage_jira_plugin.jql import confined
from vantage_jira_plugin.operations import BULK_FETCH_ISSUES, SEARCH_ISSUES, SEARCH_PROJECTS
from vantage_jira_plugin.reading.chain import TokenChain
from vantage_jira_plugin.reading.crew import side_by_side
from vantage_jira_plugin.reading.pages import objects_of, offset_pages

from .items import identity
from .queries import picked_query

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from vantage_jira_plugin.client import JiraClient

__all__ = ["LEAN_FETCH", "RICH_FETCH", "Fetched", "fetched_issues", "matching_ids", "project_states", "told_limit"]

#: Issues of one bulk fetch: with a few plain fields, and with any.
#: Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/, "Bulk fetch issues".
LEAN_FETCH, RICH_FETCH = 1000, 100
#: Issues of one search that are looked at beside its index.
#: Source: OpenAPI file, POST search/jql, reconcileIssues.
_RECONCILED = 50
#: Projects that one search may name. Source: OpenAPI file, GET project/search, keys.
_NAMED_PROJECTS = 50
#: What a project may be. Source: same place, status (experimental).
_PROJECT_STATES = ("live", "archived", "deleted")

#: What Jira could not answer is asked for once more, in so many times smaller pieces.
_SMALLER = 10

_One = TypeVar("_One")
_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Fetched:
    """What Jira answers of issues.

    Attributes:
        issues: those that are there and visible.
        failed: ids of which it says that it could not answer them: they may be there or not.
        stopped: why not all were asked for, or None.
    """

    issues: list[dict[str, Any]] = field(repr=False)
    failed: set[int]
    stopped: str | None


def fetched_issues(jira: JiraClient, ids: Sequence[int], fields: Sequence[str], size: int) -> Fetched:
    """Return the issues of these ids; those that Jira could not answer are asked for twice.

    Source: POST /rest/api/3/issue/bulkfetch, which leaves out what is gone or hidden, and names in `issueErrors` what
    it could not answer for the moment, or because the answer was too large.
    """
    first = _fetched(jira, ids, fields, size)
    if first.stopped is not None or not first.failed:
        return first
    again = _fetched(jira, sorted(first.failed), fields, max(1, size // _SMALLER))
    return Fetched(first.issues + again.issues, again.failed, again.stopped)


def _fetched(jira: JiraClient, ids: Sequence[int], fields: Sequence[str], size: int) -> Fetched:
    def fetch(some: Sequence[int]) -> tuple[list[dict[str, Any]], set[int]]:
        body = {"issueIdsOrKeys": [str(issue_id) for issue_id in some], "fields": list(fields)}
        data = jira.call(BULK_FETCH_ISSUES, body=body)
        return objects_of(BULK_FETCH_ISSUES, data, "issues"), _failed(data.get("issueErrors"), some)

    asked = _Asked(jira, ids, size)
    pages = asked.answers(fetch)
    issues = [issue for found, _ in pages for issue in found]
    failed = {issue_id for _, ids_of_page in pages for issue_id in ids_of_page}
    return Fetched(issues, failed, asked.stopped)


def _failed(errors: object, asked: Collection[int]) -> set[int]:
    """Return the ids in `[{"id", "errorMessage"}]`; all that were asked for where an error names none of them."""
    failed: set[int] = set()
    for error in errors if isinstance(errors, list) else [errors] if errors else ():
        named = str(error.get("id")) if isinstance(error, dict) else ""
        failed |= {issue_id for issue_id in asked if str(issue_id) == named} or set(asked)
    return failed


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

    asked = _Asked(jira, ids, _RECONCILED)
    return {issue_id for page in asked.answers(search) for issue_id in page}, asked.stopped


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

    asked = _Asked(jira, keys, _NAMED_PROJECTS)
    found = [project for page in asked.answers(search) for project in page]
    return {str(project.get("key")): _state_of(project) for project in found}, asked.stopped


class _Asked:
    """Pieces of what is asked for, as long as time, points and Jira's limits last.

    Attributes:
        stopped: why not all pieces were asked for, or None.
    """

    def __init__(self, jira: JiraClient, wanted: Sequence[_One], size: int) -> None:
        self._jira = jira
        self._wanted = wanted
        self._size = size
        self.stopped: str | None = None

    def answers(self, function: Callable[[Any], _Answer]) -> list[_Answer]:
        """Return what a function, called side by side, answers of each piece."""
        found = []
        try:
            for answer in side_by_side(self._jira, function, self._pieces()):
                found.append(answer)  # noqa: PERF402 - what came before a limit is kept
        except RateLimitedError as error:
            self.stopped = told_limit(self._jira, error)
        return found

    def _pieces(self) -> Iterator[Any]:
        for begin in range(0, len(self._wanted), self._size):
            self.stopped = self._jira.why_stop()
            if self.stopped is not None:
                return
            yield self._wanted[begin : begin + self._size]


def told_limit(jira: JiraClient, error: RateLimitedError) -> str:
    """Warn that Jira lets this call read no further, and return the reason why it is not whole."""
    jira.warnings.append(str(error))
    return "rate_limited"


def _state_of(project: Mapping[str, Any]) -> str:
    """Return what a project says that it is: `{"key", "archived"?, "deleted"?}`, true where it is so."""
    return next((name for name in _PROJECT_STATES[1:] if project.get(name) is True), _PROJECT_STATES[0])
