"""What an issue tells of issues in other projects, where the settings allow only some. No HTTP, no rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .shapes import key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["confined_issue", "confined_link"]

#: What a link calls the other issue.
_ENDS = frozenset({"outwardIssue", "inwardIssue"})
#: Fields that hold other issues.
_PARENT, _SUBTASKS, _LINKS = "parent", "subtasks", "issuelinks"


def confined_issue(issue: Mapping[str, Any], may_tell: Callable[[str], bool]) -> dict[str, Any]:
    """Return an issue whose parent, sub-tasks and links tell of issues that are not allowed but their key and id.

    Args:
        issue: Jira's JSON of it.
        may_tell: whether what an issue of a project is about may be told, by the project's key.
    """
    fields = issue.get("fields")
    if not isinstance(fields, dict):
        return dict(issue)
    told = dict(fields)
    if _PARENT in told:
        told[_PARENT] = _reference(told[_PARENT], may_tell)
    if isinstance(told.get(_SUBTASKS), list):
        told[_SUBTASKS] = [_reference(subtask, may_tell) for subtask in told[_SUBTASKS]]
    if isinstance(told.get(_LINKS), list):
        told[_LINKS] = [confined_link(link, may_tell) for link in told[_LINKS] if isinstance(link, dict)]
    return {**issue, "fields": told}


def confined_link(link: Mapping[str, Any], may_tell: Callable[[str], bool]) -> dict[str, Any]:
    """Return an issue link that tells of an issue that is not allowed nothing but its key and id."""
    return {name: _reference(value, may_tell) if name in _ENDS else value for name, value in link.items()}


def _reference(issue: object, may_tell: Callable[[str], bool]) -> object:
    key = key_of(issue)
    if not isinstance(issue, dict) or (key is not None and may_tell(key.rpartition("-")[0])):
        return issue
    return {name: value for name, value in issue.items() if name in {"id", "key"}}
