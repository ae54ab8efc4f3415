"""What was changed on many issues, read side by side. It knows paging, not what a change means."""

from __future__ import annotations

from http import HTTPStatus
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from vantage_jira_plugin.errors import JiraUnavailableError
from vantage_jira_plugin.operations import FETCH_CHANGELOGS

from .crew import side_by_side

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from vantage_jira_plugin.client import JiraClient

__all__ = ["ISSUES_PER_CALL", "MAX_FIELD_IDS", "Changelog", "read_changelogs"]

#: Most issues of one call, most fields that it may be restricted to, most change histories on a page.
#: Source: OpenAPI file, schema BulkChangelogRequestBean.
ISSUES_PER_CALL = 1000
MAX_FIELD_IDS = 10
_PAGE_SIZE = 10_000
#: So many pages in a row without a change, and still not the last, are a fault of the server.
_MAX_EMPTY_PAGES = 10


class Changelog(NamedTuple):
    """The change histories of an issue.

    Attributes:
        issue_id: whose they are.
        histories: oldest first.
        one_page: whether they came in one answer. Of an issue that went while pages were read, later changes are
            missing, since pages have the changes of all issues in the order of their times.
    """

    issue_id: str
    histories: list[dict[str, Any]]
    one_page: bool


def read_changelogs(jira: JiraClient, issue_ids: Iterable[str], field_ids: Sequence[str] = ()) -> Iterator[Changelog]:
    """Yield each issue's change histories, in the order of the ids given.

    An issue without changes, and one that is not there any more or not to be seen, has none: Jira does not tell these
    apart (see `presence`). Every issue that stays has all its changes, or reading fails: there is no short answer.

    Shape of a history: `{"id", "author"?: user, "created": ISO 8601 or epoch, "items": [{"field", "fieldId"?, "from",
    "fromString", "to", "toString"}]}`.

    Args:
        jira: the client of the action.
        issue_ids: ids, not keys: answers name issues by id alone.
        field_ids: at most ten; only changes of these are read. Some fields' changes have no `fieldId` (Link,
            IssueParentAssociation), and are only found where this is empty.

    Raises:
        JiraUnavailableError: Jira's pages lead nowhere: a token came twice, or page after page is empty.

    Source: POST /rest/api/3/changelog/bulkfetch
    """
    wanted = iter(dict.fromkeys(issue_ids))
    chunks = iter(lambda: list(islice(wanted, ISSUES_PER_CALL)), [])
    for read in side_by_side(jira, lambda chunk: _chunk(jira, chunk, field_ids), chunks):
        yield from read


def _chunk(jira: JiraClient, issue_ids: list[str], field_ids: Sequence[str]) -> list[Changelog]:
    """Return the histories of up to a thousand issues; one issue's may be spread over several pages."""
    found: dict[str, list[dict[str, Any]]] = {issue_id: [] for issue_id in issue_ids}
    body: dict[str, Any] = {"issueIdsOrKeys": issue_ids, "maxResults": _PAGE_SIZE}
    if field_ids:
        body["fieldIds"] = list(field_ids)
    tokens: set[str] = set()
    empty = 0
    while True:
        with jira.rows_reserved(0):
            data = jira.call(FETCH_CHANGELOGS, body=body)
        empty = 0 if _file(data["issueChangeLogs"], found) else empty + 1
        token = data.get("nextPageToken")  # null or absent on the last page, and there is no isLast
        if not token:
            return [Changelog(issue_id, _once(histories), not tokens) for issue_id, histories in found.items()]
        if not isinstance(token, str):
            raise _not_jiras("a page token that is no text")
        if token in tokens:
            raise _not_jiras("a page token that came before")
        if empty >= _MAX_EMPTY_PAGES:
            raise _not_jiras(f"{empty} empty pages in a row")
        tokens.add(token)
        body = {**body, "nextPageToken": token}


def _file(logs: Iterable[Any], found: dict[str, list[dict[str, Any]]]) -> bool:
    """Put the histories of one page to their issues, and tell whether there were any.

    Shape: `[{"issueId", "changeHistories": [history]}]`.
    """
    some = False
    for log in logs:
        histories = found.get(str(log.get("issueId"))) if isinstance(log, dict) else None
        if histories is None:
            raise _not_jiras("changes of an issue that was not asked for")
        more = [history for history in log.get("changeHistories") or () if isinstance(history, dict)]
        histories += more
        some = some or bool(more)
    return some


def _once(histories: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the histories, each once: a page may begin with what ended the one before."""
    return list({history.get("id", place): history for place, history in enumerate(histories)}.values())


def _not_jiras(what: str) -> JiraUnavailableError:
    return JiraUnavailableError(
        f"could not {FETCH_CHANGELOGS.does}: Jira answered with {what}",
        status=HTTPStatus.OK.value,
        method=FETCH_CHANGELOGS.method,
        path=FETCH_CHANGELOGS.template,
        hint="Something between here and Jira may answer in its place; try again later.",
    )
