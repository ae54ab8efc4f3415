"""Which issues are still there once their changelogs were read. What a change means is not known here.

Jira answers of an issue that has no changes and of one that was deleted or hidden since it was found alike: with
nothing. The second would look as if nobody had ever touched it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from .changelogs import read_changelogs
from .fetched import fetched_issues
from .sizes import LEAN_ISSUES
from .values import utc_datetime

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vantage_jira_plugin.client import JiraClient

    from .changelogs import Changelog

__all__ = ["CREATION_SECONDS", "TIME_FIELDS", "Presence", "is_doubted", "presence", "seconds_of"]

#: An issue that was updated so soon after it was created was not touched since: Jira sets both times at once, and what
#: happened within a second of its creation is nothing that matters.
CREATION_SECONDS = 1
#: What a search is to tell of issues that may be doubted.
TIME_FIELDS = ("created", "updated")
#: One plain field, so that a thousand issues come at once. Source: see `LEAN_ISSUES`.
_FIELDS = ("updated",)


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


def is_doubted(changelog: Changelog, created_at: float | None, updated_at: float | None) -> bool:
    """Tell whether an issue may have gone before its changelog was read, or while it was read page by page.

    It may where there is no change, or its changes were on a list of several pages, and it was updated since the last.

    Args:
        changelog: of the issue; of a list of several pages, those of all its fields.
        created_at: when it was created, epoch seconds; None where the search does not tell.
        updated_at: when it was updated last, as the search tells.
    """
    if changelog.histories and changelog.one_page:
        return False
    last_at = seconds_of(changelog.histories[-1].get("created")) if changelog.histories else created_at
    return last_at is None or updated_at is None or updated_at > last_at + CREATION_SECONDS


def presence(jira: JiraClient, ids: Sequence[str], *, all_changes_read: bool = False) -> Presence:
    """Return which of these issues are gone.

    Whatever has changes of any field is there, which costs a point for a thousand issues; the others are asked for at a
    point each, as far as points and time last.

    Args:
        jira: the client of the action.
        ids: of issues.
        all_changes_read: whether the changes of all fields were read before, so that they tell nothing new.

    Source: POST /rest/api/3/changelog/bulkfetch, POST /rest/api/3/issue/bulkfetch
    """
    silent = [*ids] if all_changes_read else [one.issue_id for one in read_changelogs(jira, ids) if not one.histories]
    if not silent:
        return Presence()
    asked = _numbers(silent[: jira.rows_afforded(len(silent))])
    fetched = fetched_issues(jira, asked, _FIELDS, LEAN_ISSUES)
    there = {str(issue.get("id")) for issue in fetched.issues}
    failed = {str(issue_id) for issue_id in fetched.failed}
    left = frozenset(silent) - there
    if fetched.stopped is not None:  # which were asked for is not known
        return Presence(unknown=left, why_unknown=fetched.stopped)
    gone = frozenset(map(str, asked)) - there - failed
    unknown = left - gone
    short = len(asked) < len(silent)
    return Presence(gone, unknown, ("points" if short else "issues_unanswered") if unknown else None)


def seconds_of(moment: object) -> float | None:
    """Return a moment as Jira writes it as epoch seconds; None for what is none."""
    text = utc_datetime(moment)
    return None if text is None else datetime.fromisoformat(text).timestamp()


def _numbers(ids: Iterable[str]) -> list[int]:
    return [int(issue_id) for issue_id in ids if issue_id.isdecimal()]
