"""The catalogue of actions, composed from one module per Jira resource. No logic beside looking one up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vantage_jira_plugin.errors import UnknownActionError
from vantage_jira_plugin.schemas import nearest

from . import (
    aging,
    attachments,
    changelog,
    comments,
    exports,
    flow,
    issues,
    login,
    parts,
    planning,
    projects,
    relations,
    reports,
    search,
    sites,
    sync,
    users,
    worklogs,
)

if TYPE_CHECKING:
    from ._action import Action

__all__ = ["ACTIONS", "find_action"]

ACTIONS: dict[str, Action] = {
    action.name: action
    for group in (
        sites.group,
        projects.group,
        issues.group,
        comments.group,
        worklogs.group,
        attachments.group,
        search.group,
        exports.group,
        sync.group,
        parts.group,
        changelog.group,
        relations.group,
        users.group,
        flow.group,
        aging.group,
        reports.group,
        planning.group,
        login.group,
    )
    for action in group.actions
}


def find_action(name: str) -> Action:
    """Return the action of that name.

    Raises:
        UnknownActionError: there is none; names the nearest.
    """
    try:
        return ACTIONS[name]
    except (KeyError, TypeError):
        raise UnknownActionError(f"there is no action {str(name)[:100]!r}; {nearest(name, ACTIONS)}") from None
