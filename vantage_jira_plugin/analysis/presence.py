"""Which issues are still there once their changelogs were read. What a history says is not known here.

Jira answers of an issue that has no changes and of one that was deleted or hidden since it was found alike: with
nothing. The second would look as if it had never moved.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vantage_jira_plugin.reading.changelogs import read_changelogs
from vantage_jira_plugin.syncing.lookups import LEAN_FETCH, fetched_issues

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vantage_jira_plugin.client import JiraClient

    from .history import IssueHistory

__all__ = ["Presence", "may_lack_changes", "presence"]

#: An issue that was updated so soon after it was created has not moved since: Jira sets both times at once, and what
#: happened within a second of its creation is no stay that matters.
_CREATION_SECONDS = 1
#: One plain field, so that a thousand issues come at once. Source: see `LEAN_FETCH`.
_FIELDS = ("updated",)
_STATUS = "status"


@dataclass(frozen=True, slots=True)
class Presence:
    """What Jira answers of issues in doubt.

    Attributes:
        gone: ids of those that it does not answer any more.
        unknown: ids of those of which nobody can tell.
        why_unknown: why not, as a table's reason for being incomplete; None where there are none.
    """

    gone: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()
    why_unknown: str | None = None


def may_lack_changes(issue: IssueHistory, updated_at: float | None) -> bool:
    """Tell whether changes of an issue may be missing in its history.

    That is so where there are none although it was updated after its creation, and where they lead to another status
    than it has, as when it went while its changelog was read page by page.

    Args:
        issue: its history.
        updated_at: when it was updated last as the search knows, epoch seconds; None where it does not tell.
    """
    moves = [change for change in issue.changes if (change.field_id or change.field) == _STATUS]
    if moves:
        status = issue.fields.get("status")
        own = status.get("id") if isinstance(status, dict) else None
        return own is not None and moves[-1].to_id != str(own)
    return not issue.changes and (updated_at is None or updated_at > issue.created_at + _CREATION_SECONDS)


def presence(jira: JiraClient, ids: Sequence[str]) -> Presence:
    """Return which of these issues are gone.

    Whatever has changes of any field is there, which costs a point for a thousand issues; the others are asked for at a
    point each, as far as points and time last.

    Source: POST /rest/api/3/changelog/bulkfetch, POST /rest/api/3/issue/bulkfetch
    """
    silent = [issue_id for issue_id, histories in read_changelogs(jira, ids) if not histories]
    if not silent:
        return Presence()
    asked = _numbers(silent[: jira.rows_afforded(len(silent))])
    fetched = fetched_issues(jira, asked, _FIELDS, LEAN_FETCH)
    there = {str(issue.get("id")) for issue in fetched.issues}
    failed = {str(issue_id) for issue_id in fetched.failed}
    left = frozenset(silent) - there
    if fetched.stopped is not None:  # which were asked for is not known
        return Presence(unknown=left, why_unknown=fetched.stopped)
    gone = frozenset(map(str, asked)) - there - failed
    unknown = left - gone
    short = len(asked) < len(silent)
    return Presence(gone, unknown, ("points" if short else "issues_unanswered") if unknown else None)


def _numbers(ids: Iterable[str]) -> list[int]:
    return [int(issue_id) for issue_id in ids if issue_id.isdecimal()]
