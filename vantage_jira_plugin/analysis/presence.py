"""Whether a history may lack changes, as of an issue that went while it was read. It asks nothing of Jira."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vantage_jira_plugin.reading.presence import CREATION_SECONDS

if TYPE_CHECKING:
    from .history import IssueHistory

__all__ = ["may_lack_changes"]

_STATUS = "status"


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
    return not issue.changes and (updated_at is None or updated_at > issue.created_at + CREATION_SECONDS)
